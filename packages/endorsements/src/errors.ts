import { BaseError, type ErrorDetails, type ReasonCode } from '@spartan/errors'

/** Endorsements could not be fetched, or an answer does not have its form. Codes: the ENDORSEMENTS rows of docs/errors.md. */
export class EndorsementsError extends BaseError {
  override readonly name = 'EndorsementsError'
}

/** Shorthand for the throw sites of this package. */
export function failure(code: ReasonCode & `ENDORSEMENTS_${string}`, ...metaMessages: string[]): EndorsementsError {
  return new EndorsementsError(code, { metaMessages })
}

/** The same with a cause or text of the layer below. */
export function failureOf(code: ReasonCode & `ENDORSEMENTS_${string}`, extra: ErrorDetails): EndorsementsError {
  return new EndorsementsError(code, extra)
}
