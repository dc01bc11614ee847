import type { NvidiaSkippable } from './checks.ts'
import type { FeatureMode } from './opaque.ts'
import type { NvidiaArchitecture } from './parse.ts'

/** Appraisal policy of NVIDIA evidence. Complete: every field is required, and "any" has to be written. */
export interface NvidiaPolicy {
  readonly format: 'spartan-nvidia-policy/1'
  readonly architectures: readonly NvidiaArchitecture[]
  /** Lowest driver of each GPU, dotted decimal, compared part by part. Switches have none. */
  readonly minDriverVersion: string | 'any'
  /** Driver versions accepted. */
  readonly driverVersions: readonly string[] | 'any'
  /** VBIOS versions accepted, `96.00.9F.00.01`. */
  readonly vbiosVersions: readonly string[] | 'any'
  /** Modes of a GPU. `unstated`: its driver does not say (before branch 580). Switches have no mode. */
  readonly modes: readonly (FeatureMode | 'unstated')[] | 'any'
  /**
   * `require-excluded`: driver and VBIOS must both be matched by their manifests, which is how NVIDIA derives that secure boot is on
   * and debug off; devtools mode measures differently. `any` accepts evidence that nothing proves this of.
   */
  readonly debug: 'require-excluded' | 'any'
  /** Oldest accepted OCSP response, seconds. */
  readonly maxEndorsementAgeSeconds: number | 'any'
  /** Device identities (`platformId` of the claims, 32 bytes in hex). Denied ones are refused even when allowed. */
  readonly allowedPlatformIds: readonly string[] | 'any'
  readonly deniedPlatformIds: readonly string[]
  /** 32 bytes in hex. */
  readonly nonce: { readonly expected: string } | 'any'
  /** Checks whose endorsement may be missing. `[]` in every preset. */
  readonly dangerouslySkip: readonly NvidiaSkippable[]
}

/** The fields that no preset can know. */
export type NvidiaExpectedValues = Pick<NvidiaPolicy, 'nonce'>

const DAY_SECONDS = 86_400

/** What the marketplace asks of a GPU or switch of a provider. */
export function marketplaceNvidiaPolicy(expected: NvidiaExpectedValues): NvidiaPolicy {
  return {
    format: 'spartan-nvidia-policy/1',
    architectures: ['hopper', 'blackwell', 'ls10'],
    // The first branch whose reports carry the firmware identity.
    minDriverVersion: '550',
    driverVersions: 'any',
    vbiosVersions: 'any',
    modes: 'any',
    debug: 'require-excluded',
    maxEndorsementAgeSeconds: 7 * DAY_SECONDS,
    allowedPlatformIds: 'any',
    deniedPlatformIds: [],
    dangerouslySkip: [],
    ...expected,
  }
}

/** What a relying party should ask that can name its devices: fresh revocation, stated mode, known devices only. */
export function strictNvidiaPolicy(
  expected: NvidiaExpectedValues & { readonly allowedPlatformIds: readonly string[] },
): NvidiaPolicy {
  return {
    ...marketplaceNvidiaPolicy(expected),
    modes: ['single-gpu-passthrough', 'multi-gpu-passthrough', 'protected-pcie'],
    maxEndorsementAgeSeconds: DAY_SECONDS,
    ...expected,
  }
}

/** What the published test vectors are judged by: strict cryptography, permissive appraisal. Not for production. */
export function vectorsNvidiaPolicy(expected: NvidiaExpectedValues): NvidiaPolicy {
  return {
    ...marketplaceNvidiaPolicy(expected),
    minDriverVersion: 'any',
    // Most entries carry no manifests, and what nothing was compared with cannot be excluded.
    debug: 'any',
    maxEndorsementAgeSeconds: 'any',
  }
}
