import type { ReasonRule } from './rules.ts'

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
