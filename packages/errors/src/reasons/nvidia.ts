import type { Reason } from '../reason.ts'

const FETCH_NEWER = {
  action: 'Fetch the current endorsements from NVIDIA and try again.',
  retry: 'refetch',
} as const
const NOT_GENUINE = {
  action: 'Do not use this device; ask its operator for fresh evidence.',
  retry: 'never',
} as const
const NOT_WANTED = {
  action: 'Use another device, or change the policy if you accept this on purpose.',
  retry: 'never',
} as const

/**
 * NVIDIA GPUs and NVSwitches: SPDM report, device certificates, OCSP, reference integrity manifests (RIM), binding to the
 * CPU TEE. Rows stand in the order of the checks.
 */
export const NVIDIA_REASONS = {
  NVIDIA_REPORT_MALFORMED: {
    what: 'The report is not an SPDM measurement request followed by its signed response.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_REPORT_VERSION_UNSUPPORTED: {
    what: 'The report is not SPDM 1.1.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_TRAILING_BYTES: {
    what: 'Bytes other than zero padding follow the report.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_OPAQUE_MALFORMED: {
    what: 'An opaque field of the report does not have its documented form.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_OPAQUE_VERSION_UNSUPPORTED: {
    what: 'The version of the opaque fields is newer than this verifier knows.',
    action: 'Update this software.',
    retry: 'never',
    invalidation: 'conclusive',
  },
  NVIDIA_CHAIN_MALFORMED: { what: 'The device certificate chain is not a list of PEM certificates.', ...NOT_GENUINE },
  NVIDIA_CERTIFICATE_MALFORMED: {
    what: 'A device certificate is not canonical DER of the expected shape.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },

  NVIDIA_CERTIFICATE_MISSING: {
    what: 'The contract does not have this device certificate.',
    action: 'Register the certificates of the device, the root first.',
    retry: 'refetch',
    invalidation: 'inconclusive',
  },
  NVIDIA_ROOT_NOT_PINNED: {
    what: 'The device chain does not end in a pinned NVIDIA root.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_ROOT_SIGNATURE_INVALID: { what: 'The device root certificate is not signed by itself.', ...NOT_GENUINE },
  NVIDIA_LEAF_MISSING: {
    what: 'The device chain does not begin with an attestation key certificate.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_CA_INVALID: {
    what: 'A device certificate may not issue the one below it.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_CERTIFICATE_ISSUER_MISMATCH: {
    what: 'A device certificate is not issued by the next one: a certificate is missing or foreign.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_CERTIFICATE_SIGNATURE_INVALID: {
    what: 'The signature of a device certificate is not by its issuer.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_CERTIFICATE_EXPIRED: {
    what: 'A device certificate is outside its validity.',
    ...NOT_GENUINE,
    invalidation: 'inconclusive',
  },
  NVIDIA_CERTIFICATE_REVOKED: {
    what: 'NVIDIA has revoked a device certificate.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_CERTIFICATE_ON_HOLD: {
    what: 'NVIDIA has put a device certificate on hold.',
    ...NOT_GENUINE,
    invalidation: 'outdated',
  },
  NVIDIA_CERTIFICATE_STATUS_UNKNOWN: {
    what: 'NVIDIA’s OCSP responder does not know a certificate.',
    ...NOT_GENUINE,
    invalidation: 'inconclusive',
  },
  NVIDIA_ARCHITECTURE_UNSUPPORTED: {
    what: 'The device is neither a Hopper or Blackwell GPU nor an LS10 switch.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },

  NVIDIA_OCSP_MISSING: {
    what: 'There is no OCSP response for a device certificate.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  NVIDIA_OCSP_MALFORMED: {
    what: 'An OCSP response is not canonical DER of the form of RFC 6960.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_OCSP_UNSUCCESSFUL: {
    what: 'The OCSP responder answered with an error.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  NVIDIA_OCSP_RESPONDER_UNAUTHORIZED: {
    what: 'An OCSP response is signed by a key that may not answer for the issuer.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_OCSP_SIGNATURE_INVALID: {
    what: 'The signature of an OCSP response is not by its responder.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_OCSP_EXPIRED: {
    what: 'An OCSP response is outside its window, or names no end.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  NVIDIA_OCSP_ROLLBACK: {
    what: 'The contract has a newer OCSP answer for this certificate, or a worse one of the same moment.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },

  NVIDIA_REPORT_SIGNATURE_INVALID: {
    what: 'The report is not signed by the attestation key of the chain.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_FWID_MISSING: {
    what: 'The report or its certificate lacks the firmware identity (FWID).',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_FWID_MISMATCH: {
    what: 'The firmware identity of the report is not that of the attestation key certificate.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },

  NVIDIA_RIM_MISSING: {
    what: 'There is no reference integrity manifest for this firmware.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  NVIDIA_RIM_MALFORMED: {
    what: 'A RIM is not XML of the accepted profile, or not a SWID tag.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_RIM_SIGNATURE_UNSUPPORTED: {
    what: 'A RIM does not carry exactly one enveloped signature over the whole document.',
    ...FETCH_NEWER,
  },
  NVIDIA_RIM_CERTIFICATE_MALFORMED: {
    what: 'A RIM certificate is not canonical DER of the expected shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_RIM_CERTIFICATE_MISSING: {
    what: 'The contract does not have this certificate of a RIM signer.',
    action: 'Register the certificates of the signer, the root first.',
    retry: 'refetch',
    invalidation: 'inconclusive',
  },
  NVIDIA_RIM_ROOT_NOT_PINNED: {
    what: 'The RIM’s chain does not end in a pinned NVIDIA root.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_RIM_ROOT_SIGNATURE_INVALID: { what: 'The root certificate of a RIM is not signed by itself.', ...FETCH_NEWER },
  NVIDIA_RIM_SIGNER_MISSING: {
    what: 'The RIM’s chain does not begin with a signing certificate.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  NVIDIA_RIM_CA_INVALID: {
    what: 'A RIM certificate may not issue the one below it.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_RIM_CERTIFICATE_ISSUER_MISMATCH: {
    what: 'A RIM certificate is not issued by the next one.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_RIM_CERTIFICATE_SIGNATURE_INVALID: {
    what: 'The signature of a RIM certificate is not by its issuer.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_RIM_CERTIFICATE_EXPIRED: {
    what: 'A RIM certificate is outside its validity.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  NVIDIA_RIM_CERTIFICATE_REVOKED: {
    what: 'NVIDIA has revoked a RIM certificate.',
    ...FETCH_NEWER,
    invalidation: 'outdated',
  },
  NVIDIA_RIM_CERTIFICATE_ON_HOLD: {
    what: 'NVIDIA has put a RIM certificate on hold.',
    ...FETCH_NEWER,
    invalidation: 'outdated',
  },
  NVIDIA_RIM_OCSP_MISSING: {
    what: 'There is no OCSP response for a RIM certificate.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  NVIDIA_RIM_DIGEST_MISMATCH: {
    what: 'The content of a RIM is not what was signed.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_RIM_SIGNATURE_INVALID: {
    what: 'The signature of a RIM is not by its certificate.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_RIM_UNRELATED: {
    what: 'A RIM is for another product or firmware version than the evidence.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_RIM_AMBIGUOUS: { what: 'Two RIMs are given for the same firmware.', ...FETCH_NEWER },
  NVIDIA_RIM_CONFLICT: {
    what: 'Driver RIM and VBIOS RIM both claim the same measurement.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NVIDIA_NVDEC_STATUS_INVALID: {
    what: 'The report does not say whether NVDEC0 is enabled.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_MEASUREMENT_MISMATCH: {
    what: 'A measurement is none of the values that the RIM accepts.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NVIDIA_ENDORSEMENTS_MALFORMED: { what: 'NVIDIA endorsements are not in their JSON form.', ...FETCH_NEWER },
  NVIDIA_DEV_MODE_REQUIRED: {
    what: 'A simulation root, or a switch that leaves out a check, is given to a contract that is not of a test chain.',
    action: 'Deploy without it.',
    retry: 'never',
    invalidation: 'inconclusive',
  },

  NVIDIA_DEBUG_NOT_EXCLUDED: {
    what: 'Nothing proves that the device runs production firmware with debug off: driver and VBIOS were not both matched.',
    ...FETCH_NEWER,
  },
  NVIDIA_ENDORSEMENTS_TOO_OLD: { what: 'An endorsement is older than the policy accepts.', ...FETCH_NEWER },
  NVIDIA_PRODUCT_NOT_ACCEPTED: { what: 'The policy does not accept this product.', ...NOT_WANTED },
  NVIDIA_DRIVER_VERSION_NOT_ACCEPTED: { what: 'The policy does not accept this driver version.', ...NOT_WANTED },
  NVIDIA_VBIOS_VERSION_NOT_ACCEPTED: { what: 'The policy does not accept this VBIOS version.', ...NOT_WANTED },
  NVIDIA_MODE_NOT_ACCEPTED: { what: 'The policy does not accept the confidential-computing mode.', ...NOT_WANTED },
  NVIDIA_PLATFORM_NOT_ACCEPTED: { what: 'The policy does not accept this device.', ...NOT_WANTED },
  NVIDIA_NONCE_MISMATCH: { what: 'The report answers another nonce.', ...NOT_GENUINE },

  NVIDIA_BINDING_NONCE_MISMATCH: {
    what: 'The nonce of a device does not derive from the REPORTDATA of the CPU evidence.',
    ...NOT_GENUINE,
  },
  NVIDIA_BINDING_DEVICE_DUPLICATE: { what: 'The same device is listed twice.', ...NOT_GENUINE },
  NVIDIA_BINDING_DEVICE_COUNT_MISMATCH: { what: 'There are not as many devices as declared.', ...NOT_GENUINE },
  NVIDIA_BINDING_DRIVERS_DIFFER: { what: 'The GPUs of one machine report different driver versions.', ...NOT_GENUINE },
  NVIDIA_BINDING_SIMULATION_MIXED: {
    what: 'Simulated and real evidence are mixed.',
    ...NOT_GENUINE,
  },
  NVIDIA_BINDING_TOPOLOGY_MISMATCH: {
    what: 'A GPU is connected to a switch that is not attested, or not to one that is.',
    ...NOT_GENUINE,
  },
  NVIDIA_BINDING_EVENT_LOG_MISMATCH: {
    what: 'The events do not replay to the runtime measurement register of the CPU evidence.',
    ...NOT_GENUINE,
  },
  NVIDIA_BINDING_RESULT_NOT_EXTENDED: {
    what: 'The guest did not extend the result for these devices into its runtime measurement register.',
    ...NOT_GENUINE,
  },
} as const satisfies Record<string, Reason>
