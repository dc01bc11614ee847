import type { ProviderStatus } from '@spartan/abi'
import { type ReasonCode, reasonOf } from '@spartan/errors'
import type { ProviderRecord } from '../services/ports.ts'

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** A span of seconds in words: `for 6 days`, `2 hours ago`. */
export function spanText(seconds: number): string {
  const size = Math.abs(seconds)
  const [name, unit] = UNITS.find(([, least]) => size >= least) ?? ['second', 1]
  const count = Math.floor(size / unit)
  const words = `${count} ${name}${count === 1 ? '' : 's'}`
  return seconds < 0 ? `${words} ago` : `for ${words}`
}

/** What `status` knows. */
export interface Situation {
  readonly status: ProviderStatus
  readonly record: Pick<ProviderRecord, 'activeUntil' | 'validUntil'> | undefined
  /** Why the registry would not let it serve its asset. */
  readonly objection: ReasonCode | undefined
  readonly running: boolean
  /** Why the running node does not serve. */
  readonly reasons: readonly string[]
  /** Unix seconds. */
  readonly now: number
}

const NEXT: Readonly<
  Record<Exclude<ProviderStatus, 'Active'>, { readonly running: string; readonly stopped: string }>
> = {
  None: {
    running: 'Read the log of the node: it has not registered yet.',
    stopped: 'Run `spartan node doctor`, then `spartan node serve`, which registers.',
  },
  Grace: {
    running: 'Run `spartan node renew`: it names what keeps the node from renewing by itself.',
    stopped: 'Run `spartan node serve`: it registers new keys.',
  },
  Expired: {
    running: 'Run `spartan node register`: it names what keeps the node from registering by itself.',
    stopped: 'Run `spartan node serve`: it registers new keys.',
  },
  Revoked: {
    running: 'Find out why (the reason stands at the asset above), then run `spartan node register`.',
    stopped: 'Find out why (the reason stands at the asset above), then run `spartan node serve`.',
  },
  Draining: {
    running: 'Nothing: open channels finish. Clear the flag on-chain, or `spartan node register`, to take new ones.',
    stopped: 'Run `spartan node serve`, so that open channels are served until they end.',
  },
}

/** What the operator does next, in one sentence. */
export function nextStepFor(situation: Situation): string {
  const { status, record, objection, running, reasons, now } = situation
  if (status !== 'Active' || record === undefined)
    return NEXT[status === 'Active' ? 'None' : status][running ? 'running' : 'stopped']
  if (!running)
    return `Run \`spartan node serve\`: the keys of a node die with it, so nobody can use this registration.`
  if (objection !== undefined) return reasonOf(objection).action
  if (reasons.includes('NODE_ASSET_KEY_NOT_RELEASED')) return reasonOf('NODE_ASSET_KEY_NOT_RELEASED').action
  if (reasons.length > 0) return 'Read the log of the node; `spartan node doctor` checks every precondition.'
  const left = record.activeUntil - now
  return left < SOON_SECONDS
    ? 'Run `spartan node renew`: the result ends soon and the node has not renewed it yet.'
    : 'Nothing: the node renews by itself.'
}

/** Long after the node has begun to try: it starts a day before the end, or in the last quarter. */
const SOON_SECONDS = 3 * 3600
