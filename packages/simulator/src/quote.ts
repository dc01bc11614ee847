import { concat } from './der.ts'
import { exactly } from './encoding.ts'
import type { SigningKey } from './keys.ts'
import type { QeFields, TdFields } from './types.ts'

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

/** Everything that goes into one quote. */
export interface QuoteFields {
  readonly td: TdFields
  readonly reportData: Uint8Array
  readonly qe: QeFields
  /** PEM, leaf to root. */
  readonly pckChainPem: string
  readonly attestationKey: SigningKey
  readonly pckKey: SigningKey
}

/**
 * Encodes and signs a TDX quote, version 4, with certification data type 6 around type 5.
 *
 * Source: Intel TDX DCAP Quoting Library API, rev. 0.9, appendix A.3. All integers little-endian.
 */
export async function encodeTdxQuote(fields: QuoteFields): Promise<Uint8Array<ArrayBuffer>> {
  const attestationKey = fields.attestationKey.publicKey.subarray(1)
  const signedPart = concat(header(), tdReport(fields.td, fields.reportData))
  const quoteSignature = await fields.attestationKey.sign(signedPart)
  const bound = await crypto.subtle.digest('SHA-256', concat(attestationKey, fields.qe.authData))
  const qeReport = enclaveReport(fields.qe, concat(new Uint8Array(bound), new Uint8Array(32)))
  const chain = new TextEncoder().encode(fields.pckChainPem)
  const qeCertification = concat(
    qeReport,
    await fields.pckKey.sign(qeReport),
    u16(fields.qe.authData.length),
    fields.qe.authData,
    u16(5),
    u32(chain.length),
    chain,
  )
  const signatureData = concat(quoteSignature, attestationKey, u16(6), u32(qeCertification.length), qeCertification)
  return concat(signedPart, u32(signatureData.length), signatureData)
}

/** Version 4, attestation key type 2 (ECDSA P-256), TEE type 0x81 (TDX), user data zero: 48 bytes. */
function header(): Uint8Array<ArrayBuffer> {
  return concat(u16(4), u16(2), u32(0x81), u32(0), INTEL_QE_VENDOR_ID, new Uint8Array(20))
}

/** TD report body of TDX 1.0: 584 bytes. */
function tdReport(td: TdFields, reportData: Uint8Array): Uint8Array<ArrayBuffer> {
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
function enclaveReport(qe: QeFields, reportData: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(
    exactly(qe.cpuSvn, 16, 'cpuSvn'),
    exactly(qe.miscSelect, 4, 'miscSelect'),
    new Uint8Array(28),
    exactly(qe.attributes, 16, 'attributes'),
    exactly(qe.mrEnclave, 32, 'mrEnclave'),
    new Uint8Array(32),
    exactly(qe.mrSigner, 32, 'mrSigner'),
    new Uint8Array(96),
    u16(qe.isvProdId),
    u16(qe.isvSvn),
    new Uint8Array(60),
    reportData,
  )
}

const u16 = (value: number) => Uint8Array.of(value & 0xff, value >> 8)
const u32 = (value: number) => Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24)
