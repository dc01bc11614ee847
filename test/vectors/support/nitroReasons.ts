import type { ReasonCode } from '@spartan/errors'

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
