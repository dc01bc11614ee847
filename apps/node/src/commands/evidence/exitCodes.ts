import { EvidenceRejectedError, MalformedEvidenceError, PolicyRefusedError } from '@spartan/attestation'
import { BaseError, type ReasonCode } from '@spartan/errors'
import { CannotCheckError, UsageError } from '../../errors.ts'

/** Exit codes of every `spartan evidence` command. */
export const EVIDENCE_EXIT_CODES = { accepted: 0, usage: 2, refused: 3, cannotCheck: 4 } as const

/** Codes that say that nothing was judged: the bytes could not be taken for what they should be, or something was not at hand. */
const CANNOT_CHECK: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'EVIDENCE_KIND_UNKNOWN',
  'EVIDENCE_KIND_UNSUPPORTED',
  'EVIDENCE_CONTAINER_MALFORMED',
  'EVIDENCE_CONTAINER_AMBIGUOUS',
  'EVIDENCE_BUNDLE_MALFORMED',
  'EVIDENCE_ANCHOR_MALFORMED',
  'DCAP_ENDORSEMENTS_MALFORMED',
  'DCAP_ROOT_MISSING',
  'DCAP_ROOT_CRL_MISSING',
  'DCAP_PCK_CA_MISSING',
  'DCAP_PCK_CRL_MISSING',
  'DCAP_PCK_MISSING',
  'DCAP_TCB_SIGNER_MISSING',
  'DCAP_TCB_INFO_MISSING',
  'DCAP_QE_IDENTITY_MISSING',
  'SNP_ENDORSEMENTS_MALFORMED',
  'SNP_ROOT_MISSING',
  'SNP_VEK_MISSING',
  'SNP_INTERMEDIATE_MISSING',
  'SNP_CRL_MISSING',
  'SNP_VTPM_QUOTE_MISSING',
  'CCA_ENDORSEMENTS_MALFORMED',
  'CCA_TRUST_ANCHOR_MISSING',
  'NVIDIA_ENDORSEMENTS_MALFORMED',
  'NVIDIA_CERTIFICATE_MISSING',
  'NVIDIA_OCSP_MISSING',
  'NVIDIA_RIM_MISSING',
  'NVIDIA_RIM_CERTIFICATE_MISSING',
  'NVIDIA_RIM_OCSP_MISSING',
  'NITRO_ENDORSEMENTS_MALFORMED',
  'NITRO_CA_MISSING',
  'NITRO_CERTIFICATE_MISSING',
  'NITRO_CRL_MISSING',
])

/** Codes that say that the caller asked for something that does not exist. */
const USAGE: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'EVIDENCE_POLICY_MALFORMED',
  'EVIDENCE_POLICY_KIND_MISMATCH',
  'EVIDENCE_EXPECTATION_UNKNOWN',
])

/** Whether a code says that something was not at hand, so that the evidence is neither good nor bad. */
export const isCannotCheck = (code: ReasonCode): boolean => CANNOT_CHECK.has(code)

/** Exit code of a refusal. */
export function exitCodeOfRefusal(code: ReasonCode): number {
  return isCannotCheck(code) ? EVIDENCE_EXIT_CODES.cannotCheck : EVIDENCE_EXIT_CODES.refused
}

/** Exit code of what a command throws. What nobody foresaw was not a check: it never exits as accepted or refused. */
export function evidenceExitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EVIDENCE_EXIT_CODES.usage
  if (error instanceof CannotCheckError || !(error instanceof BaseError)) return EVIDENCE_EXIT_CODES.cannotCheck
  const judged =
    error instanceof MalformedEvidenceError ||
    error instanceof EvidenceRejectedError ||
    error instanceof PolicyRefusedError
  if (judged && USAGE.has(error.code)) return EVIDENCE_EXIT_CODES.usage
  return judged ? exitCodeOfRefusal(error.code) : EVIDENCE_EXIT_CODES.cannotCheck
}

/** For the help of every command. */
export const EVIDENCE_EXIT_HELP = `
Exit codes: 0 accepted, 3 refused, 2 usage, 4 could not check (something was missing, unreadable or unsupported).`
