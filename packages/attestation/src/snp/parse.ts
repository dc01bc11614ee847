import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'
import { ownCopy, u32 } from '../internal/bytes.ts'
import type { Unverified } from '../result.ts'
import {
  KEY_BIT,
  KEY_FIRST_RESERVED,
  MAX_VMPL,
  OFFSET,
  PLATFORM_BIT,
  PLATFORM_FIRST_RESERVED,
  POLICY_BIT,
  POLICY_FIRST_RESERVED,
  REPORT,
  REPORT_SIZE,
  REPORT_VERSIONS,
  reservedRanges,
  SIGNATURE,
  SIGNATURE_ALGORITHM,
  SIGNED_SIZE,
  SIGNING_KEY,
  UNSIGNED_TAIL,
  VMPL_HOST,
} from './constants.ts'
import { type HclReport, isHclReport, parseHclReport } from './hcl.ts'
import type { SnpCpuid } from './product.ts'

/** What the guest owner demanded at launch; the firmware enforces it. */
export interface SnpGuestPolicy {
  /** 8 bytes, little-endian. */
  readonly bytes: Uint8Array
  readonly abiMajor: number
  readonly abiMinor: number
  readonly smtAllowed: boolean
  readonly migrationAgentAllowed: boolean
  readonly debugAllowed: boolean
  readonly singleSocket: boolean
  readonly cxlAllowed: boolean
  readonly aes256Xts: boolean
  readonly raplDisabled: boolean
  readonly ciphertextHiding: boolean
  readonly pageSwapDisabled: boolean
}

/** How the platform runs. */
export interface SnpPlatformInfo {
  /** 8 bytes, little-endian. */
  readonly bytes: Uint8Array
  readonly smtEnabled: boolean
  readonly tsmeEnabled: boolean
  readonly eccEnabled: boolean
  readonly raplDisabled: boolean
  readonly ciphertextHiding: boolean
  /** No aliased memory was found at boot (BadRAM, CVE-2024-21944). */
  readonly aliasCheckComplete: boolean
  readonly tioEnabled: boolean
}

/** Version of the firmware. */
export interface SnpFirmwareVersion {
  readonly major: number
  readonly minor: number
  readonly build: number
}

/** Key that the firmware signs reports with: the chip's own, or one of the cloud provider. */
export type SnpSigningKey = 'vcek' | 'vlek'

/** An attestation report. Byte fields are views of the bytes given. */
export interface SnpReport {
  readonly version: (typeof REPORT_VERSIONS)[number]
  readonly guestSvn: number
  readonly guestPolicy: SnpGuestPolicy
  readonly familyId: Uint8Array
  readonly imageId: Uint8Array
  /** 0 to 3, or 0xFFFFFFFF when the host asked for the report. */
  readonly vmpl: number
  readonly platformInfo: SnpPlatformInfo
  readonly authorKeyEnabled: boolean
  readonly signingKey: SnpSigningKey
  /** 64 bytes. */
  readonly reportData: Uint8Array
  /** 48 bytes. */
  readonly measurement: Uint8Array
  /** 32 bytes. */
  readonly hostData: Uint8Array
  /** 48 bytes: SHA-384 of the key that signed the ID block; zero without one. */
  readonly idKeyDigest: Uint8Array
  readonly authorKeyDigest: Uint8Array
  /** 32 bytes: the same for the life of the guest. */
  readonly reportId: Uint8Array
  readonly reportIdMigrationAgent: Uint8Array
  /** TCB_VERSION, 8 bytes each; their layout depends on the product. */
  readonly currentTcb: Uint8Array
  readonly reportedTcb: Uint8Array
  readonly committedTcb: Uint8Array
  readonly launchTcb: Uint8Array
  /** Undefined before version 3. */
  readonly cpuid: SnpCpuid | undefined
  /** 64 bytes; zero when masked. */
  readonly chipId: Uint8Array
  readonly currentVersion: SnpFirmwareVersion
  readonly committedVersion: SnpFirmwareVersion
  /** Undefined before version 5. */
  readonly launchMitigationVector: bigint | undefined
  readonly currentMitigationVector: bigint | undefined
  /** r‖s, big-endian, 96 bytes. */
  readonly signature: Uint8Array
  /** Bytes 0 to 0x29F: what is signed. */
  readonly signedBytes: Uint8Array
}

/** Evidence of an SEV-SNP guest. */
export interface SnpEvidence {
  readonly report: SnpReport
  /** Azure's wrapping, where the evidence came in one. */
  readonly hcl: HclReport | undefined
}

/**
 * Parses SEV-SNP evidence: an attestation report of exactly 1184 bytes, or Azure's HCL report around one.
 *
 * Proves: the layout, and that every reserved bit and byte has its value. Does not prove: anything about who made it.
 *
 * @throws {MalformedEvidenceError} SNP_REPORT_MALFORMED and the codes of {@link parseSnpReport} and of HCL reports.
 */
export function parseSnp(received: Uint8Array): Unverified<SnpEvidence> {
  const bytes = ownCopy(received)
  if (!isHclReport(bytes)) return { report: parseSnpReport(bytes), hcl: undefined }
  const hcl = parseHclReport(bytes)
  return { report: parseSnpReport(hcl.report), hcl }
}

const fail = (code: ReasonCode, offset: number, expected: string, got: string): never => {
  throw new MalformedEvidenceError(code, { offset, expected, got })
}
const show = (value: number) => `0x${value.toString(16)}`

/**
 * Parses an attestation report of version 2, 3 or 5.
 *
 * Source: AMD 56860, ATTESTATION_REPORT. Strict: reserved bits of every word, bytes that must be zero in this version,
 * the padding of r and s and everything behind them.
 *
 * @throws {MalformedEvidenceError} SNP_REPORT_MALFORMED, SNP_REPORT_VERSION_UNSUPPORTED,
 * SNP_SIGNATURE_ALGORITHM_UNSUPPORTED, SNP_REPORT_RESERVED_NONZERO, SNP_POLICY_RESERVED_NONZERO, SNP_POLICY_BIT17_CLEAR,
 * SNP_SIGNING_KEY_UNSUPPORTED, SNP_REPORT_UNSIGNED, SNP_VMPL_INVALID, SNP_SIGNATURE_PADDING_NONZERO,
 * SNP_UNSIGNED_BYTES_NONZERO.
 */
export function parseSnpReport(bytes: Uint8Array): SnpReport {
  if (bytes.length !== REPORT_SIZE) {
    fail('SNP_REPORT_MALFORMED', Math.min(bytes.length, REPORT_SIZE), `${REPORT_SIZE} bytes`, `${bytes.length}`)
  }
  const version = readVersion(bytes)
  const algorithm = u32(bytes, OFFSET.signatureAlgorithm)
  if (algorithm !== SIGNATURE_ALGORITHM) {
    fail('SNP_SIGNATURE_ALGORITHM_UNSUPPORTED', OFFSET.signatureAlgorithm, `${SIGNATURE_ALGORITHM}`, `${algorithm}`)
  }
  for (const [start, stop] of reservedRanges(version)) {
    expectZero(bytes, start, stop, 'SNP_REPORT_RESERVED_NONZERO')
  }
  const field = ([offset, length]: readonly [number, number]) => bytes.subarray(offset, offset + length)
  const cpuidAt = OFFSET.cpuid
  return {
    version,
    guestSvn: u32(bytes, OFFSET.guestSvn),
    guestPolicy: readGuestPolicy(bytes),
    familyId: field(REPORT.familyId),
    imageId: field(REPORT.imageId),
    vmpl: readVmpl(bytes),
    platformInfo: readPlatformInfo(bytes),
    ...readKeyInfo(bytes),
    reportData: field(REPORT.reportData),
    measurement: field(REPORT.measurement),
    hostData: field(REPORT.hostData),
    idKeyDigest: field(REPORT.idKeyDigest),
    authorKeyDigest: field(REPORT.authorKeyDigest),
    reportId: field(REPORT.reportId),
    reportIdMigrationAgent: field(REPORT.reportIdMigrationAgent),
    currentTcb: field(REPORT.currentTcb),
    reportedTcb: field(REPORT.reportedTcb),
    committedTcb: field(REPORT.committedTcb),
    launchTcb: field(REPORT.launchTcb),
    cpuid:
      version < 3
        ? undefined
        : { family: bytes[cpuidAt] ?? 0, model: bytes[cpuidAt + 1] ?? 0, stepping: bytes[cpuidAt + 2] ?? 0 },
    chipId: field(REPORT.chipId),
    currentVersion: readFirmwareVersion(bytes, OFFSET.currentVersion),
    committedVersion: readFirmwareVersion(bytes, OFFSET.committedVersion),
    launchMitigationVector: version < 5 ? undefined : u64(bytes, OFFSET.launchMitigationVector),
    currentMitigationVector: version < 5 ? undefined : u64(bytes, OFFSET.currentMitigationVector),
    signature: readSignature(bytes),
    signedBytes: bytes.subarray(0, SIGNED_SIZE),
  }
}

function readVersion(bytes: Uint8Array): (typeof REPORT_VERSIONS)[number] {
  const got = u32(bytes, OFFSET.version)
  return (
    REPORT_VERSIONS.find((version) => version === got) ??
    fail('SNP_REPORT_VERSION_UNSUPPORTED', OFFSET.version, REPORT_VERSIONS.join(', '), `${got}`)
  )
}

const u64 = (bytes: Uint8Array, offset: number) => BigInt(u32(bytes, offset)) | (BigInt(u32(bytes, offset + 4)) << 32n)

function expectZero(bytes: Uint8Array, start: number, stop: number, code: ReasonCode): void {
  for (let at = start; at < stop; at++) {
    if (bytes[at] !== 0) fail(code, at, 'zero', show(bytes[at] ?? 0))
  }
}

/** Low 32 bits of a 64-bit word whose bits from `firstReserved` on must be zero. */
function readBits(bytes: Uint8Array, offset: number, firstReserved: number, code: ReasonCode): number {
  const low = u32(bytes, offset)
  const high = u32(bytes, offset + 4)
  if (high !== 0 || low >= 2 ** firstReserved) {
    fail(code, offset, `bits ${firstReserved} to 63 zero`, `${show(high)} ${show(low)}`)
  }
  return low
}

function readGuestPolicy(bytes: Uint8Array): SnpGuestPolicy {
  const bits = readBits(bytes, OFFSET.policy, POLICY_FIRST_RESERVED, 'SNP_POLICY_RESERVED_NONZERO')
  if ((bits & POLICY_BIT.one) === 0) fail('SNP_POLICY_BIT17_CLEAR', OFFSET.policy + 2, 'bit 17 set', show(bits))
  return {
    bytes: bytes.subarray(OFFSET.policy, OFFSET.policy + 8),
    abiMinor: bits & 0xff,
    abiMajor: (bits >> 8) & 0xff,
    smtAllowed: (bits & POLICY_BIT.smtAllowed) !== 0,
    migrationAgentAllowed: (bits & POLICY_BIT.migrationAgentAllowed) !== 0,
    debugAllowed: (bits & POLICY_BIT.debugAllowed) !== 0,
    singleSocket: (bits & POLICY_BIT.singleSocket) !== 0,
    cxlAllowed: (bits & POLICY_BIT.cxlAllowed) !== 0,
    aes256Xts: (bits & POLICY_BIT.aes256Xts) !== 0,
    raplDisabled: (bits & POLICY_BIT.raplDisabled) !== 0,
    ciphertextHiding: (bits & POLICY_BIT.ciphertextHiding) !== 0,
    pageSwapDisabled: (bits & POLICY_BIT.pageSwapDisabled) !== 0,
  }
}

function readPlatformInfo(bytes: Uint8Array): SnpPlatformInfo {
  const bits = readBits(bytes, OFFSET.platformInfo, PLATFORM_FIRST_RESERVED, 'SNP_REPORT_RESERVED_NONZERO')
  return {
    bytes: bytes.subarray(OFFSET.platformInfo, OFFSET.platformInfo + 8),
    smtEnabled: (bits & PLATFORM_BIT.smtEnabled) !== 0,
    tsmeEnabled: (bits & PLATFORM_BIT.tsmeEnabled) !== 0,
    eccEnabled: (bits & PLATFORM_BIT.eccEnabled) !== 0,
    raplDisabled: (bits & PLATFORM_BIT.raplDisabled) !== 0,
    ciphertextHiding: (bits & PLATFORM_BIT.ciphertextHiding) !== 0,
    aliasCheckComplete: (bits & PLATFORM_BIT.aliasCheckComplete) !== 0,
    tioEnabled: (bits & PLATFORM_BIT.tioEnabled) !== 0,
  }
}

function readKeyInfo(bytes: Uint8Array): { authorKeyEnabled: boolean; signingKey: SnpSigningKey } {
  const bits = u32(bytes, OFFSET.keyInfo)
  if (bits >= 2 ** KEY_FIRST_RESERVED) {
    fail('SNP_REPORT_RESERVED_NONZERO', OFFSET.keyInfo, `bits ${KEY_FIRST_RESERVED} to 31 zero`, show(bits))
  }
  const signingKey = (bits >> 2) & 7
  // With a masked chip key the firmware writes zeros where the signature of a VCEK would stand; a VLEK still signs.
  const masked = (bits & KEY_BIT.maskChipKey) !== 0 && signingKey === SIGNING_KEY.vcek
  if (masked || signingKey === SIGNING_KEY.none) {
    fail('SNP_REPORT_UNSIGNED', OFFSET.keyInfo, 'a signed report', show(bits))
  }
  if (signingKey !== SIGNING_KEY.vcek && signingKey !== SIGNING_KEY.vlek) {
    fail('SNP_SIGNING_KEY_UNSUPPORTED', OFFSET.keyInfo, 'VCEK (0) or VLEK (1)', `${signingKey}`)
  }
  return {
    authorKeyEnabled: (bits & KEY_BIT.authorKey) !== 0,
    signingKey: signingKey === SIGNING_KEY.vcek ? 'vcek' : 'vlek',
  }
}

function readVmpl(bytes: Uint8Array): number {
  const vmpl = u32(bytes, OFFSET.vmpl)
  if (vmpl > MAX_VMPL && vmpl !== VMPL_HOST) fail('SNP_VMPL_INVALID', OFFSET.vmpl, '0 to 3', show(vmpl))
  return vmpl
}

function readFirmwareVersion(bytes: Uint8Array, offset: number): SnpFirmwareVersion {
  return { build: bytes[offset] ?? 0, minor: bytes[offset + 1] ?? 0, major: bytes[offset + 2] ?? 0 }
}

function readSignature(bytes: Uint8Array): Uint8Array {
  const { r, s, width, used } = SIGNATURE
  expectZero(bytes, r + used, r + width, 'SNP_SIGNATURE_PADDING_NONZERO')
  expectZero(bytes, s + used, s + width, 'SNP_SIGNATURE_PADDING_NONZERO')
  expectZero(bytes, UNSIGNED_TAIL, REPORT_SIZE, 'SNP_UNSIGNED_BYTES_NONZERO')
  const signature = new Uint8Array(2 * used)
  for (let index = 0; index < used; index++) {
    signature[used - 1 - index] = bytes[r + index] ?? 0
    signature[2 * used - 1 - index] = bytes[s + index] ?? 0
  }
  return signature
}
