import type { ReasonRule } from './rules.ts'

/**
 * Reasons stated for TDX and SGX quotes, most specific first: the first text that fits decides. Reviewed by hand against
 * docs/errors.md; the tests and `spartan evidence vectors` use this one table.
 */
export const DCAP_REASON_RULES: readonly ReasonRule[] = [
  // Layout of the quote.
  [/quote (format|version) not supported|unsupported quote version/i, ['DCAP_QUOTE_VERSION_UNSUPPORTED']],
  [/trailing (junk|bytes|data)|bytes (after|behind) the (quote|signature)/i, ['DCAP_TRAILING_BYTES']],
  [/attestation key type/i, ['DCAP_ATTESTATION_KEY_TYPE_UNSUPPORTED']],
  [/tee[ _]?type/i, ['DCAP_TEE_TYPE_UNSUPPORTED', 'DCAP_TCB_INFO_ID_MISMATCH']],
  [/QE vendor/i, ['DCAP_QE_VENDOR_UNKNOWN']],
  [/PCK cert(ificate)? chain not parseable/i, ['DCAP_CERTIFICATION_DATA_UNSUPPORTED', 'DCAP_PCK_MALFORMED']],
  // Root.
  [/root is not Intel/i, ['DCAP_QE_IDENTITY_MISMATCH', 'DCAP_TCB_LEVEL_NOT_FOUND', 'DCAP_ROOT_NOT_PINNED']],
  [/root (is )?not pinned|attacker root|untrusted root/i, ['DCAP_ROOT_NOT_PINNED']],
  [/root certificate signature/i, ['DCAP_ROOT_SIGNATURE_INVALID']],
  // CRLs.
  [/root (CA )?CRL.*signature/i, ['DCAP_ROOT_CRL_SIGNATURE_INVALID']],
  [/root (CA )?CRL.*(expired|not yet)/i, ['DCAP_ROOT_CRL_EXPIRED']],
  [/root (CA )?CRL.*(parse|malformed|missing)/i, ['DCAP_ROOT_CRL_MALFORMED', 'DCAP_ROOT_CRL_MISSING']],
  [/PCK CRL.*(issuer differs|other CA|wrong issuer)/i, ['DCAP_PCK_CRL_ISSUER_MISMATCH']],
  [/PCK CRL.*(signature|wrong signer)/i, ['DCAP_PCK_CRL_SIGNATURE_INVALID']],
  [/PCK CRL.*(expired|not yet)/i, ['DCAP_PCK_CRL_EXPIRED']],
  [/PCK CRL.*(pars|malformed|missing|empty)/i, ['DCAP_PCK_CRL_MALFORMED', 'DCAP_PCK_CRL_MISSING']],
  // Certificates.
  [/(intermediate|PCK|platform|processor) CA.*revoked/i, ['DCAP_PCK_CA_REVOKED']],
  [/TCB sign(ing|er).*revoked/i, ['DCAP_TCB_SIGNER_REVOKED']],
  [/PCK.*revoked/i, ['DCAP_PCK_REVOKED']],
  [/PCK certificate (expired|not yet valid)/i, ['DCAP_PCK_EXPIRED']],
  [/PCK leaf signature|PCK certificate signature/i, ['DCAP_PCK_SIGNATURE_INVALID']],
  // Who signed the documents.
  [/signer is not "?Intel SGX TCB Signing/i, ['DCAP_TCB_SIGNER_WRONG']],
  [/TCB signing certificate.*(expired|not yet)/i, ['DCAP_TCB_SIGNER_EXPIRED']],
  // TCB info.
  [/TCB level not found|^no (matching )?TCB level/i, ['DCAP_TCB_LEVEL_NOT_FOUND']],
  [/TCB info id/i, ['DCAP_TCB_INFO_ID_MISMATCH']],
  [/TCB info version/i, ['DCAP_TCB_INFO_VERSION_UNSUPPORTED']],
  [/TCB info.*(not yet valid|in the future)/i, ['DCAP_TCB_INFO_NOT_YET_VALID']],
  [/TCB info.*expired/i, ['DCAP_TCB_INFO_EXPIRED']],
  [/TCB info.*signature/i, ['DCAP_TCB_INFO_SIGNATURE_INVALID']],
  // QE identity.
  [/QE identity id/i, ['DCAP_QE_IDENTITY_ID_MISMATCH', 'DCAP_QE_IDENTITY_MISMATCH']],
  [/evaluation ?data ?number/i, ['DCAP_TCB_EVALUATION_NUMBER_TOO_LOW']],
  [/QE identity.*signature/i, ['DCAP_QE_IDENTITY_SIGNATURE_INVALID']],
  [/QE identity.*(not yet valid|in the future)/i, ['DCAP_QE_IDENTITY_NOT_YET_VALID']],
  [/QE identity.*expired/i, ['DCAP_QE_IDENTITY_EXPIRED']],
  // The quote's own signatures.
  [/QE report signature/i, ['DCAP_QE_REPORT_SIGNATURE_INVALID']],
  [/attestation key not on curve/i, ['DCAP_QUOTE_SIGNATURE_INVALID', 'DCAP_ATTESTATION_KEY_NOT_BOUND']],
  [/attestation key.*(bound|hash)|QE report.?data/i, ['DCAP_ATTESTATION_KEY_NOT_BOUND']],
  [/quote signature/i, ['DCAP_QUOTE_SIGNATURE_INVALID']],
  // Quoting enclave.
  [/^QE .*(mismatch|MRSIGNER|ISVPRODID|MISCSELECT|attributes)/i, ['DCAP_QE_IDENTITY_MISMATCH']],
  // Platform family and levels.
  [/PCEID/i, ['DCAP_PCEID_MISMATCH']],
  [/FMSPC/i, ['DCAP_TCB_INFO_MISSING']],
  [/MRSIGNERSEAM|SEAM.?ATTRIBUTES|module identity/i, ['DCAP_MODULE_IDENTITY_MISMATCH', 'DCAP_MODULE_IDENTITY_MISSING']],
  // The workload.
  [/enclave debug/i, ['DCAP_ENCLAVE_DEBUG']],
  [/TD debug|debug attribute/i, ['DCAP_TD_DEBUG', 'DCAP_ENCLAVE_DEBUG']],
  [/service TD|MRSERVICETD/i, ['DCAP_SERVICE_TD_NOT_ACCEPTED']],
  [/TEE_TCB_SVN|tee tcb svn/i, ['DCAP_TEE_TCB_SVN_TOO_LOW']],
  [/(body|report) (type|size)/i, ['DCAP_BODY_TYPE_UNSUPPORTED', 'DCAP_QUOTE_MALFORMED']],
  [/reserved TD attribute/i, ['DCAP_TD_ATTRIBUTES_RESERVED']],
  [/SEPT_VE_DISABLE/i, ['DCAP_SEPT_VE_DISABLE_CLEAR']],
  // Status.
  [/revoked/i, ['DCAP_TCB_REVOKED']],
  [/OutOfDate|RelaunchAdvised|status .*not (UpToDate|accepted)/i, ['DCAP_TCB_STATUS_NOT_ACCEPTED']],
]
