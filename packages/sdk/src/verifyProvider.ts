import { enumNumber, referenceValuesAbi, TEE_KINDS, WORKLOAD_STATUSES } from '@spartan/abi'
import type { CheckOutcome, TdxClaims } from '@spartan/attestation'
import { BaseError, type ReasonCode } from '@spartan/errors'
import {
  hpkeKeyDigest,
  KEM_X25519_HKDF_SHA256,
  type Keyset,
  keysetDigest,
  type OhttpContext,
  type OhttpKeyConfig,
  providerId as providerIdOf,
  reportData,
} from '@spartan/protocol'
import { bytesToHex, type Hex, keccak256 } from 'viem'
import { type Check, createCheckList } from './checks.ts'
import type { ClientContext } from './clientContext.ts'
import { read } from './contractCall.ts'
import { type ProviderListing, readProvider } from './discovery.ts'
import { SdkError } from './errors.ts'
import { appraiseEvidence } from './evidence.ts'
import { fetchAttestation, fetchKeyConfig, type NodeAttestation } from './nodeHttp.ts'

/** Every step of verifying a provider, in order. */
export const PROVIDER_CHECKS = {
  registered: 'The registry lists the provider as attested',
  challenge: 'The provider answered with evidence over our challenge',
  keyset: 'The keyset is the one in the registry',
  'keyset-valid': 'The keyset is for this chain and registry and not past its end',
  'encryption-key': 'The encryption key is the one in the keyset',
  evidence: 'The evidence is genuine and meets the policy',
  simulated: 'The evidence is of real hardware, or simulation was allowed by name',
  binding: 'REPORTDATA binds this keyset and our challenge',
  measurement: 'The measurement is the one registered',
  workload: 'The measured workload is an active reference value',
  platform: 'The platform is the one registered',
} as const
export type ProviderCheckId = keyof typeof PROVIDER_CHECKS

/** A provider whose evidence this client has verified itself. */
export interface VerifiedProvider {
  readonly providerId: Hex
  readonly listing: ProviderListing
  readonly endpoint: string
  readonly keyset: Keyset
  readonly encryptionKey: OhttpKeyConfig
  readonly ohttpContext: OhttpContext
  readonly claims: TdxClaims
  /** Unix seconds. */
  readonly verifiedAt: number
}

/** Outcome with every step; the provider exists only on the accepting side. */
export type ProviderVerification =
  | {
      readonly verdict: 'accepted'
      readonly provider: VerifiedProvider
      readonly checks: readonly Check<ProviderCheckId>[]
      readonly evidenceChecks: readonly CheckOutcome[]
    }
  | {
      readonly verdict: 'refused'
      readonly reasonCode: ReasonCode
      /** The error that says why, with its values. */
      readonly error: BaseError
      readonly checks: readonly Check<ProviderCheckId>[]
      readonly evidenceChecks: readonly CheckOutcome[]
    }

/**
 * Verifies a provider (RFC 9334, background check, compared with the passport on-chain).
 *
 * Proves: at this moment a genuine TEE with an accepted workload answered our random challenge, and the encryption key and
 * the receipt signer were made in it and are those in the registry.
 * Does not prove: that the machine's owner has not extracted keys by physical attack, or that the model's output is good.
 */
export async function verifyProvider(context: ClientContext, providerId: Hex): Promise<ProviderVerification> {
  const list = createCheckList(PROVIDER_CHECKS)
  let evidenceChecks: readonly CheckOutcome[] = []
  const keepChecks = (checks: readonly CheckOutcome[]) => {
    evidenceChecks = checks
  }
  try {
    const provider = await runChecks(context, providerId, list, keepChecks)
    return { verdict: 'accepted', provider, checks: list.outcomes(), evidenceChecks }
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return { verdict: 'refused', reasonCode: error.code, error, checks: list.outcomes(), evidenceChecks }
  }
}

type ProviderCheckList = ReturnType<typeof createCheckList<ProviderCheckId>>

async function runChecks(
  context: ClientContext,
  providerId: Hex,
  list: ProviderCheckList,
  keepChecks: (checks: readonly CheckOutcome[]) => void,
): Promise<VerifiedProvider> {
  const listing = await list.run('registered', () => attestedListing(context, providerId), showListing)
  const { endpoint } = listing.record
  const challenge = bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
  const answer = await list.run(
    'challenge',
    () => challengedAttestation(context, endpoint, challenge),
    () => ({ challenge }),
  )
  await list.run(
    'keyset',
    () => assertKeyset(listing, answer.keyset),
    (digest) => ({ keysetDigest: digest }),
  )
  await list.run('keyset-valid', () => assertKeysetValid(context, answer.keyset))
  const encryptionKey = await list.run(
    'encryption-key',
    () => encryptionKeyOf(context, endpoint, answer.keyset),
    ({ publicKey }) => ({ publicKey: bytesToHex(publicKey) }),
  )
  const claims = await list.run('evidence', () => appraised(context, answer, keepChecks), showClaims)
  await list.run('simulated', () => assertSimulation(context, listing, claims))
  await list.run('binding', () => assertBinding(answer.keyset, challenge, claims))
  await list.run(
    'measurement',
    () => assertMeasurement(listing, claims),
    (measurement) => ({ measurement }),
  )
  await list.run(
    'workload',
    () => assertWorkload(context, listing),
    (workloadId) => ({ workloadId }),
  )
  await list.run(
    'platform',
    () => assertPlatform(listing, claims),
    (platformId) => ({ platformId }),
  )
  const { chainId, registry, epoch } = answer.keyset
  return {
    providerId,
    listing,
    endpoint,
    keyset: answer.keyset,
    encryptionKey,
    ohttpContext: { chainId, registry, providerId, epoch },
    claims,
    verifiedAt: context.now(),
  }
}

async function attestedListing(context: ClientContext, providerId: Hex): Promise<ProviderListing> {
  const listing = await readProvider(context, providerId)
  // A provider in grace or draining still serves its open channels; `canServe` refuses new ones.
  if (listing.status !== 'Active' && listing.status !== 'Grace' && listing.status !== 'Draining') {
    throw new SdkError('SDK_PROVIDER_NOT_ACTIVE', { metaMessages: [`status ${listing.status}`] })
  }
  if (listing.record.teeKind !== enumNumber(TEE_KINDS, 'Tdx')) {
    throw new SdkError('SDK_TEE_KIND_UNSUPPORTED', { metaMessages: [`TEE kind ${listing.record.teeKind}`] })
  }
  return listing
}

async function challengedAttestation(
  context: ClientContext,
  endpoint: string,
  challenge: Hex,
): Promise<NodeAttestation> {
  const answer = await fetchAttestation(context, endpoint, challenge)
  if (!sameHex(answer.challenge, challenge)) {
    throw mismatch('SDK_CHALLENGE_NOT_ANSWERED', challenge, answer.challenge)
  }
  return answer
}

function assertKeyset({ providerId, record }: ProviderListing, keyset: Keyset): Hex {
  const digest = keysetDigest(keyset)
  const differences = [
    [record.keysetDigest, digest],
    [providerId, providerIdOf(keyset.owner, keyset.operator)],
    [record.hpkeKeyDigest, keyset.hpkeKeyDigest],
    [record.receiptSigner, keyset.receiptSigner],
    [record.workloadId, keyset.workloadId],
  ] as const
  for (const [expected, got] of differences) {
    if (!sameHex(expected, got)) throw mismatch('SDK_KEYSET_NOT_ON_CHAIN', expected, got)
  }
  if (record.epoch !== keyset.epoch) {
    throw mismatch('SDK_KEYSET_NOT_ON_CHAIN', `epoch ${record.epoch}`, `epoch ${keyset.epoch}`)
  }
  return digest
}

function assertKeysetValid({ chainId, contracts, now }: ClientContext, keyset: Keyset): void {
  if (keyset.chainId !== BigInt(chainId))
    throw mismatch('SDK_KEYSET_NOT_ON_CHAIN', `chain ${chainId}`, `${keyset.chainId}`)
  if (!sameHex(keyset.registry, contracts.attestationRegistry)) {
    throw mismatch('SDK_KEYSET_NOT_ON_CHAIN', contracts.attestationRegistry, keyset.registry)
  }
  if (keyset.notAfter <= BigInt(now())) {
    throw new SdkError('SDK_KEYSET_EXPIRED', { metaMessages: [`ended at ${keyset.notAfter}`] })
  }
}

async function encryptionKeyOf(context: ClientContext, endpoint: string, keyset: Keyset): Promise<OhttpKeyConfig> {
  const config = await fetchKeyConfig(context, endpoint)
  const digest = hpkeKeyDigest(KEM_X25519_HKDF_SHA256, config.publicKey)
  if (!sameHex(digest, keyset.hpkeKeyDigest))
    throw mismatch('SDK_ENCRYPTION_KEY_MISMATCH', keyset.hpkeKeyDigest, digest)
  return config
}

async function appraised(
  context: ClientContext,
  answer: NodeAttestation,
  keepChecks: (checks: readonly CheckOutcome[]) => void,
): Promise<TdxClaims> {
  const result = await appraiseEvidence(context, answer)
  keepChecks(result.checks)
  if (result.verdict === 'accepted') return result.claims
  if (result.error instanceof BaseError) throw result.error
  throw new SdkError('SDK_EVIDENCE_REJECTED', { metaMessages: [result.reasonCode], cause: result.error })
}

function assertSimulation(context: ClientContext, { record }: ProviderListing, claims: TdxClaims): void {
  if ((claims.simulated || record.simulated) && !context.allowSimulated) throw new SdkError('SDK_EVIDENCE_SIMULATED')
  if (claims.simulated !== record.simulated) {
    throw mismatch('SDK_PLATFORM_MISMATCH', `simulated: ${record.simulated}`, `simulated: ${claims.simulated}`)
  }
}

function assertBinding(keyset: Keyset, challenge: Hex, claims: TdxClaims): void {
  const expected = reportData(keysetDigest(keyset), challenge)
  const got = bytesToHex(claims.reportData)
  if (!sameHex(expected, got)) throw mismatch('SDK_KEYSET_NOT_BOUND', expected, got)
}

function assertMeasurement({ record }: ProviderListing, claims: TdxClaims): Hex {
  const measurement = keccak256(claims.measurementPreimage)
  if (!sameHex(record.measurement, measurement))
    throw mismatch('SDK_MEASUREMENT_MISMATCH', record.measurement, measurement)
  return measurement
}

async function assertWorkload(context: ClientContext, { record }: ProviderListing): Promise<Hex> {
  const workload = await read(context, {
    address: context.contracts.referenceValues,
    abi: referenceValuesAbi,
    functionName: 'workloadOf',
    args: [record.measurement],
  })
  const status = WORKLOAD_STATUSES[workload.status]
  if (status !== 'Active' || !sameHex(workload.workloadId, record.workloadId)) {
    throw mismatch('SDK_WORKLOAD_NOT_ACCEPTED', `active ${record.workloadId}`, `${workload.workloadId} (${status})`)
  }
  return workload.workloadId
}

function assertPlatform({ record }: ProviderListing, claims: TdxClaims): Hex {
  const platformId = keccak256(claims.platformId)
  if (!sameHex(record.platformId, platformId)) throw mismatch('SDK_PLATFORM_MISMATCH', record.platformId, platformId)
  return platformId
}

function showListing({ status, record }: ProviderListing): Record<string, string> {
  return { status, epoch: `${record.epoch}`, validUntil: `${record.validUntil}`, endpoint: record.endpoint }
}

function showClaims(claims: TdxClaims): Record<string, string> {
  return { tcbStatus: claims.tcbStatus, trustTier: claims.trustTier, advisories: claims.advisoryIds.join(', ') }
}

function sameHex(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function mismatch(code: ReasonCode, expected: string, got: string): SdkError {
  return new SdkError(code, { metaMessages: [`expected ${expected}`, `got ${got}`] })
}
