import { encodeTdxEvidence } from '@spartan/abi'
import { BaseError, type ReasonCode } from '@spartan/errors'
import { reportData } from '@spartan/protocol'
import { type Hex, hexToBytes, keccak256 } from 'viem'
import { AttesterError, ChainError } from '../errors.ts'
import type { Log } from '../telemetry/log.ts'
import { type ActiveKeyset, CHALLENGE_BLOCKS, freshChallenge, type KeysetOptions, mayHaveBeenSent } from './keysets.ts'
import type { ProviderRecord, RenewalPreview } from './ports.ts'

/** What a node that holds registered keys has to do now. `register`: new keys and a new epoch; `renew`: the same, for longer. */
export type NextStep = 'nothing' | 'renew' | 'register'

export interface Standing {
  readonly active: ActiveKeyset | undefined
  /** Of the last look; undefined when the registry has none. */
  readonly record: ProviderRecord | undefined
  readonly objections: readonly ReasonCode[]
  /** New keys were asked for. */
  readonly newKeys: boolean
  /** Unix seconds. */
  readonly now: number
  /** Unix seconds at which the end that the record names now was first seen. */
  readonly seenAt: number
  readonly renewBeforeSeconds: number
  readonly renewEverySeconds: number
}

/** Whether others may soon take the machine over: the registry keeps them off it for a day after the newest evidence. */
function isClaimAging({ platformId, attestedAt }: ProviderRecord, now: number, renewEverySeconds: number): boolean {
  return BigInt(platformId) !== 0n && now >= attestedAt + renewEverySeconds
}

/**
 * What comes next. Renews where the claim to the machine ages and before the result runs out, and makes new keys before the keys
 * do: `renewBeforeSeconds` before the end, but never earlier than in the last quarter, so that a short life is not renewed all the time.
 */
export function nextStep(standing: Standing): NextStep {
  const { active, record, objections, now, renewBeforeSeconds } = standing
  if (active === undefined || standing.newKeys) return 'register'
  // Revoked: by the owner, or because the evidence no longer verifies. An operator decides what follows.
  if (objections.includes('REGISTRY_PROVIDER_REVOKED') || objections.includes('NODE_CHAIN_UNREACHABLE'))
    return 'nothing'
  if (record === undefined || record.keysetDigest !== active.digest) return 'register'
  if (objections.includes('REGISTRY_PROVIDER_EXPIRED')) return 'register'
  const margin = (life: number) => Math.max(0, Math.min(renewBeforeSeconds, Math.floor(life / 4)))
  if (now >= record.notAfter - margin(record.notAfter - record.registeredAt)) return 'register'
  if (isClaimAging(record, now, standing.renewEverySeconds)) return 'renew'
  return now >= record.activeUntil - margin(record.activeUntil - standing.seenAt) ? 'renew' : 'nothing'
}

/** Refusals that newer evidence of the same keys cannot mend, but new keys can. */
const NEEDS_NEW_KEYS: ReadonlySet<string> = new Set<ReasonCode>([
  'REGISTRY_KEYSET_EXPIRED',
  'REGISTRY_PROVIDER_EXPIRED',
  'REGISTRY_MEASUREMENT_CHANGED',
  'REGISTRY_PLATFORM_CHANGED',
])

export function needsNewKeys(error: unknown): boolean {
  return error instanceof BaseError && NEEDS_NEW_KEYS.has(error.code)
}

/** A renewal that the registry has. */
export interface Renewed {
  /** The same keys, with the evidence that the registry holds now. */
  readonly active: ActiveKeyset
  /** Undefined when it was sent earlier and only its answer was lost. */
  readonly transactionHash: Hex | undefined
}

export interface RenewalOptions extends Pick<KeysetOptions, 'chain' | 'attester' | 'providerId'> {
  readonly renewEverySeconds: number
  /** Unix seconds, chain time. */
  readonly nowSeconds: () => number
  readonly log: Log
}

/** Renews the registered result of a keyset, one attempt at a time. */
export interface Renewal {
  /**
   * Brings newer endorsements, asks the registry what it would make of fresh evidence, and sends it if that is better.
   *
   * A renewal that may have been sent is looked for first: it is repeated only when it can no longer be mined.
   *
   * @throws {BaseError} `NODE_RENEWAL_NOTHING_GAINED`, `NODE_RENEWAL_PENDING`, the reason of the registry, `NODE_CHAIN_…`, `NODE_TEE_…`.
   */
  attempt(active: ActiveKeyset): Promise<Renewed>
  /** The same without sending: what the registry would make of it. Endorsements are not brought either. */
  preview(active: ActiveKeyset): Promise<RenewalPreview>
}

export function createRenewal(options: RenewalOptions): Renewal {
  const { chain, providerId, log, renewEverySeconds, nowSeconds } = options
  /** Sent, or about to be. */
  let sent: ActiveKeyset | undefined

  const settled = async (active: ActiveKeyset): Promise<Renewed | undefined> => {
    if (sent === undefined || sent.digest !== active.digest) return undefined
    if ((await chain.evidenceHash(providerId, active.keyset.epoch)) === evidenceHashOf(sent))
      return { active: sent, transactionHash: undefined }
    const { number } = await chain.head()
    if (number <= sent.challengeBlock + CHALLENGE_BLOCKS && (await chain.hasUnmined()))
      throw new ChainError('NODE_RENEWAL_PENDING')
    return undefined
  }

  return {
    preview: async (active) =>
      chain.previewRenewal(callOf(options, await freshEvidence(options, active)), active.keyset.notAfter),
    attempt: async (active) => {
      const earlier = await settled(active)
      sent = undefined
      if (earlier !== undefined) return earlier
      await refresh(options, active)
      const next = await freshEvidence(options, active)
      const call = callOf(options, next)
      const [record, preview] = await Promise.all([
        chain.providerRecord(providerId),
        chain.previewRenewal(call, active.keyset.notAfter),
      ])
      if (!isBetter(preview, record) && !isClaimAging(record, nowSeconds(), renewEverySeconds))
        throw nothingGained(record)
      sent = next
      try {
        const transactionHash = await chain.renew(call)
        sent = undefined
        return { active: next, transactionHash }
      } catch (error) {
        if (!mayHaveBeenSent(error)) sent = undefined
        else log.warn('renewal may have been sent', { epoch: active.keyset.epoch })
        throw error
      }
    },
  }
}

/** Brings the endorsements that would otherwise end before a new result does. */
async function refresh({ chain, attester, log }: RenewalOptions, active: ActiveKeyset): Promise<void> {
  const [endorsements, ttl, { timestamp }] = await Promise.all([
    attester.endorsements(),
    chain.attestationTtlSeconds(),
    chain.head(),
  ])
  const until = Math.min(timestamp + ttl, Number(active.keyset.notAfter))
  const uploads = await chain.refreshEndorsements(active.quote, endorsements, until)
  if (uploads.length > 0) log.info('endorsements renewed', { items: uploads.length })
}

async function freshEvidence({ chain, attester }: RenewalOptions, active: ActiveKeyset): Promise<ActiveKeyset> {
  const fresh = freshChallenge(await chain.head(), active.keyset.epoch)
  const { quote } = await attester.issue(hexToBytes(reportData(active.digest, fresh.challenge)))
  return { ...active, quote, ...fresh }
}

function callOf({ providerId }: RenewalOptions, { quote, challengeBlock }: ActiveKeyset) {
  return { providerId, quote, challengeBlock }
}

function evidenceHashOf({ quote }: ActiveKeyset): Hex {
  return keccak256(encodeTdxEvidence(quote).evidence)
}

/** Seconds. A result that ends this little later is not worth its gas. */
const LEAST_GAIN_SECONDS = 60

function isBetter(preview: RenewalPreview, record: ProviderRecord): boolean {
  return (
    preview.activeUntil >= record.activeUntil + LEAST_GAIN_SECONDS ||
    preview.tier !== record.tier ||
    preview.tcbStatus !== record.tcbStatus ||
    preview.moduleVersion !== record.moduleVersion
  )
}

function nothingGained({ activeUntil }: ProviderRecord): AttesterError {
  const until = new Date(activeUntil * 1000).toISOString()
  return new AttesterError('NODE_RENEWAL_NOTHING_GAINED', { metaMessages: [`active until ${until}`] })
}
