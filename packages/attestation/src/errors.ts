import { BaseError, type ErrorDetails, type ReasonCode } from '@spartan/errors'

/** Evidence or an endorsement does not have its documented form. Nothing can be said about who made it. */
export class MalformedEvidenceError extends BaseError {
  override readonly name = 'MalformedEvidenceError'
  /** Byte offset at which reading stopped, within the part the code names. */
  readonly offset: number
  readonly expected: string
  readonly got: string

  constructor(code: ReasonCode, where: { offset: number; expected: string; got: string }, extra: ErrorDetails = {}) {
    const line = `at byte ${where.offset}: expected ${where.expected}, got ${where.got}`
    super(code, { ...extra, metaMessages: [line, ...(extra.metaMessages ?? [])] })
    this.offset = where.offset
    this.expected = where.expected
    this.got = where.got
  }
}

/** A signature, chain, validity or binding of evidence or endorsements does not hold. */
export class EvidenceRejectedError extends BaseError {
  override readonly name = 'EvidenceRejectedError'
}

/** Verified evidence does not meet the appraisal policy. */
export class PolicyRefusedError extends BaseError {
  override readonly name = 'PolicyRefusedError'
}
