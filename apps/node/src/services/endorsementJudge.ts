import {
  ANY_SNP_PRODUCT,
  type AttestationResult,
  type DcapEndorsements,
  type NvidiaEndorsements,
  type NvidiaEvidenceBytes,
  type NvidiaTrustAnchor,
  type SnpEndorsements,
  type SnpTrustAnchor,
  type TcbStatus,
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
import type { Judgement } from '@spartan/endorsements'
import { BaseError } from '@spartan/errors'

/**
 * Says whether endorsements are genuine and about the platform of the evidence. The appraisal is permissive: a platform
 * that is out of date has genuine endorsements too.
 */

/** Checks of each TEE that are about the endorsements, not about the evidence or a policy. */
const ENDORSEMENT_CHECKS = {
  dcap: ['root', 'root-crl', 'pck-ca', 'pck-crl', 'pck', 'tcb-signer', 'tcb-info', 'qe-identity'],
  snp: ['root', 'intermediate', 'vek', 'validity', 'crl', 'revocation', 'vek-tcb', 'chip'],
  nvidia: ['ocsp', 'driver-rim', 'vbios-rim', 'rim-ocsp'],
} as const

const EVERY_STATUS: readonly TcbStatus[] = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'TDRelaunchAdvised',
  'TDRelaunchAdvisedConfigurationNeeded',
]

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
  const dcap = { acceptedTcbStatuses: EVERY_STATUS, debug: 'accept' } as const
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
  return judgementOf(result, ENDORSEMENT_CHECKS.dcap)
}

/** Judges endorsements by an SNP report. */
export async function judgeSnp(
  input: JudgeInput<Uint8Array, Partial<SnpEndorsements>, SnpTrustAnchor>,
): Promise<Judgement<AttestationResult>> {
  const expected = { measurements: 'any', reportData: 'any', minTcb: ANY_SNP_PRODUCT, vtpm: 'any' } as const
  const policy = { ...vectorsSnpPolicy(expected), debug: 'accept' } as const
  return judgementOf(await verifySnpEvidence({ ...input, policy }), ENDORSEMENT_CHECKS.snp)
}

/** Judges endorsements by a report of an NVIDIA device. */
export async function judgeNvidia(
  input: JudgeInput<NvidiaEvidenceBytes, NvidiaEndorsements, NvidiaTrustAnchor>,
): Promise<Judgement<AttestationResult>> {
  const policy = vectorsNvidiaPolicy({ nonce: 'any' })
  const result = await verifyNvidiaEvidence({ ...input, policy })
  // Switches have no driver: what the verifier does not request is not missing.
  return judgementOf(result, ENDORSEMENT_CHECKS.nvidia, result.verdict === 'accepted')
}

function judgementOf(
  value: AttestationResult,
  required: readonly string[],
  notRequestedIsFine = false,
): Judgement<AttestationResult> {
  const statusOf = (id: string) => value.checks.find((check) => check.id === id)?.status
  const genuine = required.every((id) => statusOf(id) === 'done' || (notRequestedIsFine && statusOf(id) !== 'failed'))
  const problem = value.verdict === 'refused' && value.error instanceof BaseError ? value.error : undefined
  return { genuine, problem, value }
}
