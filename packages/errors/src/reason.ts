/** What a caller may do about a refusal: nothing, the same call later, or the same call after fetching newer input. */
export type Retry = 'never' | 'later' | 'refetch'

/** One row of the table of reason codes. `docs/errors.md` is generated from these rows. */
export interface Reason {
  /** What happened, one sentence. */
  readonly what: string
  /** What to do next, one sentence in the imperative. */
  readonly action: string
  readonly retry: Retry
  /** HTTP status of the problem document (RFC 9457), where the node answers with this code. */
  readonly http?: number
}
