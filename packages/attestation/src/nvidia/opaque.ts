import { MalformedEvidenceError } from '../errors.ts'
import { toHex, u16, u32 } from '../internal/bytes.ts'
import { DIGEST_SIZE, FEATURE_MODES, FLAG, MAX_OPAQUE_VERSION, OPAQUE } from './constants.ts'

/** Confidential-computing mode of a GPU. */
export type FeatureMode = (typeof FEATURE_MODES)[number]

/** The device's opaque fields, decoded. Undefined: the device does not say. Signed by the device, but its own word. */
export interface OpaqueFields {
  /** Dotted decimal, for example `550.90.07`; switches have none. */
  readonly driverVersion: string | undefined
  /** Five hexadecimal bytes, dotted, for example `96.00.9F.00.01`. */
  readonly vbiosVersion: string | undefined
  /** 48 bytes: digest of the firmware that holds the attestation key. */
  readonly fwid: Uint8Array | undefined
  /** Whether the video decoder NVDEC0 is enabled, which decides whether its measurement counts. */
  readonly nvdec0Enabled: boolean | undefined
  readonly protectedPcie: boolean | undefined
  readonly mode: FeatureMode | undefined
  /** Version of these fields. */
  readonly version: number | undefined
  readonly project: string | undefined
  readonly projectSku: string | undefined
  readonly chipSku: string | undefined
  /** Name of the chip as in the RIM of its driver. */
  readonly chipInfo: string | undefined
  /** How often each measurement was extended. */
  readonly measurementCounts: readonly number[] | undefined
  /** Public device identifiers of the switches: hex in reading order. A switch lists its own alone. */
  readonly switchPdis: readonly string[]
  /** Those of the GPUs that a switch connects. */
  readonly gpuPdis: readonly string[]
  /** Every field by its type number, raw; unknown ones too. */
  readonly raw: ReadonlyMap<number, Uint8Array>
}

const PDI_SIZE = 8
const MAX_TEXT = 64

function malformed(expected: string, got: string): never {
  throw new MalformedEvidenceError('NVIDIA_OPAQUE_MALFORMED', { offset: 0, expected, got })
}

/**
 * Decodes the opaque fields: {u16 type, u16 length, value} without rest, each type once. Unknown types are kept raw.
 *
 * @throws {MalformedEvidenceError} NVIDIA_OPAQUE_MALFORMED, NVIDIA_OPAQUE_VERSION_UNSUPPORTED.
 */
export function parseOpaqueFields(bytes: Uint8Array): OpaqueFields {
  const raw = readFields(bytes)
  const field = (type: keyof typeof OPAQUE) => raw.get(OPAQUE[type])
  const text = (type: keyof typeof OPAQUE) => optional(field(type), (value) => readText(value, type))
  const version = optional(field('opaqueDataVersion'), readVersion)
  const mode = optional(field('featureFlag'), (value) => {
    return FEATURE_MODES[readNumber(value, 'featureFlag')] ?? malformed('a known feature flag', toHex(value))
  })
  const fwid = field('fwid')
  if (fwid && fwid.length !== DIGEST_SIZE) malformed('a FWID of 48 bytes', `${fwid.length} bytes`)
  const driverVersion = text('driverVersion')
  if (driverVersion !== undefined && !/^\d{3,4}(\.\d{1,4}){1,3}$/.test(driverVersion)) {
    malformed('a driver version', driverVersion)
  }
  return {
    driverVersion,
    vbiosVersion: optional(field('vbiosVersion'), readVbiosVersion),
    fwid,
    nvdec0Enabled: optional(field('nvdec0Status'), (value) => readFlag(value, 'NVDEC0 status')),
    // No check depends on it; an unknown value says nothing.
    protectedPcie: optional(field('protectedPcieStatus'), flagOf),
    mode,
    version,
    project: text('project'),
    projectSku: text('projectSku'),
    chipSku: text('chipSku'),
    chipInfo: text('chipInfo'),
    measurementCounts: optional(field('measurementCounts'), readCounts),
    switchPdis: readPdis(field('switchPdi')),
    gpuPdis: readPdis(field('gpuPdi')),
    raw,
  }
}

function readFields(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>()
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) malformed('type and length', `${bytes.length - at} bytes`)
    const type = u16(bytes, at)
    const stop = at + 4 + u16(bytes, at + 2)
    if (stop > bytes.length) malformed(`field ${type} inside the opaque data`, `an end at ${stop}`)
    if (type === OPAQUE.invalid || fields.has(type)) malformed('each valid field once', `field ${type}`)
    fields.set(type, bytes.subarray(at + 4, stop))
    at = stop
  }
  return fields
}

const optional = <T>(value: Uint8Array | undefined, read: (value: Uint8Array) => T): T | undefined =>
  value === undefined ? undefined : read(value)

/** Printable ASCII, padded with NUL bytes. */
function readText(value: Uint8Array, what: string): string {
  let end = value.length
  while (end > 0 && value[end - 1] === 0) end--
  const text = String.fromCharCode(...value.subarray(0, Math.min(end, MAX_TEXT + 1)))
  return text.length <= MAX_TEXT && /^[ -~]*$/.test(text)
    ? text
    : malformed(`${what} in ASCII`, toHex(value.subarray(0, 64)))
}

/**
 * VBIOS version: GPUs write 8 bytes, a little-endian u32 followed by the last part; switches write the text.
 *
 * Source: NVIDIA attestation SDK, get_vbios_version. `00 9f 00 96 01 00 00 00` is 96.00.9F.00.01.
 */
function readVbiosVersion(value: Uint8Array): string {
  if (value.length === 8) {
    const parts = [3, 2, 1, 0, 4].map((index) => toHex(value.subarray(index, index + 1)))
    return parts.join('.').toUpperCase()
  }
  const text = readText(value, 'vbiosVersion').toUpperCase()
  return /^[0-9A-F]{2}(\.[0-9A-F]{2}){4}$/.test(text) ? text : malformed('a VBIOS version', toHex(value))
}

function flagOf(value: Uint8Array): boolean | undefined {
  if (value.length === 1 && value[0] === FLAG.enabled) return true
  return value.length === 1 && value[0] === FLAG.disabled ? false : undefined
}

function readFlag(value: Uint8Array, what: string): boolean {
  return flagOf(value) ?? malformed(`${what} 0xaa or 0x55`, toHex(value.subarray(0, 8)))
}

/** Little-endian, 1 to 4 bytes. */
function readNumber(value: Uint8Array, what: string): number {
  if (value.length === 0 || value.length > 4) malformed(`${what} of 1 to 4 bytes`, `${value.length} bytes`)
  return value.reduceRight((number, byte) => number * 256 + byte, 0)
}

function readVersion(value: Uint8Array): number {
  const version = readNumber(value, 'opaqueDataVersion')
  if (version <= MAX_OPAQUE_VERSION) return version
  const versions = { offset: 0, expected: `at most ${MAX_OPAQUE_VERSION}`, got: `${version}` }
  throw new MalformedEvidenceError('NVIDIA_OPAQUE_VERSION_UNSUPPORTED', versions)
}

function readCounts(value: Uint8Array): readonly number[] {
  if (value.length % 4 !== 0) malformed('measurement counts of 4 bytes each', `${value.length} bytes`)
  return Array.from({ length: value.length / 4 }, (_, index) => u32(value, 4 * index))
}

/** Devices write the identifiers byte-reversed. */
function readPdis(value: Uint8Array | undefined): readonly string[] {
  if (value === undefined) return []
  if (value.length % PDI_SIZE !== 0) malformed('identifiers of 8 bytes each', `${value.length} bytes`)
  return Array.from({ length: value.length / PDI_SIZE }, (_, index) =>
    toHex(Uint8Array.from(value.subarray(PDI_SIZE * index, PDI_SIZE * (index + 1))).reverse()),
  )
}
