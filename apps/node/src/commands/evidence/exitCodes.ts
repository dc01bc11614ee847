import { EvidenceRejectedError, MalformedEvidenceError, PolicyRefusedError } from '@spartan/attestation'
import { BaseError, type ReasonCode } from '@spartan/errors'
import { CannotCheckError, UsageError } from '../../errors.ts'

/** Exit codes of every `spartan evidence` command. */
export const EVIDENCE_EXIT_CODES = { accepted: 0, usage: 2, refused: 3, cannotCheck: 4 } as const

/** Codes that say that the bytes could not be taken for evidence at all: nothing was judged. */
const NOT_EVIDENCE: readonly ReasonCode[] = [
  'EVIDENCE_KIND_UNKNOWN',
  'EVIDENCE_CONTAINER_MALFORMED',
  'EVIDENCE_CONTAINER_AMBIGUOUS',
]

/** Whether a code says that something was not at hand, so that the evidence is neither good nor bad. */
export function isCannotCheck(code: ReasonCode): boolean {
  return NOT_EVIDENCE.includes(code) || /_(CRL|TCB_INFO|QE_IDENTITY|ENDORSEMENTS?)_MISSING$/.test(code)
}

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
  return judged ? exitCodeOfRefusal(error.code) : EVIDENCE_EXIT_CODES.cannotCheck
}

/** For the help of every command. */
export const EVIDENCE_EXIT_HELP = `
Exit codes: 0 accepted, 3 refused, 2 usage, 4 could not check (something was missing, unreadable or unsupported).`
