import { type DcapEndorsementsInput, openEndorsements } from '../dcap/prepare.ts'
import { createTrail, refusedBy } from '../internal/trail.ts'
import type { AttestationResult } from '../result.ts'
import type { TrustAnchor } from '../roots/intel.ts'
import { type AppraisalHashes, runTdxAppraisal } from './appraise.ts'
import { TDX_CHECKS } from './checks.ts'
import type { TdxClaims } from './claims.ts'
import { parseTdxQuote } from './parse.ts'
import type { TdxPolicy } from './policy.ts'
import { runTdxVerification } from './verify.ts'

/** Input of {@link verifyTdxEvidence}. */
export interface TdxEvidenceInput extends AppraisalHashes {
  /** The quote, bytes as received. */
  readonly evidence: Uint8Array
  readonly endorsements: DcapEndorsementsInput
  /** Unix seconds. */
  readonly at: number
  readonly trustAnchors: readonly TrustAnchor[]
  readonly policy: TdxPolicy
}

/**
 * Parses, verifies and appraises TDX evidence. Never throws for a refusal: the result lists every check with what it
 * found, in order, and names the first that failed.
 *
 * Proves and does not prove: see {@link verifyTdxQuote} and {@link appraiseTdx}.
 *
 * @example
 * const result = await verifyTdxEvidence({
 *   evidence,
 *   endorsements,
 *   at: Math.floor(Date.now() / 1000),
 *   trustAnchors: [INTEL_SGX_ROOT],
 *   policy: marketplaceTdxPolicy({ measurements: { references }, reportData: { expected } }),
 * })
 * if (result.verdict === 'refused') throw result.error
 */
export async function verifyTdxEvidence(input: TdxEvidenceInput): Promise<AttestationResult<TdxClaims>> {
  const { policy } = input
  const trail = createTrail(TDX_CHECKS)
  try {
    const opened = openEndorsements(input.endorsements, 'tdx')
    const { readPem } = opened.memory
    const evidence = await trail.run(
      'quote-format',
      () => parseTdxQuote(input.evidence, policy.trailingBytes, readPem),
      ({ header, bodyType, signatureData }) => ({
        version: `${header.version}`,
        body: bodyType === 3 ? 'TD 1.5' : 'TD 1.0',
        bytes: `${input.evidence.length}`,
        certificationData: `type ${signatureData.certificationData.type}`,
        trailingBytes: `${signatureData.trailing.length}`,
      }),
    )
    const verified = await runTdxVerification({ ...input, ...opened, evidence }, trail)
    return await runTdxAppraisal(verified, policy, input, trail)
  } catch (error) {
    return refusedBy(error, trail)
  }
}
