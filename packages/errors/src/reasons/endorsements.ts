import type { Reason } from '../reason.ts'

/** Fetching of endorsements. What is wrong *inside* an endorsement is for the verifier to say, with its own codes. */
export const ENDORSEMENTS_REASONS = {
  ENDORSEMENTS_REQUEST_INVALID: {
    what: 'The endorsements cannot be asked for: an identifier of the platform does not have its form.',
    action: 'Correct the value named above.',
    retry: 'never',
  },
  ENDORSEMENTS_UNAVAILABLE: {
    what: 'The source of the endorsements could not be reached and no earlier answer is still within its own validity.',
    action: 'Try again later, name another source, or import a bundle that was exported elsewhere.',
    retry: 'later',
    http: 503,
  },
  ENDORSEMENTS_NOT_FOUND: {
    what: 'The source does not know what was asked for.',
    action:
      'Check the identifier of the platform; for hardware or firmware that is very new, try another source or later.',
    retry: 'later',
  },
  ENDORSEMENTS_SOURCE_REFUSED: {
    what: 'The source refused the request.',
    action: 'Check the URL of the source and whether it asks for credentials.',
    retry: 'never',
  },
  ENDORSEMENTS_ANSWER_MALFORMED: {
    what: 'The answer of the source does not have the documented form.',
    action: 'Check that the URL is that of the source and not of a proxy or login page.',
    retry: 'later',
  },
  ENDORSEMENTS_ANSWER_TOO_LARGE: {
    what: 'The answer of the source is larger than anything it documents.',
    action: 'Check that the URL is that of the source.',
    retry: 'later',
  },
  ENDORSEMENTS_ANSWER_MISMATCH: {
    what: 'The source answered for something else than was asked for.',
    action: 'Use another source; this one mixes its answers up.',
    retry: 'later',
  },
  ENDORSEMENTS_NOT_VERIFIED: {
    what: 'The endorsements that the source gives do not verify, so nothing of them was kept.',
    action: 'Read the reason above; if the evidence is genuine, use another source.',
    retry: 'refetch',
  },
  ENDORSEMENTS_BUNDLE_MALFORMED: {
    what: 'The bundle of endorsements cannot be read or was changed.',
    action: 'Export it again where the sources can be reached.',
    retry: 'never',
  },
} as const satisfies Record<string, Reason>
