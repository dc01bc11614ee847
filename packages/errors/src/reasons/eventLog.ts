import type { Reason } from '../reason.ts'

/** Event logs behind runtime measurement registers (CCEL and dstack). */
export const EVENT_LOG_REASONS = {
  EVENT_LOG_MALFORMED: {
    what: 'The event log does not have its documented form.',
    action: 'Fetch the log again from the attester; it is not what its firmware or guest agent wrote.',
    retry: 'never',
  },
  EVENT_LOG_ALGORITHM_UNSUPPORTED: {
    what: 'The event log carries no SHA-384 digests.',
    action: 'Use the CC event log of the TD, not a TPM log.',
    retry: 'never',
  },
  EVENT_LOG_REGISTER_UNKNOWN: {
    what: 'The event log names a register that a TD does not have.',
    action: 'Use the CC event log of the TD, not a TPM log.',
    retry: 'never',
  },
  EVENT_LOG_EVENT_DIGEST_MISMATCH: {
    what: 'The digest of an event is not the digest of its name and payload.',
    action: 'Do not trust this log: the event was changed after it was measured.',
    retry: 'never',
  },
  EVENT_LOG_RTMR_MISMATCH: {
    what: 'The event log does not lead to the measurement registers of the quote.',
    action: 'Fetch log and quote from the same boot; otherwise do not trust this log.',
    retry: 'never',
  },
} as const satisfies Record<string, Reason>
