import type { Reason } from '../reason.ts'

const FETCH_NEWER = {
  action: 'Fetch the current endorsements from the vendor and try again.',
  retry: 'refetch',
} as const
const NOT_GENUINE = {
  action: 'Do not use this provider; ask its operator for fresh evidence.',
  retry: 'never',
} as const

/**
 * Intel DCAP: quote, certificates, CRLs, TCB info, QE identity. Rows stand in the order of the checks, which is the
 * same in Solidity and TypeScript, so that both name the same reason when several things are wrong.
 */
export const DCAP_REASONS = {
  DCAP_QUOTE_MALFORMED: {
    what: 'The quote does not have the layout its header declares.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_QUOTE_VERSION_UNSUPPORTED: {
    what: 'The quote version is not one this verifier accepts.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_ATTESTATION_KEY_TYPE_UNSUPPORTED: {
    what: 'The attestation key type is not ECDSA P-256.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_TEE_TYPE_UNSUPPORTED: { what: 'The quote is for another TEE type.', ...NOT_GENUINE, invalidation: 'conclusive' },
  DCAP_QE_VENDOR_UNKNOWN: { what: 'The quoting enclave is not by Intel.', ...NOT_GENUINE, invalidation: 'conclusive' },
  DCAP_BODY_TYPE_UNSUPPORTED: {
    what: 'The body in the quote is not of a type that goes with its version and TEE.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_CERTIFICATION_DATA_UNSUPPORTED: {
    what: 'The certification data of the quote is no PCK certificate chain and does not name one.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_TRAILING_BYTES: { what: 'Bytes other than zero follow the quote.', ...NOT_GENUINE },

  DCAP_ROOT_MISSING: {
    what: 'The root certificate is not there.',
    action: 'Upload the root certificate first.',
    retry: 'refetch',
    invalidation: 'inconclusive',
  },
  DCAP_ROOT_CERTIFICATE_MALFORMED: {
    what: 'The root certificate is not canonical DER of the expected shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_ROOT_NOT_PINNED: {
    what: 'The chain does not end in the pinned root key.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_ROOT_SIGNATURE_INVALID: {
    what: 'The root certificate is not signed by itself.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_ROOT_EXPIRED: {
    what: 'The root certificate is outside its validity.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_ROOT_CRL_MISSING: {
    what: 'No root CA CRL is there to check against.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_ROOT_CRL_MALFORMED: {
    what: 'The root CA CRL is not canonical DER of the expected shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_ROOT_CRL_ISSUER_MISMATCH: {
    what: 'The root CA CRL was issued by somebody else.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_ROOT_CRL_SIGNATURE_INVALID: {
    what: 'The root CA CRL is not signed by the root.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_ROOT_CRL_EXPIRED: {
    what: 'The root CA CRL is outside its validity.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_ROOT_CRL_ROLLBACK: {
    what: 'The store already holds a newer root CA CRL.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },

  DCAP_PCK_CA_MISSING: {
    what: 'The PCK issuing CA certificate is not there.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_PCK_CA_MALFORMED: {
    what: 'The PCK issuing CA certificate is not a canonical CA certificate.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_PCK_CA_ISSUER_MISMATCH: {
    what: 'The PCK issuing CA was not issued by the root.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_PCK_CA_SIGNATURE_INVALID: {
    what: 'The PCK issuing CA certificate is not signed by the root.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_PCK_CA_EXPIRED: {
    what: 'The PCK issuing CA certificate is outside its validity.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_PCK_CA_REVOKED: {
    what: 'The PCK issuing CA certificate is revoked.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_PCK_CRL_MISSING: { what: 'No PCK CRL is there to check against.', ...FETCH_NEWER, invalidation: 'inconclusive' },
  DCAP_PCK_CRL_MALFORMED: {
    what: 'The PCK CRL is not canonical DER of the expected shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_PCK_CRL_ISSUER_MISMATCH: {
    what: 'The PCK CRL was issued by another CA than the PCK certificate.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_PCK_CRL_SIGNATURE_INVALID: {
    what: 'The PCK CRL is not signed by the PCK issuing CA.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_PCK_CRL_EXPIRED: { what: 'The PCK CRL is outside its validity.', ...FETCH_NEWER, invalidation: 'inconclusive' },
  DCAP_PCK_CRL_ROLLBACK: {
    what: 'The store already holds a newer PCK CRL.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_PCK_MISSING: {
    what: 'The PCK certificate is not there.',
    action: 'Upload the PCK certificate of this platform first.',
    retry: 'refetch',
    invalidation: 'inconclusive',
  },
  DCAP_PCK_MALFORMED: {
    what: 'The PCK certificate or its SGX extension is not canonical.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_PCK_ISSUER_MISMATCH: {
    what: 'The PCK certificate was not issued by the PCK issuing CA.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_PCK_SIGNATURE_INVALID: {
    what: 'The PCK certificate is not signed by its issuing CA.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_PCK_EXPIRED: {
    what: 'The PCK certificate is outside its validity.',
    ...NOT_GENUINE,
    invalidation: 'inconclusive',
  },
  DCAP_PCK_REVOKED: { what: 'The PCK certificate is revoked.', ...NOT_GENUINE, invalidation: 'conclusive' },

  DCAP_CERTIFICATION_DATA_MISMATCH: {
    what: 'The PCK certificate among the endorsements is not the one that the quote names.',
    ...FETCH_NEWER,
  },

  DCAP_TCB_SIGNER_MISSING: {
    what: 'The TCB signing certificate is not there.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_TCB_SIGNER_MALFORMED: {
    what: 'The TCB signing certificate is not canonical DER of the expected shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_TCB_SIGNER_WRONG: {
    what: 'The signer of the endorsement is not "Intel SGX TCB Signing" issued by the root.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_TCB_SIGNER_SIGNATURE_INVALID: {
    what: 'The TCB signing certificate is not signed by the root.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_TCB_SIGNER_EXPIRED: {
    what: 'The TCB signing certificate is outside its validity.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_TCB_SIGNER_REVOKED: {
    what: 'The TCB signing certificate is revoked.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },

  DCAP_TCB_INFO_MISSING: {
    what: 'No TCB info for this platform is there.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_TCB_INFO_SIGNATURE_INVALID: {
    what: 'The TCB info is not signed by the TCB signing certificate.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_TCB_INFO_MALFORMED: {
    what: 'The TCB info is not JSON of the documented shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_TCB_INFO_ID_MISMATCH: { what: 'The TCB info is for another TEE.', ...FETCH_NEWER, invalidation: 'conclusive' },
  DCAP_TCB_INFO_VERSION_UNSUPPORTED: {
    what: 'The TCB info version is too old for this TEE.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_TCB_INFO_NOT_YET_VALID: {
    what: 'The TCB info was issued in the future.',
    ...FETCH_NEWER,
    retry: 'later',
    invalidation: 'inconclusive',
  },
  DCAP_TCB_INFO_EXPIRED: {
    what: 'The TCB info is past its next update.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_TCB_INFO_ROLLBACK: {
    what: 'The store already holds a newer TCB info for this platform.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_QE_IDENTITY_MISSING: { what: 'No QE identity is there.', ...FETCH_NEWER, invalidation: 'inconclusive' },
  DCAP_QE_IDENTITY_SIGNATURE_INVALID: {
    what: 'The QE identity is not signed by the TCB signing certificate.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_QE_IDENTITY_MALFORMED: {
    what: 'The QE identity is not JSON of the documented shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_QE_IDENTITY_ID_MISMATCH: {
    what: 'The QE identity is for another enclave.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_QE_IDENTITY_VERSION_UNSUPPORTED: {
    what: 'The QE identity version is not supported.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_QE_IDENTITY_NOT_YET_VALID: {
    what: 'The QE identity was issued in the future.',
    ...FETCH_NEWER,
    retry: 'later',
    invalidation: 'inconclusive',
  },
  DCAP_QE_IDENTITY_EXPIRED: {
    what: 'The QE identity is past its next update.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_QE_IDENTITY_ROLLBACK: {
    what: 'The store already holds a newer QE identity.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  DCAP_TCB_EVALUATION_NUMBER_TOO_LOW: {
    what: 'The endorsements are older than the required TCB evaluation number.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },

  DCAP_QE_REPORT_SIGNATURE_INVALID: {
    what: 'The QE report is not signed by the PCK.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_ATTESTATION_KEY_NOT_BOUND: {
    what: 'The QE report does not bind the attestation key.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_QUOTE_SIGNATURE_INVALID: {
    what: 'The quote is not signed by the attestation key.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_QE_IDENTITY_MISMATCH: {
    what: 'The QE report does not match the QE identity (MISCSELECT, ATTRIBUTES, MRSIGNER or ISVPRODID).',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_PCEID_MISMATCH: { what: 'The TCB info is for another PCEID.', ...FETCH_NEWER, invalidation: 'conclusive' },
  DCAP_TCB_LEVEL_NOT_FOUND: {
    what: 'The platform is older than every listed TCB level.',
    action: 'Update the platform firmware.',
    retry: 'never',
    invalidation: 'outdated',
  },
  DCAP_MODULE_IDENTITY_MISSING: {
    what: 'The TCB info has no identity for this TDX module.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  DCAP_MODULE_IDENTITY_MISMATCH: {
    what: 'MRSIGNERSEAM or SEAMATTRIBUTES do not match the TDX module identity.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_MODULE_LEVEL_NOT_FOUND: {
    what: 'The TDX module is older than every listed module level.',
    action: 'Update the TDX module.',
    retry: 'never',
    invalidation: 'outdated',
  },
  DCAP_QE_LEVEL_NOT_FOUND: {
    what: 'The QE is older than every listed QE level.',
    action: 'Update the quoting enclave.',
    retry: 'never',
    invalidation: 'outdated',
  },
  DCAP_TD_DEBUG: { what: 'The TD runs in debug mode.', ...NOT_GENUINE, invalidation: 'conclusive' },
  DCAP_TD_ATTRIBUTES_RESERVED: {
    what: 'A reserved TD attribute bit is set.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_SEPT_VE_DISABLE_CLEAR: {
    what: 'SEPT_VE_DISABLE is not set.',
    action: 'Start the TD with SEPT_VE_DISABLE.',
    retry: 'never',
  },
  DCAP_XFAM_INVALID: {
    what: 'XFAM lacks x87 or SSE state, without which no TD runs.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_SERVICE_TD_NOT_ACCEPTED: {
    what: 'A service TD that the policy does not allow is bound to the TD.',
    action: 'Start the TD without a service TD, or allow it in the policy.',
    retry: 'never',
    invalidation: 'conclusive',
  },
  DCAP_TEE_TCB_SVN_TOO_LOW: {
    what: 'The TDX module or loader is older than the policy requires.',
    action: 'Update the TDX module.',
    retry: 'never',
  },
  DCAP_ENCLAVE_DEBUG: { what: 'The enclave runs in debug mode.', ...NOT_GENUINE },
  DCAP_TCB_REVOKED: {
    what: 'The TCB of the platform, module or QE is revoked.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  DCAP_TCB_STATUS_NOT_ACCEPTED: {
    what: 'The TCB status is not in the accepted set.',
    action: 'Update the platform to a TCB level the policy accepts.',
    retry: 'never',
    invalidation: 'outdated',
  },
  DCAP_STORAGE_FAILED: {
    what: 'The endorsement could not be written to the chain.',
    action: 'Send the upload again with more gas.',
    retry: 'later',
    invalidation: 'conclusive',
  },
  DCAP_SIMULATION_ROOT_FORBIDDEN: {
    what: 'A simulation root was given outside of development mode.',
    action: 'Deploy without a simulation root, or in development mode on a test chain.',
    retry: 'never',
    invalidation: 'conclusive',
  },
  DCAP_ADVISORY_NOT_ACCEPTED: {
    what: 'An open security advisory is not in the accepted set.',
    action: 'Update the platform or accept the advisory in the policy.',
    retry: 'never',
  },
  DCAP_ENDORSEMENTS_TOO_OLD: { what: 'The endorsements are valid but older than the policy accepts.', ...FETCH_NEWER },
  DCAP_QE_VENDOR_NOT_ACCEPTED: {
    what: 'The vendor of the quoting enclave is not among the allowed ones.',
    action: 'Use another provider.',
    retry: 'never',
  },
  DCAP_FMSPC_NOT_ACCEPTED: {
    what: 'The platform family (FMSPC) is not among the allowed ones.',
    action: 'Use another provider.',
    retry: 'never',
  },
  DCAP_PRODUCT_NOT_ACCEPTED: {
    what: 'Attestation keys of this product are known to leak, and the policy refuses such products.',
    action: 'Use another provider.',
    retry: 'never',
  },
  DCAP_PLATFORM_NOT_ACCEPTED: {
    what: 'The platform is denied, or not among the allowed ones.',
    action: 'Use another provider.',
    retry: 'never',
  },
  DCAP_MEASUREMENT_NOT_ACCEPTED: { what: 'The measurement is not an expected one.', ...NOT_GENUINE },
  DCAP_REPORT_DATA_MISMATCH: { what: 'REPORTDATA is not the expected one.', ...NOT_GENUINE },
  DCAP_ENDORSEMENTS_MALFORMED: { what: 'The endorsements are not JSON of the documented form.', ...FETCH_NEWER },
} as const satisfies Record<string, Reason>
