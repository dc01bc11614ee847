import type { ReasonCode } from '@spartan/errors'
import { PolicyRefusedError } from '../errors.ts'
import { toHex } from '../internal/bytes.ts'
import { includesHex, matchesHex, sameHex } from '../internal/hexText.ts'
import { createTrail, refusedBy, type Trail } from '../internal/trail.ts'
import type { AttestationResult, CommonClaims, Verified } from '../result.ts'
import { CCA_CHECKS, type CcaCheckId } from './checks.ts'
import type { CcaPlatformClaims, CcaSoftwareComponent } from './claims.ts'
import type { CcaLifecycle, CcaProfile } from './constants.ts'
import { parseCca } from './parse.ts'
import type { CcaComponentReference, CcaPlatformReference, CcaPolicy, CcaRealmReference } from './policy.ts'
import { type CcaVerification, runCcaVerification, type VerifyCcaInput } from './verify.ts'

/** Measurements of a realm, raw. */
export type CcaMeasurements = {
  /** RIM. */
  readonly rim: Uint8Array
  readonly rem0: Uint8Array
  readonly rem1: Uint8Array
  readonly rem2: Uint8Array
  readonly rem3: Uint8Array
}

/** What accepted CCA evidence says. */
export interface CcaClaims extends CommonClaims {
  readonly tee: 'cca'
  readonly platformProfile: CcaProfile
  readonly realmProfile: CcaProfile
  readonly lifecycle: CcaLifecycle
  /** Instance id, 33 bytes. */
  readonly platformId: Uint8Array
  /** 32 bytes. */
  readonly implementationId: Uint8Array
  readonly configuration: Uint8Array
  readonly softwareComponents: readonly CcaSoftwareComponent[]
  readonly measurements: CcaMeasurements
  /** Hash algorithm of the measurements, by its IANA name. */
  readonly hashAlgorithm: string
  /** 64 bytes. */
  readonly personalizationValue: Uint8Array
  /** The realm's challenge, 64 bytes. */
  readonly reportData: Uint8Array
  /** Undefined: there are no endorsements. */
  readonly endorsementAgeSeconds: undefined
}

/** 9999-12-31T23:59:59Z, which RFC 5280 §4.1.2.5 writes for "no expiry": nothing in a CCA token expires. */
const NO_EXPIRY = 253_402_300_799

/** Input of {@link verifyCcaEvidence}. */
export interface CcaEvidenceInput extends Omit<VerifyCcaInput, 'evidence'> {
  /** Token as received. */
  readonly evidence: Uint8Array
  readonly policy: CcaPolicy
}

/**
 * Parses, verifies and appraises a CCA token. Never throws for a refusal: the result lists every check with what it found,
 * in order, and names the first that failed.
 *
 * Proves and does not prove: see {@link verifyCca} and {@link appraiseCca}.
 */
export async function verifyCcaEvidence(input: CcaEvidenceInput): Promise<AttestationResult<CcaClaims>> {
  const trail = createTrail(CCA_CHECKS)
  try {
    const evidence = await trail.run(
      'token-format',
      () => parseCca(input.evidence),
      ({ collection, platform, realm }) => ({
        collection,
        bytes: `${input.evidence.length}`,
        platformProfile: platform.claims.profile,
        realmProfile: realm.claims.profile,
      }),
    )
    return await appraiseCca(await runCcaVerification({ ...input, evidence }, trail), input.policy)
  } catch (error) {
    return refusedBy(error, trail)
  }
}

/**
 * Appraises a verified CCA token against a policy. Never throws for a refusal: the result says why.
 *
 * Proves: what the policy asks for. Does not prove: freshness, unless the policy expects a challenge of the caller's own.
 */
export async function appraiseCca(
  verified: Verified<CcaVerification>,
  policy: CcaPolicy,
): Promise<AttestationResult<CcaClaims>> {
  const trail = createTrail(CCA_CHECKS, verified.checks)
  try {
    await checkProfiles(verified, policy, trail)
    await checkLifecycle(verified, policy, trail)
    await checkPlatform(verified, policy, trail)
    await checkPlatformMeasurement(verified, policy.platforms, trail)
    await checkRealmMeasurement(verified, policy.realms, trail)
    await checkRealmValues(verified, policy, trail)
  } catch (error) {
    return refusedBy(error, trail)
  }
  return { verdict: 'accepted', claims: claimsOf(verified), checks: trail.outcomes() }
}

const refuse = (code: ReasonCode, ...metaMessages: string[]) => new PolicyRefusedError(code, { metaMessages })

async function checkProfiles({ evidence }: CcaVerification, policy: CcaPolicy, trail: Trail<CcaCheckId>) {
  const [platform, realm] = [evidence.platform.claims.profile, evidence.realm.claims.profile]
  await trail.run(
    'profile',
    () => {
      const accepted =
        policy.acceptedPlatformProfiles.includes(platform) && policy.acceptedRealmProfiles.includes(realm)
      if (!accepted) throw refuse('CCA_PROFILE_NOT_ACCEPTED', `platform ${platform}`, `realm ${realm}`)
    },
    () => ({ platform, realm }),
  )
}

async function checkLifecycle({ evidence }: CcaVerification, policy: CcaPolicy, trail: Trail<CcaCheckId>) {
  const { lifecycle, lifecycleValue } = evidence.platform.claims
  const value = `0x${lifecycleValue.toString(16).padStart(4, '0')}`
  await trail.run(
    'lifecycle',
    () => {
      if (policy.acceptedLifecycles.includes(lifecycle)) return
      throw refuse('CCA_LIFECYCLE_NOT_ACCEPTED', `${lifecycle} (${value})`, `accepted ${policy.acceptedLifecycles}`)
    },
    () => ({ lifecycle, value }),
  )
}

async function checkPlatform({ evidence }: CcaVerification, policy: CcaPolicy, trail: Trail<CcaCheckId>) {
  const { platform } = evidence
  const instanceId = toHex(platform.claims.instanceId)
  const implementationId = toHex(platform.claims.implementationId)
  const isAllowed = (allowed: readonly string[] | 'any', denied: readonly string[], id: string) =>
    (allowed === 'any' || includesHex(allowed, id)) && !includesHex(denied, id)
  await trail.run(
    'platform',
    () => {
      const allowed =
        isAllowed(policy.allowedPlatformIds, policy.deniedPlatformIds, instanceId) &&
        isAllowed(policy.allowedImplementationIds, policy.deniedImplementationIds, implementationId)
      if (allowed) return
      throw refuse('CCA_PLATFORM_NOT_ACCEPTED', `instance id ${instanceId}`, `implementation id ${implementationId}`)
    },
    () => ({ instanceId, implementationId }),
  )
}

async function checkPlatformMeasurement(
  { evidence }: CcaVerification,
  expected: CcaPolicy['platforms'],
  trail: Trail<CcaCheckId>,
) {
  if (expected === 'any') {
    trail.skip('platform-measurement', 'the policy accepts any firmware')
    return
  }
  const { claims } = evidence.platform
  await trail.run(
    'platform-measurement',
    () => {
      if (expected.some((reference) => isPlatform(reference, claims))) return
      const closest = unexpectedComponents(expected, claims.softwareComponents)
      throw refuse('CCA_PLATFORM_MEASUREMENT_NOT_ACCEPTED', ...closest)
    },
    () =>
      Object.fromEntries(claims.softwareComponents.map((one, index) => [nameOf(one, index), toHex(one.measurement)])),
  )
}

const nameOf = ({ type }: CcaSoftwareComponent, index: number) => `${index} ${type ?? ''}`.trim()

/** Components that no reference of any kind of platform has: where to look first. */
function unexpectedComponents(
  expected: readonly CcaPlatformReference[],
  components: readonly CcaSoftwareComponent[],
): readonly string[] {
  const known = expected.flatMap(({ softwareComponents }) => softwareComponents)
  return components.flatMap((component, index) =>
    known.some((reference) => isComponent(reference, component))
      ? []
      : [`component ${nameOf(component, index)} ${toHex(component.measurement)}`],
  )
}

function isPlatform(reference: CcaPlatformReference, claims: CcaPlatformClaims): boolean {
  const { implementationId, configuration, softwareComponents } = reference
  if (!matchesHex(implementationId, toHex(claims.implementationId))) return false
  if (!matchesHex(configuration, toHex(claims.configuration))) return false
  // Both directions: nothing unexpected runs, and nothing expected has been left out.
  return (
    claims.softwareComponents.length === softwareComponents.length &&
    claims.softwareComponents.every((one) => softwareComponents.some((other) => isComponent(other, one))) &&
    softwareComponents.every((other) => claims.softwareComponents.some((one) => isComponent(other, one)))
  )
}

function isComponent(reference: CcaComponentReference, component: CcaSoftwareComponent): boolean {
  const isText = (expected: string, got: string | undefined) => expected === 'any' || expected === got
  return (
    isText(reference.type, component.type) &&
    isText(reference.version, component.version) &&
    matchesHex(reference.measurement, toHex(component.measurement)) &&
    matchesHex(reference.signerId, toHex(component.signerId))
  )
}

async function checkRealmMeasurement(
  verified: CcaVerification,
  expected: CcaPolicy['realms'],
  trail: Trail<CcaCheckId>,
) {
  if (expected === 'any') {
    trail.skip('realm-measurement', 'the policy accepts any realm')
    return
  }
  const measurements = measurementsOf(verified)
  await trail.run(
    'realm-measurement',
    () => {
      if (expected.some((reference) => isRealm(reference, measurements))) return
      throw refuse('CCA_REALM_MEASUREMENT_NOT_ACCEPTED', `RIM ${toHex(measurements.rim)}`)
    },
    () => Object.fromEntries(Object.entries(measurements).map(([name, value]) => [name, toHex(value)])),
  )
}

function isRealm({ initialMeasurement, extensibleMeasurements }: CcaRealmReference, found: CcaMeasurements): boolean {
  const [rem0, rem1, rem2, rem3] = extensibleMeasurements
  return (
    matchesHex(initialMeasurement, toHex(found.rim)) &&
    matchesHex(rem0, toHex(found.rem0)) &&
    matchesHex(rem1, toHex(found.rem1)) &&
    matchesHex(rem2, toHex(found.rem2)) &&
    matchesHex(rem3, toHex(found.rem3))
  )
}

async function checkRealmValues({ evidence }: CcaVerification, policy: CcaPolicy, trail: Trail<CcaCheckId>) {
  const { personalizationValue, challenge } = evidence.realm.claims
  const check = async (
    id: 'personalization-value' | 'challenge',
    expected: { readonly expected: string } | 'any',
    value: Uint8Array,
    code: ReasonCode,
  ) => {
    if (expected === 'any') {
      trail.skip(id, 'the policy accepts any value')
      return
    }
    const got = toHex(value)
    await trail.run(
      id,
      () => {
        if (!sameHex(expected.expected, got)) throw refuse(code, `expected ${expected.expected}`, `got ${got}`)
      },
      () => ({ value: got }),
    )
  }
  const { personalizationValue: expectedValue, challenge: expectedChallenge } = policy
  await check('personalization-value', expectedValue, personalizationValue, 'CCA_PERSONALIZATION_VALUE_MISMATCH')
  await check('challenge', expectedChallenge, challenge, 'CCA_CHALLENGE_MISMATCH')
}

function measurementsOf({ evidence }: CcaVerification): CcaMeasurements {
  const { initialMeasurement: rim, extensibleMeasurements } = evidence.realm.claims
  const [rem0 = EMPTY, rem1 = EMPTY, rem2 = EMPTY, rem3 = EMPTY] = extensibleMeasurements
  return { rim, rem0, rem1, rem2, rem3 }
}

const EMPTY = new Uint8Array()

function claimsOf(verified: CcaVerification): CcaClaims {
  const { platform, realm } = verified.evidence
  const { simulated } = verified.trustAnchor
  return {
    tee: 'cca',
    product: 'Arm CCA',
    trustTier: simulated ? 'simulated' : 'standard',
    simulated,
    tcbStatus: 'Unknown',
    advisoryIds: [],
    platformProfile: platform.claims.profile,
    realmProfile: realm.claims.profile,
    lifecycle: platform.claims.lifecycle,
    platformId: platform.claims.instanceId,
    implementationId: platform.claims.implementationId,
    configuration: platform.claims.configuration,
    softwareComponents: platform.claims.softwareComponents,
    measurements: measurementsOf(verified),
    hashAlgorithm: realm.claims.hashAlgorithm,
    personalizationValue: realm.claims.personalizationValue,
    reportData: realm.claims.challenge,
    endorsementAgeSeconds: undefined,
    earliestExpiry: NO_EXPIRY,
    evidenceId: verified.evidenceId,
  }
}
