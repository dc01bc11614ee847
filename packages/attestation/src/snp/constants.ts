/** Bytes of an attestation report. Source of this file: AMD 56860 (SEV-SNP Firmware ABI), ATTESTATION_REPORT. */
export const REPORT_SIZE = 0x4a0
/** Bytes 0 to 0x29F are signed. */
export const SIGNED_SIZE = 0x2a0

/**
 * Report versions read here. Version 4 was shipped on some machines without a public layout (AMD 56860 goes from 3 to 5),
 * 0 and 1 are drafts: all refused.
 */
export const REPORT_VERSIONS = [2, 3, 5] as const

/** Fields: offset, length. */
export const REPORT = {
  familyId: [0x010, 16],
  imageId: [0x020, 16],
  currentTcb: [0x038, 8],
  reportData: [0x050, 64],
  measurement: [0x090, 48],
  hostData: [0x0c0, 32],
  idKeyDigest: [0x0e0, 48],
  authorKeyDigest: [0x110, 48],
  reportId: [0x140, 32],
  reportIdMigrationAgent: [0x160, 32],
  reportedTcb: [0x180, 8],
  chipId: [0x1a0, 64],
  committedTcb: [0x1e0, 8],
  launchTcb: [0x1f0, 8],
} as const

/** Offsets of integers, little-endian. */
export const OFFSET = {
  version: 0x000,
  guestSvn: 0x004,
  policy: 0x008,
  vmpl: 0x030,
  signatureAlgorithm: 0x034,
  platformInfo: 0x040,
  keyInfo: 0x048,
  /** v3 and later: family, model, stepping, one byte each. */
  cpuid: 0x188,
  /** Build, minor, major, one byte each. */
  currentVersion: 0x1e8,
  committedVersion: 0x1ec,
  /** v5 and later. */
  launchMitigationVector: 0x1f8,
  currentMitigationVector: 0x200,
} as const

/** Where r and s stand, and how many of their 72 bytes may be used: P-384. Little-endian. */
export const SIGNATURE = { r: 0x2a0, s: 0x2e8, width: 72, used: 48 } as const
/** Unsigned and reserved up to the end of the report. */
export const UNSIGNED_TAIL = 0x330

/** SIGNATURE_ALGO of ECDSA P-384 with SHA-384, the only one. */
export const SIGNATURE_ALGORITHM = 1

/** Must be zero: [start, stop). What depends on the version is added by {@link reservedRanges}. */
const RESERVED: readonly (readonly [start: number, stop: number])[] = [
  [0x04c, 0x050],
  [0x18b, 0x1a0],
  [0x1eb, 0x1ec],
  [0x1ef, 0x1f0],
  [0x208, SIGNED_SIZE],
]
const RESERVED_BEFORE_3 = [...RESERVED, [0x188, 0x18b], [0x1f8, 0x208]] as const
const RESERVED_BEFORE_5 = [...RESERVED, [0x1f8, 0x208]] as const

/** What must be zero in a report of this version. */
export function reservedRanges(version: number): readonly (readonly [start: number, stop: number])[] {
  if (version < 3) return RESERVED_BEFORE_3
  return version < 5 ? RESERVED_BEFORE_5 : RESERVED
}

/** Guest policy, bits 0 to 31; ABI minor and major are its first two bytes. Source: AMD 56860, guest policy. */
export const POLICY_BIT = {
  smtAllowed: 1 << 16,
  /** Reserved, must be one. */
  one: 1 << 17,
  migrationAgentAllowed: 1 << 18,
  debugAllowed: 1 << 19,
  singleSocket: 1 << 20,
  cxlAllowed: 1 << 21,
  aes256Xts: 1 << 22,
  raplDisabled: 1 << 23,
  ciphertextHiding: 1 << 24,
  pageSwapDisabled: 1 << 25,
} as const
/** The first bit of the guest policy that must be zero, as all above it. */
export const POLICY_FIRST_RESERVED = 26

/** PLATFORM_INFO. Bit 6 has no public meaning, but firmware of Turin sets it; bits 8 and up must be zero. */
export const PLATFORM_BIT = {
  smtEnabled: 1 << 0,
  tsmeEnabled: 1 << 1,
  eccEnabled: 1 << 2,
  raplDisabled: 1 << 3,
  ciphertextHiding: 1 << 4,
  aliasCheckComplete: 1 << 5,
  tioEnabled: 1 << 7,
} as const
/** Bits of PLATFORM_INFO from here on are zero. */
export const PLATFORM_FIRST_RESERVED = 8

/** Key information word. */
export const KEY_BIT = { authorKey: 1 << 0, maskChipKey: 1 << 1 } as const
/** SIGNING_KEY: bits 2 to 4 of the key information word. */
export const SIGNING_KEY = { vcek: 0, vlek: 1, none: 7 } as const
/** Bits of the key information word from here on are zero. */
export const KEY_FIRST_RESERVED = 5

/** VMPL of a report that the host asked for (SNP_HV_REPORT_REQ). */
export const VMPL_HOST = 0xffff_ffff
/** Lowest privilege of a guest: VMPL 0 to 3. */
export const MAX_VMPL = 3
