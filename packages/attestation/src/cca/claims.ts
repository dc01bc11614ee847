import { MalformedEvidenceError } from '../errors.ts'
import { type CborDocument, type CborItem, readCbor } from '../internal/cbor.ts'
import { bytesOfSize, type FieldCodes, type Fields, fieldsOf } from '../internal/cborFields.ts'
import type { HashName } from '../internal/hashes.ts'
import type { Unverified } from '../result.ts'
import {
  CCA_LIFECYCLES,
  CCA_PLATFORM_PROFILES,
  CCA_REALM_PROFILES,
  type CcaLifecycle,
  type CcaProfile,
  CHALLENGE_SIZE,
  CLAIMS_RULES,
  COMPONENT,
  EXTENSIBLE_MEASUREMENTS,
  HASH_ALGORITHMS,
  HASH_SIZES,
  IMPLEMENTATION_ID_SIZE,
  INSTANCE_ID_SIZE,
  LEGACY_RAK_SIZE,
  PERSONALIZATION_VALUE_SIZE,
  PLATFORM_CLAIM,
  REALM_CLAIM,
  UEID_TYPE_RANDOM,
} from './constants.ts'
import { expectPlatformClaimsOf2024 } from './platformClaims2024.ts'

/** One measured part of the platform's firmware or configuration. */
export interface CcaSoftwareComponent {
  /** Role, for example `RMM`; a hint only. */
  readonly type: string | undefined
  /** 32, 48 or 64 bytes. */
  readonly measurement: Uint8Array
  readonly version: string | undefined
  /** Hash of the public key that signed the component. */
  readonly signerId: Uint8Array
  /** Overrides the platform's for this component. */
  readonly hashAlgorithm: string | undefined
}

/** Claims of the platform token. */
export interface CcaPlatformClaims {
  readonly profile: CcaProfile
  /** Hash of the realm attestation key. */
  readonly challenge: Uint8Array
  /** 32 bytes: the kind of platform. */
  readonly implementationId: Uint8Array
  /** 33 bytes: 0x01 and the identifier of the platform attestation key, so of the one machine. */
  readonly instanceId: Uint8Array
  /** Options of the implementation, in its own layout. */
  readonly configuration: Uint8Array
  readonly lifecycle: CcaLifecycle
  /** Claim 2395 as it stands. */
  readonly lifecycleValue: number
  readonly softwareComponents: readonly CcaSoftwareComponent[]
  /** Default of the software components. */
  readonly hashAlgorithm: string
  readonly verificationService: string | undefined
}

/** Claims of the realm token. */
export interface CcaRealmClaims {
  readonly profile: CcaProfile
  /** 64 bytes, chosen by the realm: freshness and binding. */
  readonly challenge: Uint8Array
  /** 64 bytes, chosen by the host before the realm was activated. */
  readonly personalizationValue: Uint8Array
  /** RIM. */
  readonly initialMeasurement: Uint8Array
  /** REM 0 to 3. */
  readonly extensibleMeasurements: readonly Uint8Array[]
  /** Hash of the measurements. */
  readonly hashAlgorithm: string
  /** RAK exactly as claimed: a SEC1 point in the legacy profile, else an encoded COSE_Key. */
  readonly publicKey: Uint8Array
  /** Hash by which the platform token binds the RAK. */
  readonly publicKeyHashAlgorithm: HashName
  /** Whether the realm's memory encryption context is its own; said by the profile of 2024 only. */
  readonly memoryEncryptionPolicy: 'private' | 'shared' | undefined
}

const PLATFORM_CODES: FieldCodes = {
  missing: 'CCA_PLATFORM_CLAIM_MISSING',
  malformed: 'CCA_PLATFORM_CLAIM_MALFORMED',
}
const REALM_CODES: FieldCodes = { missing: 'CCA_REALM_CLAIM_MISSING', malformed: 'CCA_REALM_CLAIM_MALFORMED' }

/**
 * Parses the claims map of a platform token. Unknown claims are ignored (RFC 9711 §7.2.3), a claim twice is malformed.
 *
 * Proves: the form. Source: draft-ffm-rats-cca-token-03 §4.2; Arm DEN0137 §A7.2.3.3.
 *
 * @throws {MalformedEvidenceError} CCA_PLATFORM_TOKEN_MALFORMED, CCA_PROFILE_UNSUPPORTED, CCA_PLATFORM_CLAIM_MISSING,
 * CCA_PLATFORM_CLAIM_MALFORMED.
 */
export function parseCcaPlatformClaims(bytes: Uint8Array): Unverified<CcaPlatformClaims> {
  const document: CborDocument = { bytes, code: 'CCA_PLATFORM_TOKEN_MALFORMED' }
  const map = readCbor(document, CLAIMS_RULES)
  const claims = fieldsOf(document, map, 'platform claims', PLATFORM_CODES)
  const { has, text, bytes: bytesOf, unsigned, wrong } = claims
  const profile = profileOf(text(PLATFORM_CLAIM.profile, 'profile'), CCA_PLATFORM_PROFILES)
  const instanceId = bytesOf(PLATFORM_CLAIM.instanceId, 'instance id', [INSTANCE_ID_SIZE])
  if (instanceId[0] !== UEID_TYPE_RANDOM) wrong(PLATFORM_CLAIM.instanceId, 'instance id', 'a ueid of type RAND')
  const lifecycleValue = unsigned(PLATFORM_CLAIM.lifecycle, 'lifecycle', 0xffff)
  const lifecycle = lifecycleOf(lifecycleValue) ?? wrong(PLATFORM_CLAIM.lifecycle, 'lifecycle', 'a known state')
  if (profile === '2024') expectPlatformClaimsOf2024(document, claims, PLATFORM_CODES)
  return {
    profile,
    challenge: bytesOf(PLATFORM_CLAIM.challenge, 'challenge', HASH_SIZES),
    implementationId: bytesOf(PLATFORM_CLAIM.implementationId, 'implementation id', [IMPLEMENTATION_ID_SIZE]),
    instanceId,
    configuration: bytesOf(PLATFORM_CLAIM.configuration, 'configuration', { min: 0, max: bytes.length }),
    lifecycle,
    lifecycleValue,
    softwareComponents: componentsOf(document, claims, profile),
    hashAlgorithm: text(PLATFORM_CLAIM.hashAlgorithm, 'hash algorithm'),
    verificationService: has(PLATFORM_CLAIM.verificationService)
      ? text(PLATFORM_CLAIM.verificationService, 'verification service')
      : undefined,
  }
}

/**
 * Parses the claims map of a realm token, also one that nobody has signed. Unknown claims are ignored (RFC 9711 §7.2.3),
 * a claim twice is malformed.
 *
 * Proves: the form. Source: draft-ffm-rats-cca-token-03 §4.1; Arm DEN0137 §A7.2.3.1.
 *
 * @throws {MalformedEvidenceError} CCA_REALM_TOKEN_MALFORMED, CCA_PROFILE_UNSUPPORTED, CCA_REALM_CLAIM_MISSING,
 * CCA_REALM_CLAIM_MALFORMED, CCA_RAK_HASH_UNSUPPORTED.
 */
export function parseCcaRealmClaims(bytes: Uint8Array): Unverified<CcaRealmClaims> {
  const document: CborDocument = { bytes, code: 'CCA_REALM_TOKEN_MALFORMED' }
  const claims = fieldsOf(document, readCbor(document, CLAIMS_RULES), 'realm claims', REALM_CODES)
  const { has, text, bytes: bytesOf, list, wrong } = claims
  const profile = has(REALM_CLAIM.profile)
    ? profileOf(text(REALM_CLAIM.profile, 'profile'), CCA_REALM_PROFILES)
    : 'legacy'
  const measurements = list(REALM_CLAIM.extensibleMeasurements, 'extensible measurements')
  if (measurements.length !== EXTENSIBLE_MEASUREMENTS) {
    wrong(REALM_CLAIM.extensibleMeasurements, 'extensible measurements', 'four values', `${measurements.length}`)
  }
  const malformed = { ...document, code: REALM_CODES.malformed }
  const keySizes = profile === 'legacy' ? [LEGACY_RAK_SIZE] : { min: 1, max: bytes.length }
  return {
    profile,
    challenge: bytesOf(REALM_CLAIM.challenge, 'challenge', [CHALLENGE_SIZE]),
    personalizationValue: bytesOf(REALM_CLAIM.personalizationValue, 'personalization value', [
      PERSONALIZATION_VALUE_SIZE,
    ]),
    initialMeasurement: bytesOf(REALM_CLAIM.initialMeasurement, 'initial measurement', HASH_SIZES),
    extensibleMeasurements: measurements.map((item) =>
      bytesOfSize(malformed, item, 'an extensible measurement', HASH_SIZES),
    ),
    hashAlgorithm: text(REALM_CLAIM.hashAlgorithm, 'hash algorithm'),
    publicKey: bytesOf(REALM_CLAIM.publicKey, 'realm attestation key', keySizes),
    publicKeyHashAlgorithm: keyHashOf(text(REALM_CLAIM.publicKeyHashAlgorithm, 'hash algorithm of the key')),
    memoryEncryptionPolicy: profile === '2024' ? memoryEncryptionOf(claims) : undefined,
  }
}

function profileOf(uri: string, known: Readonly<Partial<Record<CcaProfile, string>>>): CcaProfile {
  for (const profile of ['legacy', '2023', '2024'] as const) if (known[profile] === uri) return profile
  throw new MalformedEvidenceError('CCA_PROFILE_UNSUPPORTED', {
    offset: 0,
    expected: Object.values(known).join(' or '),
    got: JSON.stringify(uri.slice(0, 80)),
  })
}

function lifecycleOf(value: number): CcaLifecycle | undefined {
  return (CCA_LIFECYCLES as Readonly<Record<number, CcaLifecycle>>)[value >> 8]
}

function keyHashOf(name: string): HashName {
  const hash = Object.hasOwn(HASH_ALGORITHMS, name) ? HASH_ALGORITHMS[name] : undefined
  if (hash) return hash
  throw new MalformedEvidenceError('CCA_RAK_HASH_UNSUPPORTED', {
    offset: 0,
    expected: Object.keys(HASH_ALGORITHMS).join(' or '),
    got: JSON.stringify(name.slice(0, 80)),
  })
}

function componentsOf(document: CborDocument, claims: Fields, profile: CcaProfile): readonly CcaSoftwareComponent[] {
  const items = claims.list(PLATFORM_CLAIM.softwareComponents, 'software components')
  if (items.length === 0) claims.wrong(PLATFORM_CLAIM.softwareComponents, 'software components', 'one or more')
  return items.map((item) => componentOf(document, item, profile))
}

function componentOf(document: CborDocument, item: CborItem, profile: CcaProfile): CcaSoftwareComponent {
  const fields = fieldsOf(document, item, 'a software component', PLATFORM_CODES)
  const optionalText = (key: number, name: string) => (fields.has(key) ? fields.text(key, name) : undefined)
  if (profile === '2024') {
    if (fields.has(COMPONENT.liveActivation)) fields.boolean(COMPONENT.liveActivation, 'live firmware activation')
    if (fields.has(COMPONENT.countersigners)) {
      const malformed = { ...document, code: PLATFORM_CODES.malformed }
      const signers = fields.list(COMPONENT.countersigners, 'countersigner ids')
      if (signers.length === 0) fields.wrong(COMPONENT.countersigners, 'countersigner ids', 'one or more')
      for (const signer of signers) bytesOfSize(malformed, signer, 'a countersigner id', HASH_SIZES)
    }
  }
  return {
    type: optionalText(COMPONENT.type, 'component type'),
    measurement: fields.bytes(COMPONENT.measurement, 'component measurement', HASH_SIZES),
    version: optionalText(COMPONENT.version, 'component version'),
    signerId: fields.bytes(COMPONENT.signerId, 'component signer id', HASH_SIZES),
    hashAlgorithm: optionalText(COMPONENT.hashAlgorithm, 'component hash algorithm'),
  }
}

function memoryEncryptionOf({ text, wrong }: Fields): 'private' | 'shared' {
  const policy = text(REALM_CLAIM.memoryEncryptionPolicy, 'memory encryption policy')
  if (policy === 'private' || policy === 'shared') return policy
  return wrong(REALM_CLAIM.memoryEncryptionPolicy, 'memory encryption policy', '"private" or "shared"')
}
