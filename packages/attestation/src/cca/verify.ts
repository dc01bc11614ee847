import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { concat, equalBytes, toHex } from '../internal/bytes.ts'
import type { CoseSign1 } from '../internal/cose.ts'
import { digest, sha256 } from '../internal/hashes.ts'
import { parsePublicKey } from '../internal/publicKey.ts'
import { type EcPublicKey, isOnCurve, verifyEcdsa } from '../internal/signatures.ts'
import { createTrail, type Trail } from '../internal/trail.ts'
import type { CheckOutcome, Unverified, Verified } from '../result.ts'
import { CCA_CHECKS, type CcaCheckId } from './checks.ts'
import type { CcaEndorsements } from './endorsements.ts'
import type { CcaEvidence } from './parse.ts'

/**
 * A platform attestation key (CPAK) that the caller trusts. CCA tokens carry no certificates: the key comes from the
 * platform's vendor, by the identifiers in the token.
 */
export interface CcaTrustAnchor {
  /** DER SubjectPublicKeyInfo: P-256, P-384 or P-521. */
  readonly publicKey: Uint8Array
  /** 33 bytes; the key is for this one machine. Undefined: for whatever the implementation id says. */
  readonly instanceId?: Uint8Array
  /** 32 bytes; the key is for this kind of platform. Undefined, with the instance id undefined too: for every platform. */
  readonly implementationId?: Uint8Array
  /** True for a key whose private half is no secret: what it signs proves nothing about hardware. */
  readonly simulated: boolean
}

/** What verification has found; `appraiseCca` accepts nothing else. */
export interface CcaVerification {
  readonly evidence: CcaEvidence
  /** Unix seconds at which everything was judged. Nothing in a CCA token says when it was made. */
  readonly at: number
  /** The key that signed the platform token. */
  readonly trustAnchor: CcaTrustAnchor
  /** SHA-256 over the SHA-256 of what each token signs, platform first: the same for every re-encoding. */
  readonly evidenceId: Uint8Array
  readonly checks: readonly CheckOutcome<CcaCheckId>[]
}

/** Input of {@link verifyCca}. */
export interface VerifyCcaInput {
  readonly evidence: Unverified<CcaEvidence>
  /** Nothing: see {@link CcaEndorsements}. */
  readonly endorsements?: CcaEndorsements
  /** Unix seconds. Recorded only: keys have no validity. */
  readonly at: number
  /** Platform attestation keys; there is no default. */
  readonly trustAnchors: readonly CcaTrustAnchor[]
}

/**
 * Verifies both signatures of a CCA token and the binding between them.
 *
 * Proves: the platform token was signed by a trusted platform key, which vouches for the key that signed the realm token.
 * Does not prove: that lifecycle, firmware or realm are wanted ({@link appraiseCca}), freshness, or that the key has not
 * been revoked by its vendor.
 *
 * @throws {EvidenceRejectedError} with the code of the first check that fails, in the order of `CCA_CHECKS`:
 * CCA_TRUST_ANCHOR_MISSING, CCA_TRUST_ANCHOR_CURVE_MISMATCH, CCA_PLATFORM_SIGNATURE_INVALID, CCA_RAK_NOT_BOUND,
 * CCA_REALM_SIGNATURE_INVALID.
 * @throws {MalformedEvidenceError} CCA_TRUST_ANCHOR_MALFORMED.
 */
export async function verifyCca(input: VerifyCcaInput): Promise<Verified<CcaVerification>> {
  const trail = createTrail(CCA_CHECKS)
  trail.skip('token-format', 'parsed by the caller')
  return runCcaVerification(input, trail)
}

/** The verification itself, on a trail of the caller. */
export async function runCcaVerification(
  { evidence, at, trustAnchors }: VerifyCcaInput,
  trail: Trail<CcaCheckId>,
): Promise<Verified<CcaVerification>> {
  const { platform, realm } = evidence
  const candidates = await trail.run(
    'trust-anchor',
    () => candidatesOf(evidence, trustAnchors),
    (found) => ({ keys: `${found.length}`, instanceId: toHex(platform.claims.instanceId) }),
  )
  const trustAnchor = await trail.run(
    'platform-signature',
    () => verifyPlatform(platform.message, candidates),
    ({ simulated }) => ({ algorithm: platform.message.algorithm.name, simulated: `${simulated}` }),
  )
  await trail.run(
    'realm-key',
    () => expectBound(evidence),
    () => ({ hash: realm.claims.publicKeyHashAlgorithm, challenge: toHex(platform.claims.challenge) }),
  )
  await trail.run(
    'realm-signature',
    async () => {
      if (!(await verifyMessage(realm.message, realm.key))) throw reject('CCA_REALM_SIGNATURE_INVALID')
    },
    () => ({ algorithm: realm.message.algorithm.name }),
  )
  const signed = await Promise.all([sha256(platform.message.toBeSigned), sha256(realm.message.toBeSigned)])
  const evidenceId = await sha256(concat(...signed))
  const found: CcaVerification = { evidence, at, trustAnchor, evidenceId, checks: trail.outcomes() }
  return found as Verified<CcaVerification>
}

interface Candidate {
  readonly anchor: CcaTrustAnchor
  readonly key: EcPublicKey
}

const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })

/** Keys that may speak for this platform. A malformed one refuses: nobody can say what it was meant to allow. */
async function candidatesOf(
  { platform }: CcaEvidence,
  trustAnchors: readonly CcaTrustAnchor[],
): Promise<readonly Candidate[]> {
  const { instanceId, implementationId } = platform.claims
  const isFor = (expected: Uint8Array | undefined, got: Uint8Array) =>
    expected === undefined || equalBytes(expected, got)
  const matching = trustAnchors.filter(
    (anchor) => isFor(anchor.instanceId, instanceId) && isFor(anchor.implementationId, implementationId),
  )
  if (matching.length === 0) {
    const ids = [`instance id ${toHex(instanceId)}`, `implementation id ${toHex(implementationId)}`]
    throw reject('CCA_TRUST_ANCHOR_MISSING', ...ids)
  }
  return Promise.all(matching.map(async (anchor) => ({ anchor, key: await readAnchorKey(anchor) })))
}

async function readAnchorKey({ publicKey }: CcaTrustAnchor): Promise<EcPublicKey> {
  const key = parsePublicKey({ bytes: publicKey, code: 'CCA_TRUST_ANCHOR_MALFORMED' })
  if (key.type !== 'ec') throw reject('CCA_TRUST_ANCHOR_MALFORMED', 'not an elliptic-curve key')
  if (!(await isOnCurve(key))) throw reject('CCA_TRUST_ANCHOR_MALFORMED', `the point is not on ${key.curve}`)
  return key
}

async function verifyPlatform(message: CoseSign1, candidates: readonly Candidate[]): Promise<CcaTrustAnchor> {
  const { curve, name } = message.algorithm
  const usable = candidates.filter(({ key }) => key.curve === curve)
  if (usable.length === 0) {
    const curves = candidates.map(({ key }) => key.curve).join(', ')
    throw reject('CCA_TRUST_ANCHOR_CURVE_MISMATCH', `${name} needs a key on ${curve}, known: ${curves}`)
  }
  for (const { anchor, key } of usable) if (await verifyMessage(message, key)) return anchor
  throw reject('CCA_PLATFORM_SIGNATURE_INVALID')
}

/** Platform claim 10 is the hash, by the algorithm in realm claim 44240, of the content of realm claim 44237. */
async function expectBound({ platform, realm }: CcaEvidence): Promise<void> {
  const expected = await digest(realm.claims.publicKeyHashAlgorithm, realm.claims.publicKey)
  if (equalBytes(expected, platform.claims.challenge)) return
  throw reject('CCA_RAK_NOT_BOUND', `key hash ${toHex(expected)}`, `challenge ${toHex(platform.claims.challenge)}`)
}

/** Algorithm and curve belong together: a key verifies nothing under another curve's algorithm. */
async function verifyMessage({ algorithm, toBeSigned, signature }: CoseSign1, key: EcPublicKey): Promise<boolean> {
  return key.curve === algorithm.curve && verifyEcdsa(key, algorithm.hash, toBeSigned, signature)
}
