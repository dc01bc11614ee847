import type { ReasonCode } from '@spartan/errors'
import type { ReasonRule } from './rules.ts'

/**
 * Reason stated by a DCAP vector → reason code, reviewed by hand. A vector fails its test when the verifier refuses it
 * for any other reason. Texts are those of `expected.reason` in the manifest of the vectors.
 */
export const DCAP_VECTOR_REASONS: Readonly<Record<string, ReasonCode>> = {
  'quote format not supported': 'DCAP_QUOTE_VERSION_UNSUPPORTED',
  'PCK cert chain not parseable': 'DCAP_CERTIFICATION_DATA_UNSUPPORTED',
  'PCK leaf signature invalid': 'DCAP_PCK_SIGNATURE_INVALID',
  'root certificate signature invalid': 'DCAP_ROOT_SIGNATURE_INVALID',
  'root not pinned': 'DCAP_ROOT_NOT_PINNED',
  'PCK root not pinned': 'DCAP_ROOT_NOT_PINNED',
  'root CA CRL signature invalid': 'DCAP_ROOT_CRL_SIGNATURE_INVALID',
  'root CRL expired': 'DCAP_ROOT_CRL_EXPIRED',
  'intermediate CA revoked': 'DCAP_PCK_CA_REVOKED',
  'PCK CRL missing / not parseable': 'DCAP_PCK_CRL_MALFORMED',
  'PCK CRL not parseable': 'DCAP_PCK_CRL_MALFORMED',
  'PCK CRL signature invalid': 'DCAP_PCK_CRL_SIGNATURE_INVALID',
  'PCK CRL issuer differs from PCK certificate issuer': 'DCAP_PCK_CRL_ISSUER_MISMATCH',
  'PCK certificate expired': 'DCAP_PCK_EXPIRED',
  'PCK certificate not yet valid': 'DCAP_PCK_EXPIRED',
  'TCB info signer is not "Intel SGX TCB Signing"': 'DCAP_TCB_SIGNER_WRONG',
  'TCB info id does not match the TEE type': 'DCAP_TCB_INFO_ID_MISMATCH',
  'TCB info version too old for TDX': 'DCAP_TCB_INFO_VERSION_UNSUPPORTED',
  'TCB info not yet valid': 'DCAP_TCB_INFO_NOT_YET_VALID',
  'TCB info issueDate in the future': 'DCAP_TCB_INFO_NOT_YET_VALID',
  'TCB info expired': 'DCAP_TCB_INFO_EXPIRED',
  'QE identity id must be TD_QE for a TDX quote / QE MRSIGNER or ISVPRODID mismatch': 'DCAP_QE_IDENTITY_ID_MISMATCH',
  'tcbEvaluationDataNumber below floor': 'DCAP_TCB_EVALUATION_NUMBER_TOO_LOW',
  'tcbEvaluationDataNumber of QE identity below floor': 'DCAP_TCB_EVALUATION_NUMBER_TOO_LOW',
  'attestation key not on curve': 'DCAP_QUOTE_SIGNATURE_INVALID',
  'quote signature invalid': 'DCAP_QUOTE_SIGNATURE_INVALID',
  'quote signature invalid (header is signed)': 'DCAP_QUOTE_SIGNATURE_INVALID',
  'QE attributes mismatch (debug)': 'DCAP_QE_IDENTITY_MISMATCH',
  'QE MRSIGNER mismatch': 'DCAP_QE_IDENTITY_MISMATCH',
  'QE MRSIGNER mismatch and no matching TCB level; root is not Intel': 'DCAP_QE_IDENTITY_MISMATCH',
  'TCB level not found (platform older than every listed level)': 'DCAP_TCB_LEVEL_NOT_FOUND',
  'MRSIGNERSEAM mismatch': 'DCAP_MODULE_IDENTITY_MISMATCH',
  'TD DEBUG attribute set': 'DCAP_TD_DEBUG',
  'TD debug': 'DCAP_TD_DEBUG',
  'reserved TD attribute bit': 'DCAP_TD_ATTRIBUTES_RESERVED',
  'SEPT_VE_DISABLE required by policy': 'DCAP_SEPT_VE_DISABLE_CLEAR',
  'Revoked via PCESVN': 'DCAP_TCB_REVOKED',
  'TDX module Revoked': 'DCAP_TCB_REVOKED',
  'platform TCB level Revoked': 'DCAP_TCB_REVOKED',
  'QE Revoked': 'DCAP_TCB_REVOKED',
  'TDX module OutOfDate -> converged OutOfDate': 'DCAP_TCB_STATUS_NOT_ACCEPTED',
  'platform TCB level OutOfDate (module UpToDate must not mask it)': 'DCAP_TCB_STATUS_NOT_ACCEPTED',
  'QE OutOfDate -> converged OutOfDate': 'DCAP_TCB_STATUS_NOT_ACCEPTED',
  OutOfDateConfigurationNeeded: 'DCAP_TCB_STATUS_NOT_ACCEPTED',
  OutOfDate: 'DCAP_TCB_STATUS_NOT_ACCEPTED',
  'TDRelaunchAdvised (policy decides; default no)': 'DCAP_TCB_STATUS_NOT_ACCEPTED',
  'TDRelaunchAdvisedConfigurationNeeded (policy decides; default no)': 'DCAP_TCB_STATUS_NOT_ACCEPTED',
  'service TD not allowed by policy': 'DCAP_SERVICE_TD_NOT_ACCEPTED',
  'TCB level not found': 'DCAP_TCB_LEVEL_NOT_FOUND',
  'no TCB level in this TCB info matches the platform; signatures and chain valid': 'DCAP_TCB_LEVEL_NOT_FOUND',
  'enclave DEBUG attribute set': 'DCAP_ENCLAVE_DEBUG',
}

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
  [/(intermediate|PCK|platform|processor) CA.*(expired|not yet)/i, ['DCAP_PCK_CA_EXPIRED']],
  [/(intermediate|PCK|platform|processor) CA.*(signature|not signed)/i, ['DCAP_PCK_CA_SIGNATURE_INVALID']],
  [/PCK (leaf |certificate )?(expired|not yet valid)/i, ['DCAP_PCK_EXPIRED']],
  [/PCK leaf signature|PCK certificate signature|PCK.*not signed/i, ['DCAP_PCK_SIGNATURE_INVALID']],
  [/root (certificate )?(expired|not yet)/i, ['DCAP_ROOT_EXPIRED']],
  // A leaf that issues stands in the place of the CA, which its form or its name gives away.
  [
    /(acts?|acting|used) as (a )?CA|not a CA|basicConstraints|sub-?certificate|issued by (a|the) PCK leaf/i,
    [
      'DCAP_PCK_CA_MALFORMED',
      'DCAP_PCK_CA_ISSUER_MISMATCH',
      'DCAP_PCK_ISSUER_MISMATCH',
      'DCAP_CERTIFICATION_DATA_UNSUPPORTED',
    ],
  ],
  // Who signed the documents.
  [/(signer|signed by).*(PCK leaf|not "?Intel SGX TCB Signing|wrong)/i, ['DCAP_TCB_SIGNER_WRONG']],
  [/signer is not "?Intel SGX TCB Signing/i, ['DCAP_TCB_SIGNER_WRONG']],
  [/TCB signing certificate.*(expired|not yet)/i, ['DCAP_TCB_SIGNER_EXPIRED']],
  // TCB info.
  [/TCB level not found|^no (matching )?TCB level/i, ['DCAP_TCB_LEVEL_NOT_FOUND']],
  [/TCB info id/i, ['DCAP_TCB_INFO_ID_MISMATCH']],
  [/TCB info version/i, ['DCAP_TCB_INFO_VERSION_UNSUPPORTED']],
  [/TCB info.*(not yet valid|in the future)/i, ['DCAP_TCB_INFO_NOT_YET_VALID']],
  [/TCB info.*expired/i, ['DCAP_TCB_INFO_EXPIRED']],
  [/TCB info.*signature/i, ['DCAP_TCB_INFO_SIGNATURE_INVALID']],
  [/TCB info.*missing/i, ['DCAP_TCB_INFO_MISSING']],
  [/TCB info.*(pars|malformed|duplicate|JSON)/i, ['DCAP_TCB_INFO_MALFORMED', 'DCAP_TCB_INFO_SIGNATURE_INVALID']],
  // QE identity.
  [/QE identity id/i, ['DCAP_QE_IDENTITY_ID_MISMATCH', 'DCAP_QE_IDENTITY_MISMATCH']],
  [/evaluation ?data ?number/i, ['DCAP_TCB_EVALUATION_NUMBER_TOO_LOW']],
  [/QE identity.*signature/i, ['DCAP_QE_IDENTITY_SIGNATURE_INVALID']],
  [/QE identity.*(not yet valid|in the future)/i, ['DCAP_QE_IDENTITY_NOT_YET_VALID']],
  [/QE identity.*expired/i, ['DCAP_QE_IDENTITY_EXPIRED']],
  [/QE identity.*(missing|absent)|no QE identity/i, ['DCAP_QE_IDENTITY_MISSING']],
  [/QE identity version/i, ['DCAP_QE_IDENTITY_VERSION_UNSUPPORTED']],
  [
    /QE identity.*(pars|malformed|duplicate|JSON)/i,
    ['DCAP_QE_IDENTITY_MALFORMED', 'DCAP_QE_IDENTITY_SIGNATURE_INVALID'],
  ],
  // The quote's own signatures.
  [/QE report signature/i, ['DCAP_QE_REPORT_SIGNATURE_INVALID']],
  [/attestation key not on curve/i, ['DCAP_QUOTE_SIGNATURE_INVALID', 'DCAP_ATTESTATION_KEY_NOT_BOUND']],
  [/attestation key.*(bound|hash)|QE report.?data/i, ['DCAP_ATTESTATION_KEY_NOT_BOUND']],
  [/quote signature/i, ['DCAP_QUOTE_SIGNATURE_INVALID']],
  // Quoting enclave.
  [/^QE .*(mismatch|MRSIGNER|ISVPRODID|MISCSELECT|attributes)/i, ['DCAP_QE_IDENTITY_MISMATCH']],
  // Platform family and levels.
  [/PCEID/i, ['DCAP_PCEID_MISMATCH']],
  // TCB info is found by its FMSPC: one for another family is not the one that is needed.
  [/FMSPC/i, ['DCAP_TCB_INFO_MISSING', 'DCAP_FMSPC_NOT_ACCEPTED']],
  [/MRSIGNERSEAM|SEAM.?ATTRIBUTES|module identity/i, ['DCAP_MODULE_IDENTITY_MISMATCH', 'DCAP_MODULE_IDENTITY_MISSING']],
  // The workload.
  [/enclave debug/i, ['DCAP_ENCLAVE_DEBUG']],
  [/TD debug|debug attribute/i, ['DCAP_TD_DEBUG', 'DCAP_ENCLAVE_DEBUG']],
  [/service TD|MRSERVICETD/i, ['DCAP_SERVICE_TD_NOT_ACCEPTED']],
  [/TEE_TCB_SVN|tee tcb svn/i, ['DCAP_TEE_TCB_SVN_TOO_LOW']],
  [/(body|report) (type|size)/i, ['DCAP_BODY_TYPE_UNSUPPORTED', 'DCAP_QUOTE_MALFORMED']],
  [/event log|CCEL|replay/i, ['EVENT_LOG_RTMR_MISMATCH', 'EVENT_LOG_EVENT_DIGEST_MISMATCH', 'EVENT_LOG_MALFORMED']],
  [/report_?data|nonce/i, ['DCAP_REPORT_DATA_MISMATCH']],
  [/XFAM/i, ['DCAP_XFAM_INVALID', 'DCAP_MEASUREMENT_NOT_ACCEPTED']],
  [/reserved.*TD attribute|TD attribute.*reserved/i, ['DCAP_TD_ATTRIBUTES_RESERVED']],
  [/reserved TD attribute/i, ['DCAP_TD_ATTRIBUTES_RESERVED']],
  [/SEPT_VE_DISABLE/i, ['DCAP_SEPT_VE_DISABLE_CLEAR']],
  [
    /MRTD|RTMR|MR_?CONFIG|MR_?OWNER|MR_?SEAM|MRENCLAVE|MRSIGNER|measurement|td_attributes/i,
    ['DCAP_MEASUREMENT_NOT_ACCEPTED'],
  ],
  // Status.
  [/revoked/i, ['DCAP_TCB_REVOKED']],
  [/OutOfDate|RelaunchAdvised|status .*not (UpToDate|accepted)/i, ['DCAP_TCB_STATUS_NOT_ACCEPTED']],
  [/module.*(level|SVN)/i, ['DCAP_MODULE_LEVEL_NOT_FOUND', 'DCAP_TCB_STATUS_NOT_ACCEPTED']],
  [/QE.*(level|SVN)/i, ['DCAP_QE_LEVEL_NOT_FOUND', 'DCAP_TCB_STATUS_NOT_ACCEPTED']],
  // What is left: a layout that no parser takes.
  [/cert.*(pars|malformed)/i, ['DCAP_PCK_MALFORMED', 'DCAP_PCK_CA_MALFORMED', 'DCAP_CERTIFICATION_DATA_UNSUPPORTED']],
  [/certification data/i, ['DCAP_CERTIFICATION_DATA_UNSUPPORTED', 'DCAP_CERTIFICATION_DATA_MISMATCH']],
  [/truncated|too short|length|malformed|size|pars/i, ['DCAP_QUOTE_MALFORMED']],
]
