import { gpuBindingDigest, gpuNonce } from '@spartan/protocol'
import { type Hex, hexToBytes, keccak256 } from 'viem'
import { failureFields, type Log } from '../telemetry/log.ts'
import { assertGpuAccepted, type GpuSource } from './gpuEvidence.ts'
import { type ActiveKeyset, freshChallenge, mayHaveBeenSent } from './keysets.ts'
import type { BoundGpu, Chain } from './ports.ts'

export interface GpuKeeperOptions {
  readonly chain: Chain
  readonly providerId: Hex
  readonly sources: readonly GpuSource[]
  readonly renewBeforeSeconds: number
  readonly log: Log
  /** Unix seconds, chain time. */
  readonly nowSeconds: () => number
}

/** What binding one source's GPU has come to. */
export interface GpuBinding {
  readonly source: string
  readonly gpu: BoundGpu
  /** Undefined when it was sent earlier and only its answer was lost. */
  readonly transactionHash: Hex | undefined
}

/** Keeps the configured GPUs bound to the current keyset. */
export interface GpuKeeper {
  /** Binds those that are not bound to these keys, have ended on-chain or end soon. Never throws: what fails is tried again later. */
  keep(active: ActiveKeyset): Promise<void>
  /** Binds every one now. @throws {BaseError} of the first that fails. */
  bindAll(active: ActiveKeyset): Promise<readonly GpuBinding[]>
}

interface Bound {
  readonly digest: Hex
  readonly platformId: Hex
  readonly validUntil: number
  readonly since: number
  /** Bindings in a row that ended on-chain before their time. */
  readonly losses: number
}

interface Slot {
  readonly source: GpuSource
  /** Bound last, and to which keys. */
  bound?: Bound
  /** Evidence that was sent, or about to be. */
  sent?: { readonly digest: Hex; readonly evidenceHash: Hex }
  failures: number
  notBefore: number
}

/** Seconds. */
const LONGEST_PAUSE = 900
/** Seconds after a binding before it can count as lost: an endpoint may lag. Twice as long after each loss. */
const SETTLING = 60

export function createGpuKeeper(options: GpuKeeperOptions): GpuKeeper {
  const { log, nowSeconds } = options
  const slots = options.sources.map((source): Slot => ({ source, failures: 0, notBefore: 0 }))

  const bind = async (slot: Slot, active: ActiveKeyset, losses = 0): Promise<GpuBinding> => {
    const done = (await settled(options, slot, active)) ?? (await send(options, slot, active))
    const { platformId, validUntil } = done.gpu
    slot.bound = { digest: active.digest, platformId, validUntil, since: nowSeconds(), losses }
    slot.failures = 0
    log.info('GPU bound', { transactionHash: done.transactionHash, activeUntil: validUntil })
    return done
  }
  const isDue = ({ bound, notBefore }: Slot, active: ActiveKeyset, listed: Listed): boolean => {
    const now = nowSeconds()
    if (now < notBefore) return false
    if (bound === undefined || bound.digest !== active.digest || isEnding(options, bound)) return true
    const settled = bound.since + Math.min(SETTLING * 2 ** bound.losses, LONGEST_PAUSE)
    return now >= settled && isLost(bound, listed)
  }

  return {
    keep: async (active) => {
      const listed = slots.length === 0 ? undefined : await listedGpus(options)
      for (const slot of slots) {
        if (!isDue(slot, active, listed)) continue
        const { bound } = slot
        const isEarly = bound?.digest === active.digest && !isEnding(options, bound)
        try {
          await bind(slot, active, isEarly ? bound.losses + 1 : 0)
        } catch (error) {
          slot.failures += 1
          slot.notBefore = nowSeconds() + Math.min(2 ** slot.failures, LONGEST_PAUSE)
          log.warn('GPU not bound', failureFields(error))
        }
      }
    },
    bindAll: async (active) => {
      const bindings: GpuBinding[] = []
      for (const slot of slots) bindings.push(await bind(slot, active))
      return bindings
    },
  }
}

function isEnding({ nowSeconds, renewBeforeSeconds }: GpuKeeperOptions, { validUntil, since }: Bound): boolean {
  const margin = Math.min(renewBeforeSeconds, Math.floor((validUntil - since) / 4))
  return nowSeconds() >= validUntil - Math.max(0, margin)
}

/** What the registry has now; undefined when it cannot be read. */
type Listed = readonly BoundGpu[] | undefined

async function listedGpus({ chain, providerId }: GpuKeeperOptions): Promise<Listed> {
  // What cannot be read now is read at the next look; ends that are known hold until then.
  return chain.gpus(providerId).catch(() => undefined)
}

/** Whether a binding has gone or ends earlier than when it was made: taken over, invalidated, denied. */
function isLost({ platformId, validUntil }: Bound, listed: Listed): boolean {
  if (listed === undefined) return false
  const gpu = listed.find((candidate) => candidate.platformId === platformId)
  return gpu === undefined || gpu.validUntil < validUntil
}

/** A binding that may have been sent and is there. */
async function settled(options: GpuKeeperOptions, slot: Slot, active: ActiveKeyset): Promise<GpuBinding | undefined> {
  const { sent } = slot
  delete slot.sent
  if (sent === undefined || sent.digest !== active.digest) return undefined
  const gpu = await boundGpu(options, sent.evidenceHash)
  return gpu && { source: slot.source.name, gpu, transactionHash: undefined }
}

async function boundGpu({ chain, providerId }: GpuKeeperOptions, evidenceHash: Hex): Promise<BoundGpu | undefined> {
  return (await chain.gpus(providerId)).find((gpu) => gpu.evidenceHash === evidenceHash)
}

async function send(options: GpuKeeperOptions, slot: Slot, active: ActiveKeyset): Promise<GpuBinding> {
  const { chain, providerId } = options
  const { source } = slot
  const { challenge, challengeBlock } = freshChallenge(await chain.head(), active.keyset.epoch)
  const nonce = hexToBytes(gpuNonce(active.digest, challenge))
  const answer = await source.issue(nonce)
  const claims = await assertGpuAccepted(answer, nonce, options.nowSeconds(), source.simulated)
  const evidence = await chain.gpuEvidence(answer)
  const possessionSignature = await active.receiptKey.signDigest(gpuBindingDigest(active.keyset, challenge, evidence))
  const evidenceHash = keccak256(evidence)
  slot.sent = { digest: active.digest, evidenceHash }
  try {
    const platformId = keccak256(claims.platformId)
    const call = { providerId, platformId, evidence, challengeBlock, possessionSignature }
    const endsSoon = slot.bound?.digest === active.digest && isEnding(options, slot.bound)
    const transactionHash = await chain.bindGpu(call, answer, endsSoon)
    const gpu = await boundGpu(options, evidenceHash)
    if (gpu === undefined) throw new Error('the registry lists no GPU with this evidence')
    delete slot.sent
    return { source: source.name, gpu, transactionHash }
  } catch (error) {
    if (!mayHaveBeenSent(error)) delete slot.sent
    throw error
  }
}
