import { runTdxEvidence, type TdxEvidenceInput } from './appraise.ts'
import type { SkippableCheck } from './dcap/collateral.ts'
import type { DcapEndorsements } from './dcap/endorsements.ts'
import type { AttestationResult, TdxClaims } from './result.ts'

export type { SkippableCheck } from './dcap/collateral.ts'

/**
 * Like `verifyTdxEvidence`, but checks whose endorsement is missing are skipped when they are named. For test vectors and
 * forensics: without CRLs a revoked platform passes, without TCB info a vulnerable one. The result lists each skipped
 * check as `not-requested`.
 */
export async function dangerouslyVerifyTdxEvidence(
  input: Omit<TdxEvidenceInput, 'endorsements'> & {
    readonly endorsements: Partial<DcapEndorsements>
    readonly dangerouslySkip: readonly SkippableCheck[]
  },
): Promise<AttestationResult<TdxClaims>> {
  const { dangerouslySkip, ...rest } = input
  return runTdxEvidence({ ...rest, skip: dangerouslySkip })
}
