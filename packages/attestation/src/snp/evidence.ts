import { createTrail, refusedBy } from '../internal/trail.ts'
import type { AttestationResult } from '../result.ts'
import type { SnpTrustAnchor } from '../roots/amd.ts'
import { appraiseOn } from './appraise.ts'
import type { VerifiedSnpChain } from './chain.ts'
import { SNP_CHECKS } from './checks.ts'
import type { SnpClaims } from './claims.ts'
import type { SnpEndorsements } from './endorsements.ts'
import { parseSnp } from './parse.ts'
import type { SnpPolicy } from './policy.ts'
import { runSnpVerification } from './verify.ts'
import type { VtpmQuote } from './vtpmQuote.ts'

/** Input of {@link verifySnpEvidence}. */
export interface SnpEvidenceInput {
  /** An attestation report (1184 bytes), or Azure's HCL report around one, as received. */
  readonly evidence: Uint8Array
  /** A quote of the vTPM that an HCL report vouches for. */
  readonly vtpmQuote?: VtpmQuote | undefined
  readonly endorsements: Partial<SnpEndorsements>
  /** Unix seconds. */
  readonly at: number
  readonly trustAnchors: readonly SnpTrustAnchor[]
  readonly policy: SnpPolicy
}

/** The same under a chain that `prepareSnpChain` has verified: one signature check per report. */
export interface SnpEvidenceUnderChainInput extends Omit<SnpEvidenceInput, 'endorsements' | 'trustAnchors'> {
  readonly chain: VerifiedSnpChain
}

/**
 * Parses, verifies and appraises SEV-SNP evidence. Never throws for a refusal: the result lists every check with what it
 * found, in order, and names the first that failed.
 *
 * Proves and does not prove: see `verifySnp` and `appraiseSnp`.
 *
 * @example
 * const result = await verifySnpEvidence({
 *   evidence: report,
 *   endorsements: { vek, intermediate: AMD_INTERMEDIATES.Genoa.vcek, crl },
 *   at: Math.floor(Date.now() / 1000),
 *   trustAnchors: AMD_ROOTS,
 *   policy: strictSnpPolicy({ measurements, reportData: { expected }, minTcb, vtpm: 'any' }),
 * })
 * if (result.verdict === 'refused') throw result.error
 */
export async function verifySnpEvidence(
  input: SnpEvidenceInput | SnpEvidenceUnderChainInput,
): Promise<AttestationResult<SnpClaims>> {
  const { policy } = input
  const trail = createTrail(SNP_CHECKS, 'chain' in input ? input.chain.checks : [])
  try {
    const evidence = await trail.run(
      'report-format',
      () => parseSnp(input.evidence),
      ({ report }) => ({ version: `${report.version}`, bytes: `${input.evidence.length}` }),
    )
    const verified = await runSnpVerification({ ...input, evidence, dangerouslySkip: policy.dangerouslySkip }, trail)
    return await appraiseOn(verified, policy, trail)
  } catch (error) {
    return refusedBy(error, trail)
  }
}
