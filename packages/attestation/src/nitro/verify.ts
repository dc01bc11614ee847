import { EvidenceRejectedError } from '../errors.ts'
import { sha256 } from '../internal/hashes.ts'
import { verifyEcdsa } from '../internal/signatures.ts'
import { createTrail, type Trail } from '../internal/trail.ts'
import type { CheckOutcome, Unverified, Verified } from '../result.ts'
import { type NitroChain, type NitroChainInput, runNitroChain } from './chain.ts'
import { NITRO_CHECKS, type NitroCheckId } from './checks.ts'
import type { NitroEvidence } from './parse.ts'

/** What verification has found; `appraiseNitro` accepts nothing else. */
export interface NitroVerification {
  readonly evidence: NitroEvidence
  /** Unix seconds at which everything was judged. */
  readonly at: number
  readonly chain: NitroChain
  /** SHA-256 of what COSE signs: the same for every re-encoding. */
  readonly evidenceId: Uint8Array
  readonly checks: readonly CheckOutcome<NitroCheckId>[]
}

/** Input of {@link verifyNitro}. */
export interface VerifyNitroInput extends Omit<NitroChainInput, 'cabundle' | 'certificate'> {
  readonly evidence: Unverified<NitroEvidence>
}

/**
 * Verifies the chain and the signature of an attestation document.
 *
 * Proves: the document was signed by a certificate of AWS's Nitro hypervisors, under a pinned root, valid at `at`.
 * Does not prove: that the enclave is wanted or fresh ({@link appraiseNitro}). Trusts AWS as operator of the machine.
 *
 * @throws {EvidenceRejectedError} or {MalformedEvidenceError} with the first code in the order of `NITRO_CHECKS`: those of
 * {@link verifyNitroChain}, then NITRO_DOCUMENT_SIGNATURE_INVALID.
 */
export async function verifyNitro(input: VerifyNitroInput): Promise<Verified<NitroVerification>> {
  const trail = createTrail(NITRO_CHECKS)
  trail.skip('document-format', 'parsed by the caller')
  return runNitroVerification(input, trail)
}

/** The verification itself, on a trail of the caller. */
export async function runNitroVerification(
  input: VerifyNitroInput,
  trail: Trail<NitroCheckId>,
): Promise<Verified<NitroVerification>> {
  const { evidence, at } = input
  const { message, document } = evidence
  const { cabundle, certificate } = document
  const chain = await runNitroChain({ ...input, cabundle, certificate }, trail)
  await trail.run(
    'document-signature',
    async () => {
      const { algorithm, toBeSigned, signature } = message
      const { signingKey } = chain
      if (signingKey && (await verifyEcdsa(signingKey, algorithm.hash, toBeSigned, signature))) return
      throw new EvidenceRejectedError('NITRO_DOCUMENT_SIGNATURE_INVALID')
    },
    () => ({ algorithm: message.algorithm.name }),
  )
  const evidenceId = await sha256(message.toBeSigned)
  const found: NitroVerification = { evidence, at, chain, evidenceId, checks: trail.outcomes() }
  return found as Verified<NitroVerification>
}
