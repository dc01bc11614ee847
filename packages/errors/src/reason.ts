/** What a caller may do about a refusal: nothing, the same call later, or the same call after fetching newer input. */
export type Retry = 'never' | 'later' | 'refetch'

/**
 * What `AttestationRegistry.invalidate` makes of a verifier's error. `conclusive`: the evidence is wrong, the provider is revoked.
 * `outdated`: genuine, but its TCB is not accepted now; the record is shortened to the grace period. `inconclusive`: could not
 * check; nothing happens.
 */
export type Invalidation = 'conclusive' | 'outdated' | 'inconclusive'

/** One row of the table of reason codes. `docs/errors.md` is generated from these rows. */
export interface Reason {
  /** What happened, one sentence. */
  readonly what: string
  /** What to do next, one sentence in the imperative. */
  readonly action: string
  readonly retry: Retry
  /** HTTP status of the problem document (RFC 9457), where the node answers with this code. */
  readonly http?: number
  /** Exactly on rows that are custom errors of an on-chain verifier or of its store. The deployment gives it to the registry. */
  readonly invalidation?: Invalidation
}
