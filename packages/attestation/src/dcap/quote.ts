import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'
import { concat, isZero, toHex, u16, u32 } from '../internal/bytes.ts'
import { type CertificationData, type PemReader, parseCertificationData } from './certificationData.ts'
import { ENCLAVE_REPORT_SIZE, type EnclaveReport, parseEnclaveReport } from './enclaveReport.ts'

/** Sizes in a DCAP quote in bytes. Source: Intel TDX DCAP Quoting Library API, appendix A.3. */
export const QUOTE_SIZE = { header: 48, bodyDescriptor: 6, signature: 64, publicKey: 64 } as const

/** Header of a DCAP quote. */
export interface QuoteHeader {
  readonly version: number
  readonly attestationKeyType: number
  readonly teeType: number
  /** 16 bytes. */
  readonly qeVendorId: Uint8Array
  /** 20 bytes, for the QE's own use. */
  readonly userData: Uint8Array
}

/** The part of a quote behind its body. */
export interface QuoteSignatureData {
  /** Raw r‖s over header and body. */
  readonly quoteSignature: Uint8Array
  /** x‖y. */
  readonly attestationKey: Uint8Array
  readonly qeReport: EnclaveReport
  /** Raw r‖s over the QE report, by the PCK. */
  readonly qeReportSignature: Uint8Array
  readonly qeAuthenticationData: Uint8Array
  readonly certificationData: CertificationData
  /** What stands behind the declared end. */
  readonly trailing: Uint8Array
}

/** What may stand behind a quote: platforms hand out zero padding of different lengths. */
export type TrailingBytes = 'zero-only' | 'any'

/** How to read a quote. */
export interface ParseQuoteOptions {
  readonly trailingBytes: TrailingBytes
  readonly readPem: PemReader
}

/** What a reader wants of a quote: one TEE type, and by version the bodies that may stand in it. */
export interface WantedQuote {
  readonly teeType: number
  /** By version: body types with their sizes. Version 5 names the type; before that there is one. */
  readonly bodies: Readonly<Record<number, Readonly<Record<number, number>>>>
}

/** A quote whose body is still bytes. */
export interface ParsedQuote {
  readonly header: QuoteHeader
  /** 1: SGX, 2: TD 1.0, 3: TD 1.5. */
  readonly bodyType: number
  readonly body: Uint8Array
  /** Header, body descriptor and body: what the attestation key signs. */
  readonly signedBytes: Uint8Array
  readonly signatureData: QuoteSignatureData
}

const ECDSA_P256 = 2
/** QE vendor id of Intel, the only vendor of quoting enclaves. */
export const INTEL_QE_VENDOR_ID = '939a7233f79c4ca9940a0db3957f0607'
const QE_CERTIFICATION_DATA = 6

/** Throws a malformed error of the quote. */
function malformedQuote(
  offset: number,
  expected: string,
  got: string,
  code: ReasonCode = 'DCAP_QUOTE_MALFORMED',
): never {
  throw new MalformedEvidenceError(code, { offset, expected, got })
}

/**
 * Parses a DCAP quote up to its body. All integers little-endian.
 *
 * Every declared length must equal what is there: nested lengths leave no room for a second reading.
 */
export function parseQuote(bytes: Uint8Array, wanted: WantedQuote, options: ParseQuoteOptions): ParsedQuote {
  const header = parseHeader(bytes, wanted)
  const { bodyType, start, stop } = locateBody(bytes, header.version, wanted.bodies[header.version] ?? {})
  return {
    header,
    bodyType,
    body: bytes.subarray(start, stop),
    signedBytes: bytes.subarray(0, stop),
    signatureData: parseSignatureData(bytes, stop, header.version, options),
  }
}

function parseHeader(bytes: Uint8Array, wanted: WantedQuote): QuoteHeader {
  if (bytes.length < QUOTE_SIZE.header) malformedQuote(bytes.length, 'a header of 48 bytes', 'the end')
  const version = u16(bytes, 0)
  if (!Object.hasOwn(wanted.bodies, version)) {
    const versions = Object.keys(wanted.bodies).join(', ')
    malformedQuote(0, `version ${versions}`, `${version}`, 'DCAP_QUOTE_VERSION_UNSUPPORTED')
  }
  const attestationKeyType = u16(bytes, 2)
  if (attestationKeyType !== ECDSA_P256) {
    malformedQuote(2, 'type 2', `${attestationKeyType}`, 'DCAP_ATTESTATION_KEY_TYPE_UNSUPPORTED')
  }
  const teeType = u32(bytes, 4)
  if (teeType !== wanted.teeType) {
    malformedQuote(4, `type ${wanted.teeType}`, `${teeType}`, 'DCAP_TEE_TYPE_UNSUPPORTED')
  }
  const qeVendorId = bytes.subarray(12, 28)
  const vendor = toHex(qeVendorId)
  if (vendor !== INTEL_QE_VENDOR_ID) malformedQuote(12, INTEL_QE_VENDOR_ID, vendor, 'DCAP_QE_VENDOR_UNKNOWN')
  return { version, attestationKeyType, teeType, qeVendorId, userData: bytes.subarray(28, 48) }
}

/** Versions 3 and 4 have one body; version 5 puts type and size in front of it, and the size must be that of the type. */
function locateBody(bytes: Uint8Array, version: number, sizes: Readonly<Record<number, number>>) {
  const descriptorSize = version >= 5 ? QUOTE_SIZE.bodyDescriptor : 0
  const start = QUOTE_SIZE.header + descriptorSize
  if (bytes.length < start) malformedQuote(bytes.length, `${start} bytes of header`, 'the end')
  const bodyType = version >= 5 ? u16(bytes, QUOTE_SIZE.header) : Number(Object.keys(sizes)[0])
  const size = Object.hasOwn(sizes, bodyType) ? sizes[bodyType] : undefined
  if (size === undefined) {
    const types = Object.keys(sizes).join(' or ')
    return malformedQuote(QUOTE_SIZE.header, `body type ${types}`, `${bodyType}`, 'DCAP_BODY_TYPE_UNSUPPORTED')
  }
  const declared = version >= 5 ? u32(bytes, QUOTE_SIZE.header + 2) : size
  if (declared !== size) malformedQuote(QUOTE_SIZE.header + 2, `a body of ${size} bytes`, `${declared}`)
  const stop = start + size
  if (bytes.length < stop) malformedQuote(bytes.length, `${stop} bytes of header and body`, 'the end')
  return { bodyType, start, stop }
}

/** Parses the signature data, which starts at `at` with its length. */
function parseSignatureData(
  bytes: Uint8Array,
  at: number,
  version: number,
  { trailingBytes, readPem }: ParseQuoteOptions,
): QuoteSignatureData {
  const take = createTaker(bytes, at)
  const length = u32(take(4), 0)
  const end = at + 4 + length
  if (end > bytes.length) malformedQuote(at, `${length} bytes of signature data`, `${bytes.length - at - 4}`)
  const quoteSignature = take(QUOTE_SIZE.signature)
  const attestationKey = take(QUOTE_SIZE.publicKey)
  // From version 4 on, everything of the QE is certification data itself.
  if (version >= 4) expectOuterCertification(take, end)
  const qeReport = parseEnclaveReport(take(ENCLAVE_REPORT_SIZE))
  const qeReportSignature = take(QUOTE_SIZE.signature)
  const qeAuthenticationData = take(u16(take(2), 0))
  const typeAt = take.at()
  const type = u16(take(2), 0)
  if (type < 1 || type > 5) unsupportedCertification(typeAt, 'type 1 to 5', `${type}`)
  const dataAt = take.at()
  const dataLength = u32(take(4), 0)
  if (dataAt + 4 + dataLength !== end) malformedQuote(dataAt, `${end - dataAt - 4}`, `${dataLength}`)
  const data = take(dataLength)
  const trailing = bytes.subarray(end)
  if (trailingBytes !== 'any' && !isZero(trailing)) {
    malformedQuote(end, 'zero padding', `${trailing.length} other bytes`, 'DCAP_TRAILING_BYTES')
  }
  const certificationData =
    parseCertificationData(type, data, readPem) ??
    unsupportedCertification(dataAt + 4, type === 5 ? 'three PEM certificates' : `data of type ${type}`, 'other bytes')
  return {
    quoteSignature,
    attestationKey,
    qeReport,
    qeReportSignature,
    qeAuthenticationData,
    certificationData,
    trailing,
  }
}

function expectOuterCertification(take: Taker, end: number): void {
  const typeAt = take.at()
  const type = u16(take(2), 0)
  if (type !== QE_CERTIFICATION_DATA) unsupportedCertification(typeAt, `type ${QE_CERTIFICATION_DATA}`, `${type}`)
  const lengthAt = take.at()
  const length = u32(take(4), 0)
  if (lengthAt + 4 + length !== end) malformedQuote(lengthAt, `${end - lengthAt - 4}`, `${length}`)
}

const unsupportedCertification = (offset: number, expected: string, got: string): never =>
  malformedQuote(offset, expected, got, 'DCAP_CERTIFICATION_DATA_UNSUPPORTED')

/** What the QE hashes into its report: the attestation key and its authentication data. */
export function attestationKeyBinding(signatureData: QuoteSignatureData): Uint8Array<ArrayBuffer> {
  return concat(signatureData.attestationKey, signatureData.qeAuthenticationData)
}

interface Taker {
  (length: number): Uint8Array
  readonly at: () => number
}

/** Takes fields one after another and never past the end. */
function createTaker(bytes: Uint8Array, start: number): Taker {
  let offset = start
  const take = (length: number): Uint8Array => {
    if (offset + length > bytes.length) malformedQuote(offset, `${length} bytes`, `${bytes.length - offset}`)
    offset += length
    return bytes.subarray(offset - length, offset)
  }
  return Object.assign(take, { at: () => offset })
}
