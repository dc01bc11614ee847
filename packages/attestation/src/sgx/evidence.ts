import { type DcapEndorsementsInput, openEndorsements } from '../dcap/prepare.ts'
import { createTrail, refusedBy } from '../internal/trail.ts'
import type { AttestationResult } from '../result.ts'
import type { TrustAnchor } from '../roots/intel.ts'
import { runSgxAppraisal } from './appraise.ts'
import { SGX_CHECKS } from './checks.ts'
import type { SgxClaims } from './claims.ts'
import { parseSgxQuote } from './parse.ts'
import type { SgxPolicy } from './policy.ts'
import { runSgxVerification } from './verify.ts'

/** Input of {@link verifySgxEvidence}. */
export interface SgxEvidenceInput {
  /** The quote, bytes as received. */
  readonly evidence: Uint8Array
  readonly endorsements: DcapEndorsementsInput
  /** Unix seconds. */
  readonly at: number
  readonly trustAnchors: readonly TrustAnchor[]
  readonly policy: SgxPolicy
}

/**
 * Parses, verifies and appraises SGX evidence. Never throws for a refusal: the result lists every check with what it
 * found, in order, and names the first that failed.
 *
 * Proves and does not prove: see {@link verifySgxQuote} and {@link appraiseSgx}.
 */
export async function verifySgxEvidence(input: SgxEvidenceInput): Promise<AttestationResult<SgxClaims>> {
  const { policy } = input
  const trail = createTrail(SGX_CHECKS)
  try {
    const opened = openEndorsements(input.endorsements, 'sgx')
    const { readPem } = opened.memory
    const evidence = await trail.run(
      'quote-format',
      () => parseSgxQuote(input.evidence, policy.trailingBytes, readPem),
      ({ header, signatureData }) => ({
        version: `${header.version}`,
        bytes: `${input.evidence.length}`,
        certificationData: `type ${signatureData.certificationData.type}`,
        trailingBytes: `${signatureData.trailing.length}`,
      }),
    )
    const verified = await runSgxVerification({ ...input, ...opened, evidence }, trail)
    return await runSgxAppraisal(verified, policy, trail)
  } catch (error) {
    return refusedBy(error, trail)
  }
}
