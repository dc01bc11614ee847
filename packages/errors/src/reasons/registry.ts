import type { Reason } from '../reason.ts'

/** AttestationRegistry and ReferenceValues: registration, status, canServe. */
export const REGISTRY_REASONS = {
  REGISTRY_PROVIDER_UNKNOWN: {
    what: 'No provider is registered under this id.',
    action: 'Register the provider first.',
    retry: 'later',
    http: 503,
  },
  REGISTRY_PROVIDER_EXPIRED: {
    what: 'The attestation of the provider has expired.',
    action: 'Choose another provider, or have this one register again.',
    retry: 'later',
    http: 503,
  },
  REGISTRY_PROVIDER_IN_GRACE: {
    what: 'The attestation is in its grace period: open channels finish, new ones are refused.',
    action: 'Choose another provider, or wait until this one has renewed.',
    retry: 'later',
    http: 503,
  },
  REGISTRY_PROVIDER_REVOKED: {
    what: 'The attestation of the provider was revoked.',
    action: 'Choose another provider.',
    retry: 'never',
    http: 503,
  },
  REGISTRY_PROVIDER_DRAINING: {
    what: 'The provider is draining and takes no new channels.',
    action: 'Choose another provider.',
    retry: 'later',
    http: 503,
  },
  REGISTRY_EPOCH_UNKNOWN: {
    what: 'The provider has no keyset of this epoch.',
    action: 'Read the current keyset from the registry.',
    retry: 'refetch',
  },
  REGISTRY_NOT_YET_ATTESTED: {
    what: 'At that time the provider was not attested yet.',
    action: 'Use a receipt made after registration.',
    retry: 'never',
  },
  REGISTRY_CALLER_NOT_ALLOWED: {
    what: 'The caller is neither the owner nor an operator approved by the owner.',
    action: 'Have the owner approve this operator, or send from the owner.',
    retry: 'never',
  },
  REGISTRY_KEYSET_WRONG_CHAIN: {
    what: 'The keyset names another chain.',
    action: 'Make a new keyset for this chain.',
    retry: 'never',
  },
  REGISTRY_KEYSET_WRONG_REGISTRY: {
    what: 'The keyset names another registry.',
    action: 'Make a new keyset for this registry.',
    retry: 'never',
  },
  REGISTRY_KEYSET_EXPIRED: {
    what: 'The keyset is past its notAfter.',
    action: 'Restart the node so that it makes a new keyset.',
    retry: 'never',
  },
  REGISTRY_EPOCH_NOT_NEXT: {
    what: 'The epoch of the keyset is not the next one.',
    action: 'Read the current epoch and make a keyset with the next.',
    retry: 'refetch',
  },
  REGISTRY_KEY_IN_USE: {
    what: 'The receipt signer already belongs to another registration.',
    action: 'Restart the node so that it makes new keys.',
    retry: 'never',
  },
  REGISTRY_RECEIPT_SIGNER_TOO_LONG: {
    what: 'The receipt signer is longer than 256 bytes.',
    action: 'Use an address, or a verifier with a shorter key.',
    retry: 'never',
  },
  REGISTRY_TEE_KIND_UNSUPPORTED: {
    what: 'No verifier is set for this TEE kind.',
    action: 'Use a supported TEE.',
    retry: 'never',
  },
  REGISTRY_SIMULATED_NOT_ALLOWED: {
    what: 'The evidence is simulated and this deployment is not in dev mode.',
    action: 'Use real hardware, or a local world.',
    retry: 'never',
  },
  REGISTRY_CHALLENGE_STALE: {
    what: 'The challenge block is in the future or more than 256 blocks back.',
    action: 'Make fresh evidence over a recent block.',
    retry: 'refetch',
  },
  REGISTRY_KEYSET_NOT_BOUND: {
    what: 'REPORTDATA does not carry this keyset.',
    action: 'Make evidence over exactly this keyset.',
    retry: 'never',
  },
  REGISTRY_CHALLENGE_NOT_BOUND: {
    what: 'REPORTDATA does not carry the expected challenge.',
    action: 'Make fresh evidence over the current challenge.',
    retry: 'refetch',
  },
  REGISTRY_POSSESSION_NOT_PROVEN: {
    what: 'The receipt signer did not sign this registration.',
    action: 'Sign Register{keysetDigest, challenge} with the receipt key.',
    retry: 'never',
  },
  REGISTRY_WORKLOAD_UNKNOWN: {
    what: 'The measurement is not a reference value.',
    action: 'Run a published workload, or have this measurement proposed.',
    retry: 'later',
  },
  REGISTRY_WORKLOAD_NOT_ACTIVE: {
    what: 'The workload is proposed but its timelock is not over.',
    action: 'Wait until the workload is active.',
    retry: 'later',
  },
  REGISTRY_WORKLOAD_REVOKED: { what: 'The workload was revoked.', action: 'Run a current workload.', retry: 'never' },
  REGISTRY_WORKLOAD_MISMATCH: {
    what: 'The keyset names another workload than the measurement proves.',
    action: 'Make a keyset that names the measured workload.',
    retry: 'never',
  },
  REGISTRY_ENDPOINT_TOO_LONG: {
    what: 'The endpoint is longer than 256 bytes.',
    action: 'Use a shorter URL.',
    retry: 'never',
  },
  REGISTRY_EVIDENCE_STILL_VALID: {
    what: 'The evidence still verifies.',
    action: 'Nothing to invalidate.',
    retry: 'later',
  },
  REGISTRY_EVIDENCE_UNKNOWN: {
    what: 'The evidence is not the one of this record.',
    action: 'Pass the evidence of the registration transaction.',
    retry: 'never',
  },
  REGISTRY_REASON_UNKNOWN: {
    what: 'A contract returned a reason code that this software does not know.',
    action: 'Update this software to the version that belongs to the deployed contracts.',
    retry: 'never',
  },
  REGISTRY_ENDORSEMENTS_EXPIRED: {
    what: 'An endorsement used by the verifier is past its validity.',
    action: 'Upload newer endorsements, then register again.',
    retry: 'refetch',
  },
  REGISTRY_EVIDENCE_INCONCLUSIVE: {
    what: 'The evidence could not be checked, which does not count as wrong.',
    action: 'Upload the endorsements that are missing, then try again.',
    retry: 'later',
  },
  REGISTRY_EVIDENCE_TOO_LONG: {
    what: 'The evidence is longer than what can be judged again in one transaction.',
    action: 'Leave out what is not signed, and encode the evidence with packages/abi.',
    retry: 'never',
  },
  REGISTRY_GAS_TOO_LOW: {
    what: 'The transaction has too little gas for the verifier to judge fairly.',
    action: 'Send at least the gas named in the error.',
    retry: 'later',
  },
  REGISTRY_WORKLOAD_EXISTS: {
    what: 'This measurement was proposed or revoked before.',
    action: 'Use the workload as it is; a revoked measurement never comes back.',
    retry: 'never',
  },
  REGISTRY_WORKLOAD_ID_MISSING: {
    what: 'A workload needs an id other than zero.',
    action: 'Name the workload.',
    retry: 'never',
  },
  REGISTRY_AUTHORISATION_EXPIRED: {
    what: 'The permission to register for the provider is past its deadline.',
    action: 'Have owner or operator sign a new one.',
    retry: 'never',
  },
  REGISTRY_AUTHORISATION_INVALID: {
    what: 'Owner or operator did not sign this registration.',
    action: 'Sign RegisterFor over exactly this keyset, challenge, endpoint, nonce and deadline.',
    retry: 'never',
  },
  REGISTRY_MEASUREMENT_CHANGED: {
    what: 'The evidence is of another image than the one that the record was made for.',
    action: 'Register the next keyset epoch instead of renewing this one.',
    retry: 'never',
  },
  REGISTRY_PLATFORM_CHANGED: {
    what: 'The evidence is of another machine than the one that the record was made for.',
    action: 'Register the next keyset epoch instead of renewing this one.',
    retry: 'never',
  },
  REGISTRY_PLATFORM_IN_USE: {
    what: 'Another provider is registered on this platform.',
    action: 'Wait until the record of the other provider has ended.',
    retry: 'later',
  },
  REGISTRY_PLATFORM_DENIED: {
    what: 'The platform is on the list of denied ones: its keys are not trusted any more.',
    action: 'Choose another provider.',
    retry: 'never',
    http: 503,
  },
  REGISTRY_PLATFORM_NOT_ALLOWED: {
    what: 'The platform is not on the list of allowed ones.',
    action: 'Have governance allow this platform.',
    retry: 'later',
  },
  REGISTRY_PLATFORM_ID_MISSING: {
    what: 'The platform id is zero, which stands for evidence that names no platform.',
    action: 'Name a platform.',
    retry: 'never',
  },
  REGISTRY_PRODUCT_NOT_ACCEPTED: {
    what: 'The appraisal policy does not accept this product.',
    action: 'Use a machine of an accepted product.',
    retry: 'never',
  },
  REGISTRY_FLAGS_NOT_ACCEPTED: {
    what: 'The evidence carries a property that the appraisal policy denies.',
    action: 'Start the workload without it.',
    retry: 'never',
  },
  REGISTRY_TCB_BELOW_MINIMUM: {
    what: 'A security version number of the platform is below the minimum.',
    action: 'Update the firmware of the platform.',
    retry: 'never',
  },
  REGISTRY_POLICY_INVALID: {
    what: 'The rule of the appraisal policy contradicts itself.',
    action: 'Give a tier of low or standard, or refuse the product without any other rule.',
    retry: 'never',
  },
  REGISTRY_MODULE_INVALID: {
    what: 'The module is no contract, has no gas, or is not in use.',
    action: 'Name a deployed verifier and a version that is current.',
    retry: 'never',
  },
  REGISTRY_MODULE_PENDING: {
    what: 'Another version of this module is proposed and not current yet.',
    action: 'Wait until it is current, or cancel it.',
    retry: 'later',
  },
  REGISTRY_MODULE_NOT_PENDING: {
    what: 'No version of this module is waiting to become current.',
    action: 'Retire the version instead.',
    retry: 'never',
  },
  REGISTRY_GPU_IDENTITY_MISSING: {
    what: 'The evidence of the GPU names no device.',
    action: 'Use a GPU whose evidence carries its identity.',
    retry: 'never',
  },
  REGISTRY_GPU_SIMULATION_MIXED: {
    what: 'Of CPU and GPU, one is simulated and the other is not.',
    action: 'Bind real GPUs to real machines only.',
    retry: 'never',
  },
  REGISTRY_GPU_NOT_BOUND: {
    what: 'The GPU answers another nonce than the one that keyset and challenge give.',
    action: 'Make fresh GPU evidence over the nonce of this keyset.',
    retry: 'refetch',
  },
  REGISTRY_GPU_LIMIT: {
    what: 'The provider has as many GPUs as one record can hold.',
    action: 'Use another provider id for the other GPUs.',
    retry: 'never',
  },
  REGISTRY_GPU_UNKNOWN: {
    what: 'No such GPU is bound to the current epoch of the provider.',
    action: 'Bind the GPU first.',
    retry: 'later',
  },
  REGISTRY_GPU_MISSING: {
    what: 'The asset needs a GPU and the provider has bound none.',
    action: 'Choose another provider, or bind a GPU.',
    retry: 'later',
    http: 503,
  },
  REGISTRY_GPU_EXPIRED: {
    what: 'The attestation of the GPU has ended.',
    action: 'Choose another provider, or bind the GPU again.',
    retry: 'later',
    http: 503,
  },
  REGISTRY_TIMELOCK_TOO_SHORT: {
    what: 'The timelock of reference values or modules is too short for production.',
    action: 'Deploy with at least the minimum, or in dev mode.',
    retry: 'never',
  },
} as const satisfies Record<string, Reason>
