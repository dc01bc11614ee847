import type { ReasonRule } from './rules.ts'

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
