import type { ReasonCode } from '@spartan/errors'

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
