import type { ReasonCode } from '@spartan/errors'

/**
 * Reason stated by a CCA vector → reason code, reviewed by hand. A vector fails its test when the verifier refuses it for
 * any other reason. Texts are those of `expected.reason` in the manifest of the vectors.
 */
export const CCA_VECTOR_REASONS: Readonly<Record<string, ReasonCode>> = {
  'mandatory realm challenge (claim 10) missing': 'CCA_REALM_CLAIM_MISSING',
  'platform token signature cannot be verified under the configured CPAK (invalid point)': 'CCA_TRUST_ANCHOR_MALFORMED',
  'platform nonce does not match RAK hash': 'CCA_RAK_NOT_BOUND',
  'platform token signature invalid under trust anchor': 'CCA_PLATFORM_SIGNATURE_INVALID',
  'realm token signature invalid': 'CCA_REALM_SIGNATURE_INVALID',
  'trailing data after CBOR item': 'CCA_TRAILING_BYTES',
  'outer tag is neither 907 nor 399': 'CCA_COLLECTION_TAG_UNSUPPORTED',
}
