import type { ReasonCode } from '@spartan/errors'

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
 * Vectors that carry a second fault which our order of checks meets before the stated one. Each is refused for `first`
 * as published, and for the stated reason once that fault is taken away: `repair` names how.
 */
export const DCAP_EARLIER_FAULTS: Readonly<
  Record<string, { readonly first: ReasonCode; readonly because: string; readonly repair: readonly DcapRepair[] }>
> = {
  'tdx/neg-v4-phala-collateral-not-yet-valid': {
    first: 'DCAP_PCK_CRL_EXPIRED',
    because: 'the PCK CRL was issued after verify_at as well',
    repair: ['without-pck-crl'],
  },
  'tdx/v4-intel-qvl-sample': {
    first: 'DCAP_CERTIFICATION_DATA_UNSUPPORTED',
    because: 'the chain in the quote is not PEM, and the TCB info holds SVNs above 255',
    repair: ['chain-from-file', 'without-tcb-info'],
  },
}

/** Ways to take an earlier fault away. */
export type DcapRepair = 'without-pck-crl' | 'without-tcb-info' | 'chain-from-file'
