import type { SkippableCheck } from './dcap/collateral.ts'
import type { DcapEndorsements } from './dcap/endorsements.ts'
import { createTrail, refusedBy } from './internal/trail.ts'
import type { TdxPolicy } from './policy.ts'
import type { AttestationResult, TdxClaims } from './result.ts'
import type { TrustAnchor } from './roots/intel.ts'
import { appraiseTdx } from './tdx/appraise.ts'
import { TDX_CHECKS } from './tdx/checks.ts'
import { parseTdxQuote } from './tdx/parse.ts'
import { runTdxVerification } from './tdx/verify.ts'

/** Input of {@link verifyTdxEvidence}. */
export interface TdxEvidenceInput {
  /** Bytes as received. */
  readonly quote: Uint8Array
  readonly endorsements: DcapEndorsements
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
 *   quote,
 *   endorsements,
 *   at: Math.floor(Date.now() / 1000),
 *   trustAnchors: [INTEL_SGX_ROOT],
 *   policy: marketplaceTdxPolicy({ measurements: { digests, digest: keccak256 }, reportData: { expected } }),
 * })
 * if (result.verdict === 'refused') throw result.error
 */
export async function verifyTdxEvidence(input: TdxEvidenceInput): Promise<AttestationResult<TdxClaims>> {
  return runTdxEvidence({ ...input, skip: [] })
}

/** The same with checks skipped by name; reachable from the `unsafe` entry only. */
export async function runTdxEvidence(
  input: Omit<TdxEvidenceInput, 'endorsements'> & {
    readonly endorsements: Partial<DcapEndorsements>
    readonly skip: readonly SkippableCheck[]
  },
): Promise<AttestationResult<TdxClaims>> {
  const { policy } = input
  const trail = createTrail(TDX_CHECKS)
  try {
    const quote = await trail.run(
      'quote-format',
      () => parseTdxQuote(input.quote, policy.trailingBytes),
      ({ header, signatureData }) => ({
        version: `${header.version}`,
        bytes: `${input.quote.length}`,
        trailingBytes: `${signatureData.trailing.length}`,
      }),
    )
    const { minTcbEvaluationNumber } = policy
    return await appraiseTdx(await runTdxVerification({ ...input, quote, minTcbEvaluationNumber }, trail), policy)
  } catch (error) {
    return refusedBy(error, trail)
  }
}
