import type { ProviderStatus } from '@spartan/abi'
import type { ReasonCode } from '@spartan/errors'
import type { Metrics } from '../telemetry/metrics.ts'
import { wallClockSeconds } from './clock.ts'
import type { ActiveKeyset } from './keysets.ts'
import type { Chain, ProviderRecord } from './ports.ts'

export interface ReadinessOptions {
  readonly chain: Chain
  readonly providerId: `0x${string}`
  readonly maxHeadAgeSeconds: number
  readonly maxClockSkewSeconds: number
  readonly pollSeconds: number
  readonly metrics: Metrics
  readonly observeBlockTime: (seconds: number) => void
  /** Unix seconds. */
  readonly wall?: () => number
}

/** Whether the node may serve, and why not. */
export interface Readiness {
  /** Looks at the chain once. Never throws: what cannot be read is an objection. */
  check(active: ActiveKeyset | undefined): Promise<void>
  /** Every reason not to serve, none when ready. */
  objections(): readonly ReasonCode[]
  /** An objection of the process itself: loading, draining, a journal behind the chain. */
  set(code: ReasonCode, on: boolean): void
  /** Registry record of the last good look. */
  record(): ProviderRecord | undefined
}

/** In these the open channels are served; new ones are refused by the escrow. */
const SERVING: ReadonlySet<ProviderStatus> = new Set<ProviderStatus>(['Active', 'Grace', 'Draining'])

const STATUS_CODES: Readonly<Record<ProviderStatus, ReasonCode>> = {
  None: 'REGISTRY_PROVIDER_UNKNOWN',
  Active: 'NODE_NOT_READY',
  Grace: 'NODE_NOT_READY',
  Expired: 'REGISTRY_PROVIDER_EXPIRED',
  Revoked: 'REGISTRY_PROVIDER_REVOKED',
  Draining: 'NODE_NOT_READY',
}

/** A look older than this many polls no longer counts. */
const STALE_POLLS = 3

/** Watches the registry and the chain. Fails closed: before the first good look the node is not ready. */
export function createReadiness(options: ReadinessOptions): Readiness {
  const wall = options.wall ?? wallClockSeconds
  const own = new Set<ReasonCode>()
  let seen: readonly ReasonCode[] = ['NODE_NOT_READY']
  let lookedAt = 0
  let started = 0
  let applied = 0
  let record: ProviderRecord | undefined

  const objections = () => {
    const stale = wall() - lookedAt > STALE_POLLS * options.pollSeconds + 30
    const all = new Set<ReasonCode>([...own, ...seen, ...(stale ? (['NODE_CHAIN_UNREACHABLE'] as const) : [])])
    options.metrics.ready.set(all.size === 0 ? 1 : 0)
    return [...all]
  }

  return {
    objections,
    record: () => record,
    set: (code, on) => {
      if (on) own.add(code)
      else own.delete(code)
    },
    check: async (active) => {
      started += 1
      const order = started
      const result = await look(options, active, wall()).catch(() => undefined)
      // Looks may overlap; one that began before another that is done knows less.
      if (order < applied) return
      applied = order
      seen = result?.codes ?? ['NODE_CHAIN_UNREACHABLE']
      if (result !== undefined) {
        record = result.found
        lookedAt = wall()
      }
      objections()
    },
  }
}

async function look(options: ReadinessOptions, active: ActiveKeyset | undefined, now: number) {
  const { chain, metrics } = options
  const [head, status] = await Promise.all([chain.head(), chain.providerStatus(options.providerId)])
  const codes: ReasonCode[] = []
  const age = now - head.timestamp
  metrics.chainHeadAge.set(age)
  if (age > options.maxHeadAgeSeconds) codes.push('NODE_CHAIN_LAGGING')
  if (-age > options.maxClockSkewSeconds) codes.push('NODE_CLOCK_SKEWED')
  else options.observeBlockTime(head.timestamp)
  if (!SERVING.has(status)) codes.push(STATUS_CODES[status])
  const found = status === 'None' ? undefined : await chain.providerRecord(options.providerId)
  metrics.attestationSecondsLeft.set(found === undefined ? 0 : found.activeUntil - now)
  if (active === undefined || found === undefined) codes.push('NODE_NOT_READY')
  else if (found.epoch !== active.keyset.epoch || found.keysetDigest !== active.digest)
    codes.push('REGISTRY_EPOCH_UNKNOWN')
  return { codes, found }
}
