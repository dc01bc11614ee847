import type { CheckTable } from '../result.ts'

/** Every check of NVIDIA evidence, in the order in which it runs. */
export const NVIDIA_CHECKS = [
  ['report-format', 'Report, opaque fields and certificates have the documented layout'],
  ['chain', 'The device certificates are valid and end in the pinned root'],
  ['device', 'The device is a GPU or switch of a known architecture'],
  ['ocsp', 'NVIDIA says that the device certificates are not revoked'],
  ['report-signature', 'The attestation key signed the report'],
  ['fwid', 'The report comes from the firmware that the attestation key was made for'],
  ['driver-rim', 'The reference values of the driver are authentic and for this driver'],
  ['vbios-rim', 'The reference values of the VBIOS are authentic and for this VBIOS'],
  ['rim-ocsp', 'NVIDIA says that the signers of the reference values are not revoked'],
  ['measurements', 'Every active reference value is met'],
  ['debug', 'Driver and VBIOS are matched: production firmware, debug off'],
  ['endorsement-age', 'The endorsements are recent'],
  ['product', 'The product is allowed'],
  ['driver-version', 'The driver version is allowed'],
  ['vbios-version', 'The VBIOS version is allowed'],
  ['mode', 'The confidential-computing mode is allowed'],
  ['platform', 'The device is allowed'],
  ['nonce', 'The report answers the expected nonce'],
] as const satisfies CheckTable<string>

/** Name of a check. */
export type NvidiaCheckId = (typeof NVIDIA_CHECKS)[number][0]

/** Checks that a policy may skip by name while their endorsement is not at hand. An endorsement that is given counts. */
export const NVIDIA_SKIPPABLE = ['ocsp', 'driver-rim', 'vbios-rim', 'rim-ocsp'] as const

/** Name of a check that may be skipped. */
export type NvidiaSkippable = (typeof NVIDIA_SKIPPABLE)[number]
