import type { ReasonCode } from '@spartan/errors'
import type { ReasonRule } from './rules.ts'

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

/** Reasons stated for CCA tokens, most specific first. Reviewed by hand against docs/errors.md. */
export const CCA_REASON_RULES: readonly ReasonRule[] = [
  [/realm challenge.*missing|mandatory realm/i, ['CCA_REALM_CLAIM_MISSING']],
  [/mandatory platform|platform .*claim.*missing/i, ['CCA_PLATFORM_CLAIM_MISSING']],
  [/invalid point|not on (the )?curve/i, ['CCA_TRUST_ANCHOR_MALFORMED', 'CCA_RAK_MALFORMED']],
  [/RAK.*(hash|bound|binding|not match)|binder/i, ['CCA_RAK_NOT_BOUND']],
  [/platform (token )?signature|under (the )?(trust anchor|CPAK)/i, ['CCA_PLATFORM_SIGNATURE_INVALID']],
  [/realm (token )?signature/i, ['CCA_REALM_SIGNATURE_INVALID']],
  [/trailing/i, ['CCA_TRAILING_BYTES']],
  [/outer tag/i, ['CCA_COLLECTION_TAG_UNSUPPORTED']],
  [/trust anchor|unknown (instance|implementation|CPAK)/i, ['CCA_TRUST_ANCHOR_MISSING']],
  [/critical|\bcrit\b/i, ['CCA_CRITICAL_HEADER_UNSUPPORTED']],
  [/\balg/i, ['CCA_ALGORITHM_UNSUPPORTED', 'CCA_RAK_HASH_UNSUPPORTED']],
  [/profile/i, ['CCA_PROFILE_UNSUPPORTED', 'CCA_PROFILE_NOT_ACCEPTED']],
  [/lifecycle|debug/i, ['CCA_LIFECYCLE_NOT_ACCEPTED']],
  [/challenge|nonce/i, ['CCA_CHALLENGE_MISMATCH', 'CCA_REALM_CLAIM_MALFORMED']],
  [/personali[sz]ation/i, ['CCA_PERSONALIZATION_VALUE_MISMATCH', 'CCA_REALM_CLAIM_MALFORMED']],
  [/\bRIM\b|\bREM|realm.*measurement/i, ['CCA_REALM_MEASUREMENT_NOT_ACCEPTED', 'CCA_REALM_CLAIM_MALFORMED']],
  [
    /software component|platform.*measurement/i,
    ['CCA_PLATFORM_MEASUREMENT_NOT_ACCEPTED', 'CCA_PLATFORM_CLAIM_MALFORMED'],
  ],
  [/realm.*(claim|token)/i, ['CCA_REALM_CLAIM_MALFORMED', 'CCA_REALM_CLAIM_MISSING', 'CCA_REALM_TOKEN_MALFORMED']],
  [
    /platform.*(claim|token)/i,
    ['CCA_PLATFORM_CLAIM_MALFORMED', 'CCA_PLATFORM_CLAIM_MISSING', 'CCA_PLATFORM_TOKEN_MALFORMED'],
  ],
  [
    /CBOR|COSE|duplicate|indefinite|malformed/i,
    ['CCA_TOKEN_MALFORMED', 'CCA_PLATFORM_TOKEN_MALFORMED', 'CCA_REALM_TOKEN_MALFORMED'],
  ],
]
