import {
  type AttestationResult,
  type DcapEndorsements,
  dcapEndorsementsFromJson,
  INTEL_SGX_ROOT,
  marketplaceTdxPolicy,
  type TdxClaims,
  type TrustAnchor,
  verifyTdxEvidence,
} from '@spartan/attestation'
import {
  type AttestationAnswer,
  hpkeKeyDigest,
  KEM_X25519_HKDF_SHA256,
  keysetDigest,
  nodeUrl,
  parseAttestationAnswer,
  parseKeyConfig,
  reportData,
} from '@spartan/protocol'
import { bytesToHex, type Hex, hexToBytes, keccak256 } from 'viem'
import { AttesterError } from '../errors.ts'
import type { ProviderRecord } from './ports.ts'

/** GET with a bound on time and size. */
export type Get = (url: string) => Promise<Uint8Array>

function refuse(line: string, cause?: unknown): AttesterError {
  return new AttesterError('CLI_PROVIDER_REFUSED', { metaMessages: [line], ...(cause === undefined ? {} : { cause }) })
}

/**
 * Verifies a provider the way a relying party does before it trusts it with a secret: background check with a challenge
 * of our own, compared with the passport on-chain. Returns the HPKE key of the registered keyset.
 *
 * Proves: genuine evidence, under the given root, over exactly the keyset and measurement of the registry record, made
 * for this challenge; and that the returned key is the keyset's.
 * Does not prove: that whoever owns the machine has not extracted its attestation key.
 *
 * @param at - Unix seconds.
 * @throws {BaseError} `CLI_PROVIDER_REFUSED` with the reason code of the verifier; `SDK_PROVIDER_ENDPOINT_INVALID` before
 *   anything is fetched.
 */
export async function verifiedHpkeKey(options: {
  readonly get: Get
  readonly record: ProviderRecord
  readonly trustAnchor: TrustAnchor
  readonly challenge: Hex
  readonly at: number
}): Promise<Uint8Array> {
  const { get, record, challenge } = options
  const attestation = nodeUrl(record.endpoint, '/v1/attestation')
  attestation.searchParams.set('challenge', challenge)
  const answer = parseAnswer(await get(attestation.href))
  if (keysetDigest(answer.keyset) !== record.keysetDigest)
    throw refuse('the keyset of the node is not the registered one')
  const result = await verifyTdxEvidence({
    evidence: answer.quote,
    endorsements: answer.endorsements,
    at: options.at,
    trustAnchors: [options.trustAnchor],
    policy: marketplaceTdxPolicy({
      measurements: { keccak256: [record.measurement] },
      reportData: { expected: reportData(record.keysetDigest, challenge) },
    }),
    keccak256,
  })
  checkResult(result, record)
  const [{ publicKey }] = parseKeyConfig(await get(nodeUrl(record.endpoint, '/v1/ohttp-keys').href))
  if (hpkeKeyDigest(KEM_X25519_HKDF_SHA256, publicKey) !== record.hpkeKeyDigest)
    throw refuse('the HPKE key of the node is not the registered one')
  return publicKey
}

/** Form only: the answer's own fields, then the endorsements inside it. */
function parseAnswer(body: Uint8Array): AttestationAnswer & { readonly endorsements: Partial<DcapEndorsements> } {
  try {
    const answer = parseAttestationAnswer(body)
    return { ...answer, endorsements: dcapEndorsementsFromJson(answer.endorsements) }
  } catch (cause) {
    throw refuse('the answer of /v1/attestation is not of the documented form', cause)
  }
}

function checkResult(result: AttestationResult<TdxClaims>, record: ProviderRecord): void {
  if (result.verdict === 'refused') throw refuse(result.reasonCode, result.error)
  if (result.claims.simulated !== record.simulated) throw refuse('the registry has this evidence under another root')
  if (keccak256(result.claims.platformId) !== record.platformId)
    throw refuse('the evidence is of another platform than the registered one')
}

/** Intel's root, or the simulation root of a local world given by its uncompressed point. */
export function trustAnchorOf(simulationRoot: string | undefined): TrustAnchor {
  if (simulationRoot === undefined) return INTEL_SGX_ROOT
  if (!/^0x04[0-9a-fA-F]{128}$/.test(simulationRoot))
    throw new AttesterError('CLI_USAGE_INVALID', { metaMessages: ['--simulation-root: expected 0x04 and 64 bytes'] })
  return { publicKey: hexToBytes(simulationRoot as Hex), simulated: true }
}

/** A fresh challenge of 32 random bytes. */
export function freshChallenge(): Hex {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
}
