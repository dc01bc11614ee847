import type { CheckTable } from '../result.ts'

/** Every check of CCA evidence, in the order in which it runs. */
export const CCA_CHECKS = [
  ['token-format', 'Collection, platform token and realm token have the documented form'],
  ['trust-anchor', 'A platform attestation key (CPAK) is known for this platform'],
  ['platform-signature', 'The platform attestation key signed the platform token'],
  ['realm-key', 'The platform token vouches for the realm attestation key (RAK)'],
  ['realm-signature', 'The realm attestation key signed the realm token'],
  ['profile', 'The profiles of both tokens are accepted'],
  ['lifecycle', 'The platform is in an accepted state of its lifecycle'],
  ['platform', 'The platform is allowed'],
  ['platform-measurement', 'Firmware and configuration of the platform are expected ones'],
  ['realm-measurement', 'The measurements of the realm are expected ones'],
  ['personalization-value', 'The personalization value of the realm is the expected one'],
  ['challenge', 'The challenge of the realm is the expected one'],
] as const satisfies CheckTable<string>

/** Name of a check of CCA evidence. */
export type CcaCheckId = (typeof CCA_CHECKS)[number][0]
