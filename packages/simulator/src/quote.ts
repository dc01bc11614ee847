import { concat } from './der.ts'
import { exactly } from './encoding.ts'
import type { SigningKey } from './keys.ts'
import type { EnclaveFields, QeFields, Td15Fields, TdFields } from './types.ts'

/** QE vendor id of Intel (DCAP quote header, offset 12). */
const INTEL_QE_VENDOR_ID = Uint8Array.of(
  0x93,
  0x9a,
  0x72,
  0x33,
  0xf7,
  0x9c,
  0x4c,
  0xa9,
  0x94,
  0x0a,
  0x0d,
  0xb3,
  0x95,
  0x7f,
  0x06,
  0x07,
)

/** Body of a quote with the header fields that depend on it. */
export interface QuoteBody {
  readonly version: 3 | 4 | 5
  readonly teeType: 0 | 0x81
  /** 1 SGX, 2 TD 1.0, 3 TD 1.5: written from version 5 on. */
  readonly bodyType: 1 | 2 | 3
  readonly bytes: Uint8Array
}

/** Everything that goes into one quote. */
export interface QuoteFields {
  readonly body: QuoteBody
  readonly qe: QeFields
  /** PEM, leaf to root. */
  readonly pckChainPem: string
  /** What the quote carries instead of the chain. */
  readonly certificationData?: { readonly type: number; readonly bytes: Uint8Array } | undefined
  readonly attestationKey: SigningKey
  readonly pckKey: SigningKey
}

/**
 * Encodes and signs a DCAP quote. Version 3 has the QE's part bare, versions 4 and 5 as certification data of type 6.
 *
 * Source: Intel SGX ECDSA Quote Library API, appendix A.4; Intel TDX DCAP Quoting Library API, appendix A.3. All integers
 * little-endian.
 */
export async function encodeQuote(fields: QuoteFields): Promise<Uint8Array<ArrayBuffer>> {
  const { body, qe } = fields
  const attestationKey = fields.attestationKey.publicKey.subarray(1)
  const descriptor = body.version === 5 ? concat(u16(body.bodyType), u32(body.bytes.length)) : new Uint8Array()
  const signedPart = concat(header(body), descriptor, body.bytes)
  const quoteSignature = await fields.attestationKey.sign(signedPart)
  const bound = await crypto.subtle.digest('SHA-256', concat(attestationKey, qe.authData))
  const qeReport = enclaveReport(qe, concat(new Uint8Array(bound), new Uint8Array(32)))
  const certification = fields.certificationData ?? { type: 5, bytes: new TextEncoder().encode(fields.pckChainPem) }
  const qeCertification = concat(
    qeReport,
    await fields.pckKey.sign(qeReport),
    u16(qe.authData.length),
    qe.authData,
    u16(certification.type),
    u32(certification.bytes.length),
    certification.bytes,
  )
  const outer = body.version === 3 ? new Uint8Array() : concat(u16(6), u32(qeCertification.length))
  const signatureData = concat(quoteSignature, attestationKey, outer, qeCertification)
  return concat(signedPart, u32(signatureData.length), signatureData)
}

/** Attestation key type 2 (ECDSA P-256), QE and PCE SVN (version 3) or reserved, user data zero: 48 bytes. */
function header({ version, teeType }: QuoteBody): Uint8Array<ArrayBuffer> {
  return concat(u16(version), u16(2), u32(teeType), u32(0), INTEL_QE_VENDOR_ID, new Uint8Array(20))
}

/** TD report body of TDX 1.5: 648 bytes. */
export function tdReport15(td: TdFields, later: Td15Fields, reportData: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(
    tdReport(td, reportData),
    exactly(later.teeTcbSvn2, 16, 'teeTcbSvn2'),
    exactly(later.mrServiceTd, 48, 'mrServiceTd'),
  )
}

/** TD report body of TDX 1.0: 584 bytes. */
export function tdReport(td: TdFields, reportData: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(
    exactly(td.teeTcbSvn, 16, 'teeTcbSvn'),
    exactly(td.mrSeam, 48, 'mrSeam'),
    exactly(td.mrSignerSeam, 48, 'mrSignerSeam'),
    exactly(td.seamAttributes, 8, 'seamAttributes'),
    exactly(td.tdAttributes, 8, 'tdAttributes'),
    exactly(td.xfam, 8, 'xfam'),
    exactly(td.mrTd, 48, 'mrTd'),
    exactly(td.mrConfigId, 48, 'mrConfigId'),
    exactly(td.mrOwner, 48, 'mrOwner'),
    exactly(td.mrOwnerConfig, 48, 'mrOwnerConfig'),
    ...td.rtmr.map((register, index) => exactly(register, 48, `rtmr${index}`)),
    exactly(reportData, 64, 'reportData'),
  )
}

/** SGX enclave report body: 384 bytes. */
export function enclaveReport(enclave: EnclaveFields, reportData: Uint8Array): Uint8Array<ArrayBuffer> {
  const { isvExtProdId = new Uint8Array(16), configId = new Uint8Array(64), isvFamilyId = new Uint8Array(16) } = enclave
  return concat(
    exactly(enclave.cpuSvn, 16, 'cpuSvn'),
    exactly(enclave.miscSelect, 4, 'miscSelect'),
    new Uint8Array(12),
    exactly(isvExtProdId, 16, 'isvExtProdId'),
    exactly(enclave.attributes, 16, 'attributes'),
    exactly(enclave.mrEnclave, 32, 'mrEnclave'),
    new Uint8Array(32),
    exactly(enclave.mrSigner, 32, 'mrSigner'),
    new Uint8Array(32),
    exactly(configId, 64, 'configId'),
    u16(enclave.isvProdId),
    u16(enclave.isvSvn),
    u16(enclave.configSvn ?? 0),
    new Uint8Array(42),
    exactly(isvFamilyId, 16, 'isvFamilyId'),
    exactly(reportData, 64, 'reportData'),
  )
}

const u16 = (value: number) => Uint8Array.of(value & 0xff, value >> 8)
const u32 = (value: number) => Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24)
