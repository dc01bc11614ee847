import { MalformedEvidenceError } from '../errors.ts'
import { ownCopy } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import { parsePemCertificates } from '../internal/pem.ts'
import type { X509Certificate } from '../internal/x509.ts'
import type { Unverified } from '../result.ts'
import { DEVICE_CHAIN_CODES, parseChain } from './chain.ts'
import { LS10_RIM_PREFIX, MAX_CHAIN_BYTES } from './constants.ts'
import { type OpaqueFields, parseOpaqueFields } from './opaque.ts'
import { parseSpdmReport, type SpdmReport } from './spdm.ts'

/** Evidence of one GPU or switch as its driver hands it out. */
export interface NvidiaEvidenceBytes {
  /** SPDM request ‖ response. */
  readonly report: Uint8Array
  /** PEM, leaf first; the root may stand at the end. */
  readonly certificateChain: Uint8Array
}

/** Parsed evidence of one device. */
export interface NvidiaEvidence {
  readonly report: SpdmReport
  readonly opaque: OpaqueFields
  /** Leaf first. */
  readonly certificates: readonly X509Certificate[]
}

/**
 * Parses evidence of one GPU or NVSwitch.
 *
 * Proves: the layout. Does not prove: anything about who made it.
 *
 * @throws {MalformedEvidenceError} NVIDIA_REPORT_MALFORMED, NVIDIA_REPORT_VERSION_UNSUPPORTED, NVIDIA_TRAILING_BYTES,
 * NVIDIA_OPAQUE_MALFORMED, NVIDIA_OPAQUE_VERSION_UNSUPPORTED, NVIDIA_CHAIN_MALFORMED, NVIDIA_CERTIFICATE_MALFORMED.
 */
export function parseNvidiaEvidence({ report, certificateChain }: NvidiaEvidenceBytes): Unverified<NvidiaEvidence> {
  return { ...parseNvidiaReport(report), certificates: parsePemChain(certificateChain) }
}

/**
 * Parses a report alone, for looking at it: without its chain nothing can be verified.
 *
 * @throws {MalformedEvidenceError} NVIDIA_REPORT_MALFORMED, NVIDIA_REPORT_VERSION_UNSUPPORTED, NVIDIA_TRAILING_BYTES,
 * NVIDIA_OPAQUE_MALFORMED, NVIDIA_OPAQUE_VERSION_UNSUPPORTED.
 */
export function parseNvidiaReport(report: Uint8Array): Unverified<Omit<NvidiaEvidence, 'certificates'>> {
  const spdm = parseSpdmReport(ownCopy(report))
  return { report: spdm, opaque: parseOpaqueFields(spdm.opaque) }
}

function parsePemChain(chain: Uint8Array): readonly X509Certificate[] {
  const certificates = chain.length <= MAX_CHAIN_BYTES ? parsePemCertificates(chain) : undefined
  if (!certificates) {
    const got = `${chain.length} bytes`
    throw new MalformedEvidenceError('NVIDIA_CHAIN_MALFORMED', { offset: 0, expected: 'PEM certificates', got })
  }
  return parseChain(certificates, DEVICE_CHAIN_CODES.malformed)
}

/** Architectures judged here. */
export type NvidiaArchitecture = 'hopper' | 'blackwell' | 'ls10'

/** What a device is, by the certificate of its boot ROM. */
export interface NvidiaDevice {
  readonly kind: 'gpu' | 'switch'
  readonly architecture: NvidiaArchitecture
  /** Name of the chip as its certificates write it: `GH100`, `GB100`, `LS10`; `X` stands for any digit, as in `GB20X`. */
  readonly chip: string
  /** Common name of the second certificate, for example `GH100 A01 GSP BROM`. */
  readonly hardwareModel: string
  /** The boot ROM's certificate. */
  readonly bootRom: X509Certificate
}

/** Chip families by the first word of the hardware model. */
const ARCHITECTURES: readonly (readonly [RegExp, NvidiaArchitecture, NvidiaDevice['kind']])[] = [
  [/^GH\d{2}[\dX]$/, 'hopper', 'gpu'],
  [/^GB\d{2}[\dX]$/, 'blackwell', 'gpu'],
  [/^LS10$/, 'ls10', 'switch'],
]

/** The device that the chain is of; undefined for other products. A name until the chain is verified. */
export function deviceOf(certificates: readonly X509Certificate[]): NvidiaDevice | undefined {
  const bootRom = certificates[1]
  if (bootRom?.key.type !== 'ec' || bootRom.key.curve !== 'P-384') return undefined
  const hardwareModel = bootRom.commonName ?? ''
  const chip = (hardwareModel.split(' ')[0] ?? '').replace('_', '')
  const found = ARCHITECTURES.find(([pattern]) => pattern.test(chip))
  return found && { kind: found[2], architecture: found[1], chip, hardwareModel, bootRom }
}

/** Names of the manifests in NVIDIA's RIM service; undefined where the device has no such firmware or does not say. */
export interface NvidiaRimIds {
  readonly driver: string | undefined
  readonly vbios: string | undefined
}

/**
 * Names the manifests that belong to evidence, for fetching them. A name only: which manifest fits is judged by what its signed
 * part says.
 *
 * Source: NVIDIA attestation SDK, get_driver_rim_id and get_vbios_rim_id.
 */
export function nvidiaRimIds({ opaque, certificates }: NvidiaEvidence): NvidiaRimIds {
  const device = deviceOf(certificates)
  const { driverVersion, vbiosVersion, project, projectSku, chipSku, chipInfo } = opaque
  const vbios = vbiosVersion?.replaceAll('.', '')
  if (device?.kind === 'switch') return { driver: undefined, vbios: vbios && `${LS10_RIM_PREFIX}${vbios}` }
  const isHopper = device?.architecture === 'hopper'
  const driverPrefix = isHopper ? 'NV_GPU_DRIVER_GH100' : `NV_GPU_CC_DRIVER_${chipInfo ?? device?.chip}`
  const hasBoard = project !== undefined && projectSku !== undefined && chipSku !== undefined
  return {
    driver: driverVersion && `${driverPrefix}_${driverVersion}`,
    vbios: vbios && hasBoard ? `NV_GPU_VBIOS_${project}_${projectSku}_${chipSku}_${vbios}` : undefined,
  }
}

/** Whether a manifest's product is the chip of the certificates, or the one that the report names where it does. */
export function isChipOf(product: string, { chip }: NvidiaDevice, { chipInfo }: NvidiaEvidence['opaque']): boolean {
  const matches = (name: string) => new RegExp(`^${chip.replace('X', '\\d')}$`).test(name)
  // A report that names a chip of another family than its certificates is not believed.
  if (chipInfo !== undefined && matches(chipInfo)) return product === chipInfo || product === chip
  return product === chip || matches(product)
}

/**
 * The device's identity: SHA-256 of its boot ROM's SubjectPublicKeyInfo, a key that NVIDIA has certified and that no firmware changes. A
 * proof of nothing until the chain is verified.
 */
export const devicePlatformId = ({ bootRom }: NvidiaDevice): Promise<Uint8Array<ArrayBuffer>> => sha256(bootRom.spki)

/**
 * What NVIDIA calls the universal entity id: serial number of the attestation key's certificate, decimal. The device itself writes it, and
 * another one with other firmware.
 */
export const ueidOf = ({ serial }: X509Certificate): string => BigInt(`0x${serial || '0'}`).toString()
