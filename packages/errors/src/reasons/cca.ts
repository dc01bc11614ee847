import type { Reason } from '../reason.ts'

const NOT_GENUINE = {
  action: 'Do not use this provider; ask its operator for fresh evidence.',
  retry: 'never',
} as const
const CONFIGURE = {
  action: 'Configure the platform attestation key that the vendor publishes for this platform.',
  retry: 'never',
} as const

/** Arm CCA: collection, platform token, realm token. Rows stand in the order of the checks. */
export const CCA_REASONS = {
  CCA_TOKEN_MALFORMED: {
    what: 'The token is not a collection of a platform and a realm token.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_TRAILING_BYTES: { what: 'Bytes follow the token.', ...NOT_GENUINE, invalidation: 'conclusive' },
  CCA_COLLECTION_TAG_UNSUPPORTED: {
    what: 'The outer CBOR tag is neither that of an EAT collection (399) nor of a CMW collection (907).',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_PLATFORM_TOKEN_MALFORMED: {
    what: 'The platform token is not a COSE_Sign1 message over a map of claims.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_REALM_TOKEN_MALFORMED: {
    what: 'The realm token is not a COSE_Sign1 message over a map of claims.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_ALGORITHM_UNSUPPORTED: {
    what: 'The signature algorithm of a token is not ES256, ES384 or ES512.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_CRITICAL_HEADER_UNSUPPORTED: {
    what: 'A token has a critical header that this verifier does not know.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_PROFILE_UNSUPPORTED: {
    what: 'The profile of a token is not one this verifier knows.',
    action: 'Use a verifier that knows the profile of this platform.',
    retry: 'never',
    invalidation: 'conclusive',
  },
  CCA_PLATFORM_CLAIM_MISSING: {
    what: 'A mandatory claim of the platform token is missing.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_PLATFORM_CLAIM_MALFORMED: {
    what: 'A claim of the platform token has another type, size or value than documented.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_REALM_CLAIM_MISSING: {
    what: 'A mandatory claim of the realm token is missing.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_REALM_CLAIM_MALFORMED: {
    what: 'A claim of the realm token has another type, size or value than documented.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_RAK_HASH_UNSUPPORTED: {
    what: 'The hash that binds the realm attestation key is not SHA-256, SHA-384 or SHA-512.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_RAK_MALFORMED: {
    what: 'The realm attestation key is not an elliptic-curve key.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_TRUST_ANCHOR_MISSING: {
    what: 'No platform attestation key is known for this instance id and implementation id.',
    ...CONFIGURE,
    invalidation: 'inconclusive',
  },
  CCA_TRUST_ANCHOR_MALFORMED: {
    what: 'The configured platform attestation key is not a point on P-256, P-384 or P-521.',
    ...CONFIGURE,
    invalidation: 'inconclusive',
  },
  CCA_TRUST_ANCHOR_CURVE_MISMATCH: {
    what: 'The configured platform attestation key is on another curve than the algorithm of the platform token.',
    ...CONFIGURE,
    invalidation: 'conclusive',
  },
  CCA_TRUST_ANCHOR_NOT_YET_ACTIVE: {
    what: 'The platform attestation key has been proposed on-chain; the public delay has not passed.',
    action: 'Wait until it counts.',
    retry: 'later',
    invalidation: 'inconclusive',
  },
  CCA_TRUST_ANCHOR_REVOKED: {
    what: 'The platform attestation key has been revoked on-chain.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_TRUST_ANCHOR_EXISTS: {
    what: 'The platform attestation key has been proposed before.',
    action: 'Look up what is kept of it; a revoked key never comes back.',
    retry: 'never',
    invalidation: 'inconclusive',
  },
  CCA_SIMULATED_ANCHOR_FORBIDDEN: {
    what: 'A key of no hardware was proposed outside dev mode.',
    action: 'Use it in a local world only.',
    retry: 'never',
    invalidation: 'inconclusive',
  },
  CCA_TIMELOCK_TOO_SHORT: {
    what: 'The public delay of platform attestation keys is shorter than a day.',
    action: 'Deploy CcaEndorsements with a delay of a day or more.',
    retry: 'never',
    invalidation: 'inconclusive',
  },
  CCA_PLATFORM_SIGNATURE_INVALID: {
    what: 'The platform token is not signed by the platform attestation key.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_RAK_NOT_BOUND: {
    what: 'The platform token does not vouch for the realm attestation key.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_REALM_SIGNATURE_INVALID: {
    what: 'The realm token is not signed by the realm attestation key.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  CCA_PROFILE_NOT_ACCEPTED: {
    what: 'The profile of a token is not in the accepted set.',
    action: 'Update the firmware of the platform or accept the profile in the policy.',
    retry: 'never',
  },
  CCA_LIFECYCLE_NOT_ACCEPTED: {
    what: 'The platform is not in an accepted state of its lifecycle, for example open for debugging.',
    ...NOT_GENUINE,
  },
  CCA_PLATFORM_NOT_ACCEPTED: {
    what: 'The platform is denied, or not among the allowed ones.',
    action: 'Use another provider.',
    retry: 'never',
  },
  CCA_PLATFORM_MEASUREMENT_NOT_ACCEPTED: {
    what: 'Firmware or configuration of the platform are not expected ones.',
    ...NOT_GENUINE,
  },
  CCA_REALM_MEASUREMENT_NOT_ACCEPTED: { what: 'The measurements of the realm are not expected ones.', ...NOT_GENUINE },
  CCA_PERSONALIZATION_VALUE_MISMATCH: {
    what: 'The personalization value of the realm is not the expected one.',
    ...NOT_GENUINE,
  },
  CCA_CHALLENGE_MISMATCH: { what: 'The challenge of the realm is not the expected one.', ...NOT_GENUINE },
  CCA_ENDORSEMENTS_MALFORMED: {
    what: 'The endorsements of CCA evidence are not an empty object.',
    action: 'Remove them: platform keys are trust anchors, reference values belong to the policy.',
    retry: 'never',
  },
} as const satisfies Record<string, Reason>
