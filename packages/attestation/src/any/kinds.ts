import { toHex, u16, u32 } from '../internal/bytes.ts'

/** Kinds of evidence that this package judges. */
export const EVIDENCE_KINDS = ['tdx', 'sgx', 'snp', 'cca', 'nvidia', 'nitro'] as const

/** Name of a kind of evidence. */
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number]

const INTEL_QE_VENDOR_ID = '939a7233f79c4ca9940a0db3957f0607'
const TEE_TYPE_TDX = 0x81
/** ATTESTATION_REPORT of AMD SEV-SNP. Source: AMD 56860, table 23. */
const SNP_REPORT_SIZE = 0x4a0
/** "HCLA": head of the report that Azure's paravisor keeps in the vTPM. */
const AZURE_HCL_MAGIC = 0x414c4348
/** GET_MEASUREMENTS request of SPDM 1.1, 37 bytes, with the MEASUREMENTS response behind it. Source: DMTF DSP0274. */
const SPDM = { version: 0x11, getMeasurements: 0xe0, measurements: 0x60, requestSize: 37 } as const

/**
 * Names the kind of evidence that bytes look like, from the few bytes that tell the formats apart; undefined where none fits.
 *
 * Proves: nothing. It chooses which parser to try, and that parser may still refuse every byte.
 */
export function detectEvidence(bytes: Uint8Array): EvidenceKind | undefined {
  if (isDcap(bytes)) return u32(bytes, 4) === TEE_TYPE_TDX ? 'tdx' : 'sgx'
  if (isSpdm(bytes)) return 'nvidia'
  if (isNitro(bytes)) return 'nitro'
  if (isCca(bytes)) return 'cca'
  if (isSnp(bytes)) return 'snp'
  return undefined
}

/** QE vendor id of Intel, or a header of an ECDSA quote of either TEE. */
function isDcap(bytes: Uint8Array): boolean {
  if (bytes.length < 48) return false
  if (toHex(bytes.subarray(12, 28)) === INTEL_QE_VENDOR_ID) return true
  const [version, keyType, teeType] = [u16(bytes, 0), u16(bytes, 2), u32(bytes, 4)]
  return version >= 3 && version <= 5 && keyType === 2 && (teeType === 0 || teeType === TEE_TYPE_TDX)
}

function isSpdm(bytes: Uint8Array): boolean {
  const { version, getMeasurements, measurements, requestSize } = SPDM
  return (
    bytes.length > requestSize + 1 &&
    bytes[0] === version &&
    bytes[1] === getMeasurements &&
    bytes[requestSize] === version &&
    bytes[requestSize + 1] === measurements
  )
}

/** COSE_Sign1, tagged or not, whose protected header says ES384: `84 44 a1 01 38 22`. */
function isNitro(bytes: Uint8Array): boolean {
  const head = toHex(bytes.subarray(0, 7))
  return head.startsWith('8444a1013822') || head === 'd28444a1013822'
}

/** CBOR tag 399 (EAT collection) or 907 (CMW collection). */
function isCca(bytes: Uint8Array): boolean {
  const head = toHex(bytes.subarray(0, 3))
  return head === 'd9018f' || head === 'd9038b'
}

/** A bare report, a report with a certificate table behind it, or Azure's wrapper. */
function isSnp(bytes: Uint8Array): boolean {
  if (bytes.length < SNP_REPORT_SIZE) return false
  if (u32(bytes, 0) === AZURE_HCL_MAGIC) return true
  const version = u32(bytes, 0)
  return version >= 1 && version <= 16 && u32(bytes, 0x34) === 1
}
