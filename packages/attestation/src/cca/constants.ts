import type { CborRules } from '../internal/cbor.ts'
import { type CoseRules, ES256, ES384, ES512 } from '../internal/cose.ts'
import type { HashName } from '../internal/hashes.ts'

/**
 * Labels and values of CCA tokens. Sources: Arm DEN0137 (RMM specification) §A7.2, draft-ffm-rats-cca-token-00 (EAT
 * collection, profiles of 2023) and -03 (CMW collection, profiles of 2024).
 */

/** Outer tags: EAT collection (drafts -00 and -01, RMM 1.0) and CMW collection (drafts from -02). */
export const COLLECTION_TAG = { eat: 399, cmw: 907 } as const
/** CoAP content format of `application/eat+cwt`, which every member of a CMW collection carries. */
export const CMW_EAT_CWT = 263
/** Keys of the two tokens in the collection. */
export const COLLECTION_KEY = { platform: 44234, realm: 44241 } as const

/** Profiles of the platform token (claim 265). */
export const CCA_PLATFORM_PROFILES = {
  legacy: 'http://arm.com/CCA-SSD/1.0.0',
  '2023': 'tag:arm.com,2023:cca_platform#1.0.0',
  '2024': 'tag:arm.com,2024:cca_platform#2.0.0',
} as const

/** Profiles of the realm token (claim 265); the legacy one is said by its absence. */
export const CCA_REALM_PROFILES = {
  '2023': 'tag:arm.com,2023:realm#1.0.0',
  '2024': 'tag:arm.com,2024:realm#2.0.0',
} as const

/** Generation of a profile. */
export type CcaProfile = keyof typeof CCA_PLATFORM_PROFILES

/** Claims of the platform token. */
export const PLATFORM_CLAIM = {
  challenge: 10,
  instanceId: 256,
  profile: 265,
  clientId: 2394,
  lifecycle: 2395,
  implementationId: 2396,
  softwareComponents: 2399,
  verificationService: 2400,
  configuration: 2401,
  hashAlgorithm: 2402,
  manufacturingConfiguration: 2403,
  extension: 2404,
  trustedBootKeys: 2405,
  peerSigners: 2406,
} as const

/** Entries of one software component. */
export const COMPONENT = {
  type: 1,
  measurement: 2,
  version: 4,
  signerId: 5,
  hashAlgorithm: 6,
  liveActivation: 7,
  countersigners: 8,
} as const

/** Claims of the realm token. */
export const REALM_CLAIM = {
  challenge: 10,
  profile: 265,
  personalizationValue: 44235,
  hashAlgorithm: 44236,
  publicKey: 44237,
  initialMeasurement: 44238,
  extensibleMeasurements: 44239,
  publicKeyHashAlgorithm: 44240,
  memoryEncryptionPolicy: 44243,
} as const

/** Sizes of what the specifications call cca-hash-type. */
export const HASH_SIZES = [32, 48, 64] as const
/** Claim 10, bytes. */
export const CHALLENGE_SIZE = 64
/** Claim 44235, bytes. */
export const PERSONALIZATION_VALUE_SIZE = 64
/** Claim 2396, bytes. */
export const IMPLEMENTATION_ID_SIZE = 32
/** EAT ueid of type RAND: 0x01 and the 32-byte identifier of the platform attestation key. */
export const INSTANCE_ID_SIZE = 33
/** First byte of a ueid of type RAND. */
export const UEID_TYPE_RANDOM = 0x01
/** Realm extensible measurements, REM 0 to 3. */
export const EXTENSIBLE_MEASUREMENTS = 4
/** Security domain that may ask for a platform token: the Realm Management Security Domain. */
export const CLIENT_ID_RMSD = 1
/** SEC1 uncompressed point on P-384: the RAK of the legacy profile. */
export const LEGACY_RAK_SIZE = 97

/** IANA Named Information Hash Algorithm names with a meaning for the binding. */
export const HASH_ALGORITHMS: Readonly<Record<string, HashName>> = {
  'sha-256': 'SHA-256',
  'sha-384': 'SHA-384',
  'sha-512': 'SHA-512',
}

/** State by the upper byte of claim 2395; the lower byte is the implementation's. */
export const CCA_LIFECYCLES = {
  0: 'unknown',
  16: 'assembly-and-test',
  32: 'provisioning',
  48: 'secured',
  64: 'non-cca-platform-debug',
  80: 'recoverable-cca-platform-debug',
  96: 'decommissioned',
} as const

/** State of the platform's lifecycle. */
export type CcaLifecycle = (typeof CCA_LIFECYCLES)[keyof typeof CCA_LIFECYCLES]

/** Largest token read: the largest published ones have 2.2 KB, a platform with 200 components would have 30. */
export const MAX_TOKEN_BYTES = 65_536

/** Unsigned framing: nobody has said these bytes, so only one form of them is read. */
const FRAMING: CborRules = {
  maxBytes: MAX_TOKEN_BYTES,
  maxItems: 64,
  maxDepth: 4,
  heads: 'shortest',
  topMap: 'definite',
}

/** Signed content: definite lengths, but EAT lets an encoder choose longer heads ("variant serialization"). */
export const CLAIMS_RULES: CborRules = {
  maxBytes: MAX_TOKEN_BYTES,
  maxItems: 4096,
  maxDepth: 8,
  heads: 'any',
  topMap: 'definite',
}

/** The collection around both tokens. */
export const COLLECTION_RULES = FRAMING

/** Either token. */
export const COSE_RULES: CoseRules = {
  message: FRAMING,
  protectedHeader: { ...CLAIMS_RULES, maxItems: 64 },
  tag: 'required',
  algorithms: [ES256, ES384, ES512],
}
