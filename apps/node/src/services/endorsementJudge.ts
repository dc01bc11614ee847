import {
  ACCEPTABLE_TCB_STATUSES,
  ANY_SNP_PRODUCT,
  type AttestationResult,
  type DcapEndorsements,
  type NvidiaEndorsements,
  type NvidiaEvidenceBytes,
  type NvidiaTrustAnchor,
  type SnpEndorsements,
  type SnpTrustAnchor,
  type TrustAnchor,
  vectorsNvidiaPolicy,
  vectorsSgxPolicy,
  vectorsSnpPolicy,
  vectorsTdxPolicy,
  verifyNvidiaEvidence,
  verifySgxEvidence,
  verifySnpEvidence,
  verifyTdxEvidence,
} from '@spartan/attestation'
import { type Judgement, judgementOf } from '@spartan/endorsements'

/**
 * Says whether endorsements are genuine and about the platform of the evidence. The appraisal is permissive: a platform
 * that is out of date has genuine endorsements too.
 */

/** What is judged. */
export interface JudgeInput<Evidence, Endorsements, Anchor> {
  readonly evidence: Evidence
  readonly endorsements: Endorsements
  /** Unix seconds. */
  readonly at: number
  readonly trustAnchors: readonly Anchor[]
}

/** Judges endorsements by a TDX or SGX quote. */
export async function judgeDcap(
  tee: 'tdx' | 'sgx',
  input: JudgeInput<Uint8Array, DcapEndorsements, TrustAnchor>,
): Promise<Judgement<AttestationResult>> {
  const dcap = { acceptedTcbStatuses: ACCEPTABLE_TCB_STATUSES, debug: 'accept' } as const
  const result =
    tee === 'tdx'
      ? await verifyTdxEvidence({
          ...input,
          policy: { ...vectorsTdxPolicy({ measurements: 'any', reportData: 'any' }), ...dcap },
        })
      : await verifySgxEvidence({
          ...input,
          policy: { ...vectorsSgxPolicy({ measurements: 'any', reportData: 'any' }), ...dcap },
        })
  return judgementOf('dcap', result)
}

/** Judges endorsements by an SNP report. */
export async function judgeSnp(
  input: JudgeInput<Uint8Array, Partial<SnpEndorsements>, SnpTrustAnchor>,
): Promise<Judgement<AttestationResult>> {
  const expected = { measurements: 'any', reportData: 'any', minTcb: ANY_SNP_PRODUCT, vtpm: 'any' } as const
  const policy = { ...vectorsSnpPolicy(expected), debug: 'accept' } as const
  return judgementOf('snp', await verifySnpEvidence({ ...input, policy }))
}

/** Judges endorsements by a report of an NVIDIA device. */
export async function judgeNvidia(
  input: JudgeInput<NvidiaEvidenceBytes, NvidiaEndorsements, NvidiaTrustAnchor>,
): Promise<Judgement<AttestationResult>> {
  const policy = vectorsNvidiaPolicy({ nonce: 'any' })
  return judgementOf('nvidia', await verifyNvidiaEvidence({ ...input, policy }))
}
