import type { CcaLifecycle, CcaProfile } from './constants.ts'

/** One expected software component. Hex in full width, texts as they are, or the word `any`. */
export interface CcaComponentReference {
  readonly type: string
  readonly measurement: string
  readonly version: string
  readonly signerId: string
}

/** One accepted kind of platform: the token's components and these must match one for one, in any order. */
export interface CcaPlatformReference {
  /** 32 bytes in hex, or `any`. */
  readonly implementationId: string
  /** Claim 2401 in hex, or `any`. */
  readonly configuration: string
  readonly softwareComponents: readonly CcaComponentReference[]
}

/** One accepted realm: hex in full width, or the word `any`. */
export interface CcaRealmReference {
  /** RIM. */
  readonly initialMeasurement: string
  /** REM 0 to 3. */
  readonly extensibleMeasurements: readonly [string, string, string, string]
}

/** Checks whose endorsement may be missing: none, since CCA has no endorsements that travel. */
export type CcaSkippable = never

/** Appraisal policy of CCA evidence. Complete: every field is required, and "any" has to be written. */
export interface CcaPolicy {
  readonly format: 'spartan-cca-policy/1'
  readonly acceptedPlatformProfiles: readonly CcaProfile[]
  readonly acceptedRealmProfiles: readonly CcaProfile[]
  readonly acceptedLifecycles: readonly CcaLifecycle[]
  /** Instance ids, 33 bytes in hex. Denied ones are refused even when allowed. */
  readonly allowedPlatformIds: readonly string[] | 'any'
  readonly deniedPlatformIds: readonly string[]
  /** Implementation ids, 32 bytes in hex. Denied ones are refused even when allowed. */
  readonly allowedImplementationIds: readonly string[] | 'any'
  readonly deniedImplementationIds: readonly string[]
  readonly platforms: readonly CcaPlatformReference[] | 'any'
  readonly realms: readonly CcaRealmReference[] | 'any'
  /** 64 bytes in hex. */
  readonly personalizationValue: { readonly expected: string } | 'any'
  /** 64 bytes in hex. */
  readonly challenge: { readonly expected: string } | 'any'
  readonly dangerouslySkip: readonly CcaSkippable[]
}

/** The fields that no preset can know. */
export type CcaExpectedValues = Pick<CcaPolicy, 'platforms' | 'realms' | 'personalizationValue' | 'challenge'>

/** What the marketplace asks of a provider: a secured platform, by any published profile. */
export function marketplaceCcaPolicy(expected: CcaExpectedValues): CcaPolicy {
  return {
    format: 'spartan-cca-policy/1',
    acceptedPlatformProfiles: ['legacy', '2023', '2024'],
    acceptedRealmProfiles: ['legacy', '2023', '2024'],
    acceptedLifecycles: ['secured'],
    allowedPlatformIds: 'any',
    deniedPlatformIds: [],
    allowedImplementationIds: 'any',
    deniedImplementationIds: [],
    dangerouslySkip: [],
    ...expected,
  }
}

/** The same without the legacy profile, whose realm token does not say which specification it follows. */
export function strictCcaPolicy(expected: CcaExpectedValues): CcaPolicy {
  return {
    ...marketplaceCcaPolicy(expected),
    acceptedPlatformProfiles: ['2023', '2024'],
    acceptedRealmProfiles: ['2023', '2024'],
  }
}

/** What the published test vectors are judged by: strict cryptography, permissive appraisal. Not for production. */
export function vectorsCcaPolicy(expected: CcaExpectedValues): CcaPolicy {
  return marketplaceCcaPolicy(expected)
}
