import type { ReasonCode } from '@spartan/errors'
import type { ReasonRule } from './rules.ts'

/**
 * Reason stated by an SEV-SNP vector → reason code, reviewed by hand. A vector fails its test when the verifier refuses it
 * for any other reason. Texts are those of `expected.reason` in the manifest of the vectors.
 */
export const SNP_VECTOR_REASONS: Readonly<Record<string, ReasonCode>> = {
  'reserved field must be zero': 'SNP_REPORT_RESERVED_NONZERO',
  'policy reserved bits must be zero': 'SNP_POLICY_RESERVED_NONZERO',
  'policy bit 17 must be 1': 'SNP_POLICY_BIT17_CLEAR',
  'signature component padding must be zero': 'SNP_SIGNATURE_PADDING_NONZERO',
  'host-requested report (VMPL 0xFFFFFFFF)': 'SNP_HOST_REQUESTED',
  'CRL expired': 'SNP_CRL_EXPIRED',
  'CRL signature invalid': 'SNP_CRL_SIGNATURE_INVALID',
  'ASK revoked': 'SNP_INTERMEDIATE_REVOKED',
  'VCEK must be issued by the ASK, not the ASVK': 'SNP_INTERMEDIATE_WRONG',
  'VCEK issuer (SEV-Milan) is not the product-line ASK': 'SNP_VEK_ISSUER_MISMATCH',
  'VCEK not signed by ASK': 'SNP_VEK_SIGNATURE_INVALID',
  'VCEK signature/chain or key does not match report': 'SNP_VEK_SIGNATURE_INVALID',
  'VLEK expired at verify_at': 'SNP_VEK_EXPIRED',
  'VCEK lacks hwID': 'SNP_HWID_MISSING',
  'hwID length wrong for product': 'SNP_HWID_LENGTH_WRONG',
  'signing_key does not match certificate type': 'SNP_SIGNING_KEY_MISMATCH',
  'CPUID product differs from VCEK product line': 'SNP_PRODUCT_MISMATCH',
  // The report names another TCB than its certificate, which is compared before the (also invalid) signature.
  'reported_tcb != VCEK TCB extensions (and signature invalid)': 'SNP_TCB_MISMATCH',
  'CHIP_ID zero but VCEK hwID present': 'SNP_CHIP_ID_MASKED',
  'report signature invalid': 'SNP_REPORT_SIGNATURE_INVALID',
  'REPORTED_TCB above CURRENT_TCB': 'SNP_REPORTED_TCB_ABOVE_CURRENT',
  'VMPL above policy': 'SNP_VMPL_TOO_HIGH',
  'debug allowed': 'SNP_DEBUG_ALLOWED',
  'migration agent allowed': 'SNP_MIGRATION_AGENT_ALLOWED',
  'ALIAS_CHECK_COMPLETE required': 'SNP_ALIAS_CHECK_INCOMPLETE',
  'TCB below policy minimum': 'SNP_TCB_BELOW_MINIMUM',
  'CSP_ID not allowed': 'SNP_CSP_NOT_ALLOWED',
}

/** Reasons stated for SEV-SNP reports, most specific first. Reviewed by hand against docs/errors.md. */
export const SNP_REASON_RULES: readonly ReasonRule[] = [
  // Layout and reserved bits.
  [/host.requested|0xFFFFFFFF/i, ['SNP_HOST_REQUESTED']],
  [/policy bit 17/i, ['SNP_POLICY_BIT17_CLEAR']],
  [/policy reserved/i, ['SNP_POLICY_RESERVED_NONZERO']],
  [/(signature|component).*(padding|upper bytes|high bytes)/i, ['SNP_SIGNATURE_PADDING_NONZERO']],
  [/unsigned (bytes|reserved)|bytes after|trailing/i, ['SNP_UNSIGNED_BYTES_NONZERO', 'SNP_REPORT_MALFORMED']],
  [/signature.?algo/i, ['SNP_SIGNATURE_ALGORITHM_UNSUPPORTED']],
  [/signing_key.*(none|unsigned|no signature)/i, ['SNP_REPORT_UNSIGNED']],
  [/report version|unsupported version|version .*(not|un)supported/i, ['SNP_REPORT_VERSION_UNSUPPORTED']],
  [/(report )?(size|length|truncated|too short)/i, ['SNP_REPORT_MALFORMED', 'SNP_HWID_LENGTH_WRONG']],
  [/TCB.*reserved|reserved.*TCB/i, ['SNP_TCB_RESERVED_NONZERO', 'SNP_REPORT_RESERVED_NONZERO']],
  [/reserved/i, ['SNP_REPORT_RESERVED_NONZERO', 'SNP_POLICY_RESERVED_NONZERO']],
  // Root and CRL.
  [/root (is )?not pinned|attacker root|untrusted root|ARK.*(not (pinned|trusted)|unknown)/i, ['SNP_ROOT_NOT_PINNED']],
  [/ARK.*signature/i, ['SNP_ROOT_SIGNATURE_INVALID', 'SNP_ROOT_NOT_PINNED']],
  [/CRL.*(expired|not yet|stale)/i, ['SNP_CRL_EXPIRED']],
  [/CRL.*(signature|signer)/i, ['SNP_CRL_SIGNATURE_INVALID']],
  [/CRL.*issuer/i, ['SNP_CRL_ISSUER_MISMATCH']],
  [/CRL.*missing|no CRL/i, ['SNP_CRL_MISSING']],
  [/CRL.*(pars|malformed|empty|garbage)/i, ['SNP_CRL_MALFORMED']],
  // The certificate's TCB is compared before its signature on the report.
  [/reported.?tcb (!=|differs|not equal)|TCB extensions/i, ['SNP_TCB_MISMATCH']],
  // Certificates.
  [/AS(V)?K.*revoked/i, ['SNP_INTERMEDIATE_REVOKED']],
  [/V[CL]EK.*revoked/i, ['SNP_VEK_REVOKED']],
  [/issued by the AS(V)?K, not/i, ['SNP_INTERMEDIATE_WRONG', 'SNP_VEK_ISSUER_MISMATCH']],
  [/not the product-line ASK/i, ['SNP_VEK_ISSUER_MISMATCH']],
  [/V[CL]EK (is )?not signed by|V[CL]EK.*signature/i, ['SNP_VEK_SIGNATURE_INVALID']],
  [/V[CL]EK.*(expired|not yet valid)/i, ['SNP_VEK_EXPIRED']],
  [/AS(V)?K.*(expired|not yet valid)/i, ['SNP_INTERMEDIATE_EXPIRED']],
  [/AS(V)?K.*signature|AS(V)?K (is )?not signed/i, ['SNP_INTERMEDIATE_SIGNATURE_INVALID']],
  // Certificate and report.
  [/lacks hwID|no hwID|hwID missing/i, ['SNP_HWID_MISSING', 'SNP_VEK_EXTENSION_MISSING']],
  [/hwID length|hwID prefix/i, ['SNP_HWID_LENGTH_WRONG']],
  [/CHIP_ID zero|CHIP_ID masked|mask_chip/i, ['SNP_CHIP_ID_MASKED', 'SNP_REPORT_UNSIGNED']],
  [/CHIP_ID|hwID|other chip/i, ['SNP_HWID_MISMATCH']],
  [/signing_key/i, ['SNP_SIGNING_KEY_MISMATCH', 'SNP_SIGNING_KEY_UNSUPPORTED']],
  [/CPUID|product line|productName/i, ['SNP_PRODUCT_MISMATCH', 'SNP_PRODUCT_UNKNOWN']],
  [/report(ed)?.?tcb.*above|REPORTED_TCB >/i, ['SNP_REPORTED_TCB_ABOVE_CURRENT']],
  [/committed.*(above|>|exceeds)/i, ['SNP_COMMITTED_TCB_ABOVE_CURRENT']],
  [/report signature/i, ['SNP_REPORT_SIGNATURE_INVALID']],
  // Azure.
  [/runtime (data|claims)|var_data/i, ['SNP_HCL_RUNTIME_DATA_NOT_BOUND']],
  [/HCL/i, ['SNP_HCL_MALFORMED', 'SNP_HCL_REPORT_TYPE_UNSUPPORTED']],
  // Policy.
  [/VMPL/i, ['SNP_VMPL_TOO_HIGH', 'SNP_VMPL_INVALID']],
  [/debug/i, ['SNP_DEBUG_ALLOWED']],
  [/migrat/i, ['SNP_MIGRATION_AGENT_ALLOWED']],
  [/ALIAS_CHECK|alias/i, ['SNP_ALIAS_CHECK_INCOMPLETE']],
  [/TCB below|minimum TCB|min_tcb/i, ['SNP_TCB_BELOW_MINIMUM']],
  [/CSP_ID/i, ['SNP_CSP_NOT_ALLOWED']],
  [/VLEK not (allowed|accepted)/i, ['SNP_VLEK_NOT_ALLOWED']],
  [/report_data|REPORTDATA/i, ['SNP_REPORT_DATA_MISMATCH']],
  [/measurement|host_data|id_key|author_key/i, ['SNP_MEASUREMENT_MISMATCH']],
]
