import type { ReasonCode } from '@spartan/errors'

/**
 * Reason stated by an NVIDIA vector → reason code, reviewed by hand. A vector fails its test when the verifier refuses it for any
 * other reason. Texts are those of `expected.reason` in the manifest of the vectors.
 */
export const NVIDIA_VECTOR_REASONS: Readonly<Record<string, ReasonCode>> = {
  'device root not pinned': 'NVIDIA_ROOT_NOT_PINNED',
  'intermediate CA missing': 'NVIDIA_CERTIFICATE_ISSUER_MISMATCH',
  'leaf (AK) certificate missing': 'NVIDIA_LEAF_MISSING',
  'report signature invalid under the supplied leaf': 'NVIDIA_REPORT_SIGNATURE_INVALID',
  // The signature comes before the firmware identity, which differs because the report is another GPU's.
  'report signature invalid; FWID also differs from the leaf certificate': 'NVIDIA_REPORT_SIGNATURE_INVALID',
  // The request is part of what is signed.
  'report signature invalid / nonce mismatch': 'NVIDIA_REPORT_SIGNATURE_INVALID',
  'nonce mismatch': 'NVIDIA_NONCE_MISMATCH',
  // Evidence and manifest are separate entries: see `comparedRims`.
  'measurement mismatch (measres=fail; secboot/dbgstat null)': 'NVIDIA_MEASUREMENT_MISMATCH',
  'genuinely signed RIM whose golden value at index 9 does not match the 535.86.09 evidence (other RIM revision)':
    'NVIDIA_MEASUREMENT_MISMATCH',
  'RIM content edited: reference digest mismatch (peer disables signature check to reach measurement mismatch)':
    'NVIDIA_RIM_DIGEST_MISMATCH',
  'reference digest mismatch': 'NVIDIA_RIM_DIGEST_MISMATCH',
  'reference digest mismatch, wrong product': 'NVIDIA_RIM_DIGEST_MISMATCH',
  // verify_at is the last second of the signer's validity, which RFC 5280 §4.1.2.5 includes; of the two stated faults the edited
  // content is the one that is there. One second later it is NVIDIA_RIM_CERTIFICATE_EXPIRED (tested).
  'RIM leaf certificate expired (2025-01-01..02) and content edited': 'NVIDIA_RIM_DIGEST_MISMATCH',
}
