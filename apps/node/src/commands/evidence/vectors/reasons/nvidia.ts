import type { ReasonCode } from '@spartan/errors'
import type { ReasonRule } from './rules.ts'

/**
 * Reason stated by an NVIDIA vector → reason code, reviewed by hand. A vector fails its test when the verifier refuses it for any
 * other reason. Texts are those of `expected.reason` in the manifest of the vectors.
 */
export const NVIDIA_VECTOR_REASONS: Readonly<Record<string, ReasonCode>> = {
  'device root not pinned': 'NVIDIA_ROOT_NOT_PINNED',
  'intermediate CA missing': 'NVIDIA_CERTIFICATE_ISSUER_MISMATCH',
  'leaf (AK) certificate missing': 'NVIDIA_LEAF_MISSING',
  'report signature invalid under the supplied leaf': 'NVIDIA_REPORT_SIGNATURE_INVALID',
  // The signature comes before the firmware identity, which differs because the report is another GPU's.
  'report signature invalid; FWID also differs from the leaf certificate': 'NVIDIA_REPORT_SIGNATURE_INVALID',
  // The request is part of what is signed.
  'report signature invalid / nonce mismatch': 'NVIDIA_REPORT_SIGNATURE_INVALID',
  'nonce mismatch': 'NVIDIA_NONCE_MISMATCH',
  // Evidence and manifest are separate entries: see `comparedRims`.
  'measurement mismatch (measres=fail; secboot/dbgstat null)': 'NVIDIA_MEASUREMENT_MISMATCH',
  'genuinely signed RIM whose golden value at index 9 does not match the 535.86.09 evidence (other RIM revision)':
    'NVIDIA_MEASUREMENT_MISMATCH',
  'RIM content edited: reference digest mismatch (peer disables signature check to reach measurement mismatch)':
    'NVIDIA_RIM_DIGEST_MISMATCH',
  'reference digest mismatch': 'NVIDIA_RIM_DIGEST_MISMATCH',
  'reference digest mismatch, wrong product': 'NVIDIA_RIM_DIGEST_MISMATCH',
  // verify_at is the last second of the signer's validity, which RFC 5280 §4.1.2.5 includes; of the two stated faults the edited
  // content is the one that is there. One second later it is NVIDIA_RIM_CERTIFICATE_EXPIRED (tested).
  'RIM leaf certificate expired (2025-01-01..02) and content edited': 'NVIDIA_RIM_DIGEST_MISMATCH',
}

/** Reasons stated for NVIDIA reports and reference manifests, most specific first. Reviewed by hand against docs/errors.md. */
export const NVIDIA_REASON_RULES: readonly ReasonRule[] = [
  // Reference manifests.
  [/RIM content edited|reference digest mismatch|digest mismatch/i, ['NVIDIA_RIM_DIGEST_MISMATCH']],
  // The signer's last second, which RFC 5280 §4.1.2.5 includes, is still valid: then the edited content is what is found.
  [/RIM.*expired.*edited/i, ['NVIDIA_RIM_CERTIFICATE_EXPIRED', 'NVIDIA_RIM_DIGEST_MISMATCH']],
  [/RIM.*(certificate|leaf|signer).*(expired|not yet)/i, ['NVIDIA_RIM_CERTIFICATE_EXPIRED']],
  [/(golden|measurement).*(mismatch|not match)/i, ['NVIDIA_MEASUREMENT_MISMATCH']],
  [/RIM.*root/i, ['NVIDIA_RIM_ROOT_NOT_PINNED']],
  [/RIM.*signature.*(missing|more than|two|unsupported|wrapp)/i, ['NVIDIA_RIM_SIGNATURE_UNSUPPORTED']],
  [/RIM.*signature/i, ['NVIDIA_RIM_SIGNATURE_INVALID', 'NVIDIA_RIM_DIGEST_MISMATCH']],
  [/RIM.*(wrong|other|another) (product|version|board)|wrong product/i, ['NVIDIA_RIM_UNRELATED']],
  [/RIM.*(pars|malformed|schema|XML)/i, ['NVIDIA_RIM_MALFORMED']],
  // Certificates of the device.
  [/root (is )?not pinned|attacker root|untrusted root/i, ['NVIDIA_ROOT_NOT_PINNED']],
  [/leaf .*missing|AK\) certificate missing/i, ['NVIDIA_LEAF_MISSING']],
  [
    /intermediate CA missing|certificate .*missing|chain order/i,
    ['NVIDIA_CERTIFICATE_ISSUER_MISMATCH', 'NVIDIA_LEAF_MISSING'],
  ],
  [/revoked/i, ['NVIDIA_CERTIFICATE_REVOKED']],
  [/OCSP.*(expired|stale)/i, ['NVIDIA_OCSP_EXPIRED']],
  [/OCSP.*signature/i, ['NVIDIA_OCSP_SIGNATURE_INVALID']],
  [/OCSP/i, ['NVIDIA_OCSP_MISSING', 'NVIDIA_OCSP_MALFORMED', 'NVIDIA_OCSP_RESPONDER_UNAUTHORIZED']],
  [/certificate.*(expired|not yet)/i, ['NVIDIA_CERTIFICATE_EXPIRED']],
  [/certificate.*signature|certificate.*not signed/i, ['NVIDIA_CERTIFICATE_SIGNATURE_INVALID']],
  [/(not a|may not be a|acts? as) CA|basicConstraints/i, ['NVIDIA_CA_INVALID']],
  [/certificate.*(pars|malformed)/i, ['NVIDIA_CERTIFICATE_MALFORMED', 'NVIDIA_CHAIN_MALFORMED']],
  // The report. The request is part of what is signed, and the signature comes before the firmware identity.
  [/report signature|signature invalid/i, ['NVIDIA_REPORT_SIGNATURE_INVALID']],
  [/trailing|bytes after/i, ['NVIDIA_TRAILING_BYTES']],
  [/FWID.*(absent|missing)/i, ['NVIDIA_FWID_MISSING']],
  [/FWID/i, ['NVIDIA_FWID_MISMATCH']],
  [/nonce/i, ['NVIDIA_NONCE_MISMATCH']],
  [/debug|dev.?tools|secboot|dbgstat/i, ['NVIDIA_DEBUG_NOT_EXCLUDED', 'NVIDIA_MEASUREMENT_MISMATCH']],
  [/driver version/i, ['NVIDIA_DRIVER_VERSION_NOT_ACCEPTED']],
  [/VBIOS version/i, ['NVIDIA_VBIOS_VERSION_NOT_ACCEPTED']],
  [/SPDM version|report version/i, ['NVIDIA_REPORT_VERSION_UNSUPPORTED']],
  [/opaque/i, ['NVIDIA_OPAQUE_MALFORMED', 'NVIDIA_OPAQUE_VERSION_UNSUPPORTED']],
  [/truncated|malformed|length|layout|parse|measurement (record|block)/i, ['NVIDIA_REPORT_MALFORMED']],
]
