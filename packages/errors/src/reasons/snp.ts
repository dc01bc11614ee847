import type { Reason } from '../reason.ts'

const FETCH_NEWER = {
  action: 'Fetch the current endorsements from AMD’s KDS and try again.',
  retry: 'refetch',
} as const
const WRONG_ENDORSEMENT = {
  action: 'Fetch the endorsement for this chip, product line and TCB, and try again.',
  retry: 'refetch',
} as const
const NOT_GENUINE = {
  action: 'Do not use this provider; ask its operator for fresh evidence.',
  retry: 'never',
} as const
const NOT_WANTED = {
  action: 'Use another provider, or a policy that accepts it.',
  retry: 'never',
} as const
const UPDATE_FIRMWARE = {
  action: 'Ask the operator to update the firmware of the platform.',
  retry: 'later',
} as const

/** The report itself, before anything about its signer is known. */
const REPORT_REASONS = {
  SNP_REPORT_MALFORMED: {
    what: 'The SNP report does not have its documented size.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_REPORT_VERSION_UNSUPPORTED: {
    what: 'The version of the SNP report is not one with a public layout that this verifier accepts.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_SIGNATURE_ALGORITHM_UNSUPPORTED: {
    what: 'The SNP report is not signed with ECDSA P-384 and SHA-384.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_REPORT_RESERVED_NONZERO: {
    what: 'A reserved field of the SNP report is not zero.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_POLICY_RESERVED_NONZERO: {
    what: 'A reserved bit of the guest policy is not zero.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_POLICY_BIT17_CLEAR: {
    what: 'Bit 17 of the guest policy, which must be one, is zero.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_SIGNING_KEY_UNSUPPORTED: {
    what: 'The SNP report names a signing key that does not exist.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_REPORT_UNSIGNED: {
    what: 'The SNP report says that it carries no signature.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_VMPL_INVALID: {
    what: 'The SNP report names a privilege level that does not exist.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_SIGNATURE_PADDING_NONZERO: {
    what: 'The padding of the signature in the SNP report is not zero.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_UNSIGNED_BYTES_NONZERO: {
    what: 'The bytes behind the signature of the SNP report are not zero.',
    ...NOT_GENUINE,
  },
  SNP_HCL_MALFORMED: { what: 'The HCL report does not have its documented layout.', ...NOT_GENUINE },
  SNP_HCL_REPORT_TYPE_UNSUPPORTED: { what: 'The HCL report does not hold an SNP report.', ...NOT_GENUINE },
  SNP_HCL_KEY_MISSING: { what: 'The runtime data of the HCL report names no attestation key.', ...NOT_GENUINE },
  SNP_CERTIFICATE_TABLE_MALFORMED: {
    what: 'The certificate table behind the SNP report does not have its documented layout.',
    action: 'Give the report alone, and its endorsements from AMD’s KDS.',
    retry: 'never',
  },
  SNP_ENDORSEMENTS_MALFORMED: {
    what: 'The SNP endorsements are not the expected JSON.',
    action: 'Give vek, intermediate, root and crl as base64 of DER.',
    retry: 'never',
  },
} as const satisfies Record<string, Reason>

/** Certificates and CRL. */
const CHAIN_REASONS = {
  SNP_HOST_REQUESTED: {
    what: 'The host asked for the SNP report, not the guest.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_ROOT_MISSING: {
    what: 'The root certificate (ARK) is not registered on-chain.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  SNP_ROOT_MALFORMED: {
    what: 'The root certificate (ARK) is not DER of the expected shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  SNP_ROOT_NOT_PINNED: {
    what: 'The SNP chain does not end in a pinned root key.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_ROOT_SIGNATURE_INVALID: {
    what: 'The root certificate (ARK) is not signed by itself.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_ROOT_EXPIRED: {
    what: 'The root certificate (ARK) is not valid at the time of judging.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  SNP_CRL_MISSING: { what: 'The CRL of the SNP root is not there.', ...FETCH_NEWER, invalidation: 'inconclusive' },
  SNP_CRL_MALFORMED: {
    what: 'The CRL of the SNP root is not DER of the expected shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  SNP_CRL_ISSUER_MISMATCH: {
    what: 'The CRL is not by the root of the SNP chain.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  SNP_CRL_SIGNATURE_INVALID: {
    what: 'The CRL of the SNP root is not signed by the root.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  SNP_CRL_EXPIRED: {
    what: 'The CRL of the SNP root is not valid at the time of judging.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  SNP_CRL_ROLLBACK: { what: 'A newer CRL of the SNP root is known.', ...FETCH_NEWER, invalidation: 'conclusive' },
  SNP_SIMULATION_ROOT_FORBIDDEN: {
    what: 'AMD’s store was given a simulation root, or told to skip CRLs, outside of development mode.',
    action: 'Deploy without either, or in development mode on a test chain.',
    retry: 'never',
    invalidation: 'conclusive',
  },
  SNP_INTERMEDIATE_MISSING: {
    what: 'The intermediate certificate (ASK or ASVK) is not there.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  SNP_INTERMEDIATE_MALFORMED: {
    what: 'The intermediate certificate is not DER of the expected shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  SNP_INTERMEDIATE_WRONG: {
    what: 'The intermediate certificate is not the one that issues this kind of endorsement key.',
    ...WRONG_ENDORSEMENT,
    invalidation: 'conclusive',
  },
  SNP_INTERMEDIATE_ISSUER_MISMATCH: {
    what: 'The intermediate certificate is not issued by the root of the chain.',
    ...WRONG_ENDORSEMENT,
    invalidation: 'conclusive',
  },
  SNP_INTERMEDIATE_SIGNATURE_INVALID: {
    what: 'The intermediate certificate is not signed by the root.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_INTERMEDIATE_EXPIRED: {
    what: 'The intermediate certificate is not valid at the time of judging.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  SNP_INTERMEDIATE_REVOKED: {
    what: 'The intermediate certificate is revoked.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_VEK_MISSING: {
    what: 'The endorsement key certificate (VCEK or VLEK) is not there.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  SNP_VEK_MALFORMED: {
    what: 'The endorsement key certificate is not one of a VCEK or VLEK.',
    ...WRONG_ENDORSEMENT,
    invalidation: 'conclusive',
  },
  SNP_VEK_ISSUER_MISMATCH: {
    what: 'The endorsement key certificate is not issued by the intermediate given.',
    ...WRONG_ENDORSEMENT,
    invalidation: 'conclusive',
  },
  SNP_VEK_SIGNATURE_INVALID: {
    what: 'The endorsement key certificate is not signed by its intermediate.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_VEK_EXPIRED: {
    what: 'The endorsement key certificate is not valid at the time of judging.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  SNP_VEK_REVOKED: {
    what: 'The CRL names the endorsement key certificate.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_VEK_EXTENSION_MISSING: {
    what: 'The endorsement key certificate lacks an extension that AMD’s carry.',
    ...NOT_GENUINE,
    invalidation: 'inconclusive',
  },
  SNP_VEK_EXTENSION_MALFORMED: {
    what: 'An extension of the endorsement key certificate does not have its documented form.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_HWID_MISSING: { what: 'The VCEK certificate names no chip.', ...NOT_GENUINE, invalidation: 'inconclusive' },
  SNP_HWID_LENGTH_WRONG: {
    what: 'The chip identifier in the VCEK certificate does not have the length of its product.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
} as const satisfies Record<string, Reason>

/** What binds report, certificate and vTPM to each other. */
const BINDING_REASONS = {
  SNP_SIGNING_KEY_MISMATCH: {
    what: 'The SNP report names another kind of signing key than its certificate.',
    ...WRONG_ENDORSEMENT,
    invalidation: 'conclusive',
  },
  SNP_PRODUCT_UNKNOWN: {
    what: 'The processor is of no known product line.',
    ...NOT_WANTED,
    invalidation: 'conclusive',
  },
  SNP_PRODUCT_MISMATCH: {
    what: 'Processor, root and certificate are not of the same product line.',
    ...WRONG_ENDORSEMENT,
    invalidation: 'conclusive',
  },
  SNP_TCB_RESERVED_NONZERO: {
    what: 'A reserved byte of a TCB version is not zero.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_TCB_MISMATCH: {
    what: 'The endorsement key certificate is for another TCB than the reported one.',
    ...WRONG_ENDORSEMENT,
    invalidation: 'conclusive',
  },
  SNP_CHIP_ID_MASKED: {
    what: 'The SNP report hides the chip that its VCEK certificate names.',
    ...NOT_WANTED,
    invalidation: 'conclusive',
  },
  SNP_HWID_MISMATCH: {
    what: 'The VCEK certificate is for another chip.',
    ...WRONG_ENDORSEMENT,
    invalidation: 'conclusive',
  },
  SNP_REPORT_SIGNATURE_INVALID: {
    what: 'The signature of the SNP report is not valid.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_REPORTED_TCB_ABOVE_CURRENT: {
    what: 'The reported TCB is above the current one.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_COMMITTED_TCB_ABOVE_CURRENT: {
    what: 'The committed TCB is above the current one.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  SNP_HCL_RUNTIME_DATA_NOT_BOUND: {
    what: 'The SNP report does not vouch for the runtime data of the HCL report.',
    ...NOT_GENUINE,
  },
  SNP_VTPM_KEY_MISSING: { what: 'No SNP report vouches for a key of the vTPM.', ...NOT_GENUINE },
  SNP_VTPM_SIGNATURE_INVALID: { what: 'The signature of the vTPM quote is not valid.', ...NOT_GENUINE },
  SNP_VTPM_QUOTE_MALFORMED: { what: 'The vTPM quote does not have its documented layout.', ...NOT_GENUINE },
  SNP_VTPM_PCR_MISSING: {
    what: 'The value of a vTPM register is not there.',
    action: 'Give the values of all registers, quoted by the vTPM.',
    retry: 'never',
  },
  SNP_VTPM_PCR_DIGEST_MISMATCH: { what: 'The vTPM signed other register values than those given.', ...NOT_GENUINE },
} as const satisfies Record<string, Reason>

/** Outcomes of the appraisal policy. */
const POLICY_REASONS = {
  SNP_VMPL_TOO_HIGH: { what: 'The software that asked for the report runs at too low a privilege.', ...NOT_WANTED },
  SNP_DEBUG_ALLOWED: { what: 'The guest policy lets the host debug the guest.', ...NOT_WANTED },
  SNP_MIGRATION_AGENT_ALLOWED: { what: 'The guest policy allows a migration agent.', ...NOT_WANTED },
  SNP_SMT_ALLOWED: { what: 'The guest policy allows simultaneous multithreading.', ...NOT_WANTED },
  SNP_CXL_ALLOWED: { what: 'The guest policy allows memory on CXL devices.', ...NOT_WANTED },
  SNP_PAGE_SWAP_ALLOWED: { what: 'The guest policy allows the host to swap pages out.', ...NOT_WANTED },
  SNP_SINGLE_SOCKET_NOT_REQUIRED: { what: 'The guest policy does not ask for a single socket.', ...NOT_WANTED },
  SNP_AES256_XTS_NOT_REQUIRED: {
    what: 'The guest policy does not ask for memory encryption with AES-256-XTS.',
    ...NOT_WANTED,
  },
  SNP_ABI_TOO_LOW: { what: 'The guest policy accepts firmware with too low an ABI version.', ...NOT_WANTED },
  SNP_CIPHERTEXT_HIDING_OFF: { what: 'Ciphertext of the guest is not hidden from the host.', ...NOT_WANTED },
  SNP_RAPL_ON: { what: 'Power measurement (RAPL) is on.', ...NOT_WANTED },
  SNP_ALIAS_CHECK_INCOMPLETE: { what: 'The platform has not checked for aliased memory.', ...UPDATE_FIRMWARE },
  SNP_FIRMWARE_PROVISIONAL: { what: 'The firmware of the platform is not committed.', ...UPDATE_FIRMWARE },
  SNP_FIRMWARE_TOO_OLD: { what: 'The firmware of the platform is too old.', ...UPDATE_FIRMWARE },
  SNP_LAUNCH_TCB_BELOW_MINIMUM: { what: 'The TCB at launch is below the minimum.', ...UPDATE_FIRMWARE },
  SNP_TCB_BELOW_MINIMUM: { what: 'The reported TCB is not known to be at the minimum or above.', ...UPDATE_FIRMWARE },
  SNP_MITIGATIONS_MISSING: { what: 'A required mitigation is not active on the platform.', ...UPDATE_FIRMWARE },
  SNP_CRL_TOO_OLD: { what: 'The CRL of the SNP root is older than the policy allows.', ...FETCH_NEWER },
  SNP_PRODUCT_NOT_ALLOWED: { what: 'The product line of the processor is not accepted.', ...NOT_WANTED },
  SNP_VLEK_NOT_ALLOWED: { what: 'Reports signed with a key of the cloud provider are not accepted.', ...NOT_WANTED },
  SNP_CSP_NOT_ALLOWED: { what: 'The cloud provider of the VLEK is not accepted.', ...NOT_WANTED },
  SNP_PLATFORM_DENIED: { what: 'The chip is on the list of denied platforms.', ...NOT_WANTED },
  SNP_PLATFORM_NOT_ALLOWED: { what: 'The chip is not on the list of allowed platforms.', ...NOT_WANTED },
  SNP_MEASUREMENT_MISMATCH: { what: 'The SNP measurement is not an expected one.', ...NOT_WANTED },
  SNP_REPORT_DATA_MISMATCH: { what: 'REPORTDATA of the SNP report is not the expected one.', ...NOT_GENUINE },
  SNP_VTPM_QUOTE_MISSING: {
    what: 'The quote of the vTPM is not there.',
    action: 'Ask the provider for a quote of its vTPM over a fresh challenge.',
    retry: 'refetch',
  },
  SNP_VTPM_CHALLENGE_MISMATCH: { what: 'The vTPM quote answers another challenge.', ...NOT_GENUINE },
  SNP_VTPM_PCR_MISMATCH: { what: 'The value of a vTPM register is not an expected one.', ...NOT_WANTED },
} as const satisfies Record<string, Reason>

/**
 * AMD SEV-SNP: report, certificates, CRL, vTPM, policy. Rows stand in the order of the checks, so that every verifier
 * names the same reason when several things are wrong.
 */
export const SNP_REASONS = {
  ...REPORT_REASONS,
  ...CHAIN_REASONS,
  ...BINDING_REASONS,
  ...POLICY_REASONS,
} as const satisfies Record<string, Reason>
