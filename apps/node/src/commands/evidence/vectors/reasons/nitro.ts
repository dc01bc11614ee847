import type { ReasonCode } from '@spartan/errors'
import type { ReasonRule } from './rules.ts'

/**
 * Reason stated by a Nitro vector → reason code, reviewed by hand. A vector fails its test when the verifier refuses it for
 * any other reason. Texts are those of `expected.reason` in the manifest of the vectors.
 */
export const NITRO_VECTOR_REASONS: Readonly<Record<string, ReasonCode>> = {
  // Both have expired; the one that expired first is named.
  'cabundle certificate / leaf expired': 'NITRO_CERTIFICATE_EXPIRED',
  'leaf certificate expired': 'NITRO_CERTIFICATE_EXPIRED',
  'certificate bundle not rooted in AWS Nitro Root G1': 'NITRO_ROOT_NOT_PINNED',
  'COSE signature invalid': 'NITRO_DOCUMENT_SIGNATURE_INVALID',
}

/** Reasons stated for AWS Nitro documents, most specific first. Reviewed by hand against docs/errors.md. */
export const NITRO_REASON_RULES: readonly ReasonRule[] = [
  [/trailing/i, ['NITRO_TRAILING_BYTES']],
  [/not rooted|root (is )?not pinned|attacker root|custom root|untrusted root/i, ['NITRO_ROOT_NOT_PINNED']],
  [/CRL.*(expired|not yet)/i, ['NITRO_CRL_EXPIRED']],
  [/CRL.*signature/i, ['NITRO_CRL_SIGNATURE_INVALID']],
  [/CRL.*issuer/i, ['NITRO_CRL_ISSUER_MISMATCH']],
  [/CRL.*missing/i, ['NITRO_CRL_MISSING']],
  [/CRL/i, ['NITRO_CRL_MALFORMED']],
  [/leaf.*revoked|certificate.*revoked/i, ['NITRO_CERTIFICATE_REVOKED', 'NITRO_CA_REVOKED']],
  // Both have expired; the certificate that expired first is named.
  [/cabundle certificate \/ leaf expired/i, ['NITRO_CERTIFICATE_EXPIRED', 'NITRO_CA_EXPIRED']],
  [/leaf( certificate)? (expired|not yet)/i, ['NITRO_CERTIFICATE_EXPIRED']],
  [/(cabundle|CA|intermediate).*(expired|not yet)/i, ['NITRO_CA_EXPIRED']],
  [/path.?len/i, ['NITRO_CA_PATH_LENGTH_EXCEEDED']],
  [/leaf( certificate)? signature/i, ['NITRO_CERTIFICATE_SIGNATURE_INVALID']],
  [/(cabundle|CA|intermediate).*signature/i, ['NITRO_CA_SIGNATURE_INVALID']],
  [/leaf.*issuer/i, ['NITRO_CERTIFICATE_ISSUER_MISMATCH']],
  [/(cabundle|CA|intermediate).*issuer|chain order/i, ['NITRO_CA_ISSUER_MISMATCH']],
  [/COSE signature|document signature|signature invalid/i, ['NITRO_DOCUMENT_SIGNATURE_INVALID']],
  [/\bcrit/i, ['NITRO_CRITICAL_HEADER_UNSUPPORTED']],
  [/\balg/i, ['NITRO_ALGORITHM_UNSUPPORTED']],
  [/debug|PCRs? .*zero/i, ['NITRO_DEBUG_MODE']],
  [/nonce/i, ['NITRO_NONCE_MISMATCH']],
  [/user.?data/i, ['NITRO_USER_DATA_MISMATCH']],
  [/PCR/i, ['NITRO_PCRS_NOT_ACCEPTED', 'NITRO_FIELD_MALFORMED']],
  [/unknown (field|key)/i, ['NITRO_FIELD_UNKNOWN']],
  [/missing/i, ['NITRO_FIELD_MISSING']],
  [/duplicate|indefinite|CBOR|COSE|malformed|digest/i, ['NITRO_DOCUMENT_MALFORMED', 'NITRO_FIELD_MALFORMED']],
]
