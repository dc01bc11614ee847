import type { AttestationResult, CheckOutcome, CommonClaims } from '@spartan/attestation'
import { BaseError, type ReasonCode } from '@spartan/errors'
import type { VectorEntry } from './manifest.ts'

/** What a verifier says of one entry. */
export interface Judgement {
  readonly verdict: 'accepted' | 'refused'
  readonly reasonCode: ReasonCode | undefined
  /** The error in words; empty for what is accepted. */
  readonly problem: string
  /** Name of the check that failed. */
  readonly failedCheck: string | undefined
  /** Checks skipped by name because the entry does not carry their endorsement. */
  readonly skipped: readonly string[]
  readonly checks: readonly CheckOutcome[]
  readonly claims: CommonClaims | undefined
}

/** Judges the entries of one kind. */
export interface Adapter {
  /**
   * Judges an entry with exactly the endorsements that it carries, less those of the checks in `without`.
   *
   * @throws {CannotCheckError} when a file of the entry is not there or its policy has a key without a meaning.
   */
  judge(entry: VectorEntry, without: readonly string[]): Promise<Judgement>
  /** Checks of endorsements: an entry with a second fault in one of them can be judged again without it. */
  readonly endorsementChecks: readonly string[]
}

/** What a verifier's result says. */
export function judgementOf(result: AttestationResult, skipped: readonly string[]): Judgement {
  const { checks } = result
  const failedCheck = checks.find(({ status }) => status === 'failed')?.id
  if (result.verdict === 'accepted') {
    return {
      verdict: 'accepted',
      reasonCode: undefined,
      problem: '',
      failedCheck,
      skipped,
      checks,
      claims: result.claims,
    }
  }
  const { reasonCode, error } = result
  return { verdict: 'refused', reasonCode, problem: error.message, failedCheck, skipped, checks, claims: undefined }
}

/**
 * The judgement of a function that throws its refusal, for documents that are judged alone.
 *
 * Any error without a reason code is a fault of ours and thrown on.
 */
export async function judgementBy(run: () => unknown): Promise<Judgement> {
  const rest = { failedCheck: undefined, skipped: [], checks: [], claims: undefined }
  try {
    await run()
    return { verdict: 'accepted', reasonCode: undefined, problem: '', ...rest }
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return { verdict: 'refused', reasonCode: error.code, problem: error.message, ...rest }
  }
}
