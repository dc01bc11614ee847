import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'
import { concat, isZero, toHex, u16, u32 } from '../internal/bytes.ts'
import { parsePemCertificates } from '../internal/pem.ts'

/** Sizes of a DCAP quote in bytes. Source: Intel TDX DCAP Quoting Library API, appendix A.3. */
export const QUOTE_SIZE = { header: 48, enclaveReport: 384, signature: 64, publicKey: 64 } as const

/** Header of a DCAP quote. */
export interface QuoteHeader {
  readonly version: number
  readonly attestationKeyType: number
  readonly teeType: number
}

/** Report of the quoting enclave. */
export interface EnclaveReport {
  readonly bytes: Uint8Array
  readonly cpuSvn: Uint8Array
  readonly miscSelect: Uint8Array
  readonly attributes: Uint8Array
  readonly mrEnclave: Uint8Array
  readonly mrSigner: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
  readonly reportData: Uint8Array
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
  /** DER as carried in the quote. */
  readonly certificates: { readonly pck: Uint8Array; readonly pckCa: Uint8Array; readonly root: Uint8Array }
  /** What stands behind the declared end. */
  readonly trailing: Uint8Array
}

/** What may stand behind a quote: platforms hand out zero padding of different lengths. */
export type TrailingBytes = 'zero-only' | 'any'

const ECDSA_P256 = 2
const INTEL_QE_VENDOR_ID = '939a7233f79c4ca9940a0db3957f0607'
const QE_CERTIFICATION_DATA = 6
const PCK_CERTIFICATE_CHAIN = 5

/** Throws a malformed error of the quote. */
export function malformedQuote(
  offset: number,
  expected: string,
  got: string,
  code: ReasonCode = 'DCAP_QUOTE_MALFORMED',
): never {
  throw new MalformedEvidenceError(code, { offset, expected, got })
}

/** Parses the header and refuses whatever it declares that is not wanted. All integers little-endian. */
export function parseQuoteHeader(bytes: Uint8Array, wanted: { version: number; teeType: number }): QuoteHeader {
  if (bytes.length < QUOTE_SIZE.header) malformedQuote(bytes.length, 'a header of 48 bytes', 'the end')
  const version = u16(bytes, 0)
  if (version !== wanted.version) {
    malformedQuote(0, `version ${wanted.version}`, `${version}`, 'DCAP_QUOTE_VERSION_UNSUPPORTED')
  }
  const attestationKeyType = u16(bytes, 2)
  if (attestationKeyType !== ECDSA_P256) {
    malformedQuote(2, 'type 2', `${attestationKeyType}`, 'DCAP_ATTESTATION_KEY_TYPE_UNSUPPORTED')
  }
  const teeType = u32(bytes, 4)
  if (teeType !== wanted.teeType) {
    malformedQuote(4, `type ${wanted.teeType}`, `${teeType}`, 'DCAP_TEE_TYPE_UNSUPPORTED')
  }
  const vendor = toHex(bytes.subarray(12, 28))
  if (vendor !== INTEL_QE_VENDOR_ID) malformedQuote(12, INTEL_QE_VENDOR_ID, vendor, 'DCAP_QE_VENDOR_UNKNOWN')
  return { version, attestationKeyType, teeType }
}

/**
 * Parses the signature data of a version 4 quote, which starts at `at` with its length.
 *
 * Every declared length must equal what is there: the two nested lengths leave no room for a second reading.
 */
export function parseSignatureData(bytes: Uint8Array, at: number, trailingBytes: TrailingBytes): QuoteSignatureData {
  const take = createTaker(bytes, at)
  const length = u32(take(4), 0)
  const end = at + 4 + length
  if (end > bytes.length) malformedQuote(at, `${length} bytes of signature data`, `${bytes.length - at - 4}`)
  const quoteSignature = take(QUOTE_SIZE.signature)
  const attestationKey = take(QUOTE_SIZE.publicKey)
  expectCertificationType(bytes, u16(take(2), 0), QE_CERTIFICATION_DATA)
  const outerAt = take.at()
  const outerLength = u32(take(4), 0)
  if (outerAt + 4 + outerLength !== end) malformedQuote(outerAt, `${end - outerAt - 4}`, `${outerLength}`)
  const qeReport = parseEnclaveReport(take(QUOTE_SIZE.enclaveReport))
  const qeReportSignature = take(QUOTE_SIZE.signature)
  const qeAuthenticationData = take(u16(take(2), 0))
  expectCertificationType(bytes, u16(take(2), 0), PCK_CERTIFICATE_CHAIN)
  const chainAt = take.at()
  const chainLength = u32(take(4), 0)
  if (chainAt + 4 + chainLength !== end) malformedQuote(chainAt, `${end - chainAt - 4}`, `${chainLength}`)
  const chain = take(chainLength)
  const trailing = bytes.subarray(end)
  if (trailingBytes === 'zero-only' && !isZero(trailing)) {
    malformedQuote(end, 'zero padding', `${trailing.length} other bytes`, 'DCAP_TRAILING_BYTES')
  }
  const [pck, pckCa, root, ...more] = parsePemCertificates(chain) ?? []
  if (!pck || !pckCa || !root || more.length > 0) {
    malformedQuote(chainAt + 4, 'three PEM certificates', 'another text', 'DCAP_CERTIFICATION_DATA_UNSUPPORTED')
  }
  return {
    quoteSignature,
    attestationKey,
    qeReport,
    qeReportSignature,
    qeAuthenticationData,
    certificates: { pck, pckCa, root },
    trailing,
  }
}

/** Parses an SGX report body of 384 bytes. */
function parseEnclaveReport(bytes: Uint8Array): EnclaveReport {
  return {
    bytes,
    cpuSvn: bytes.subarray(0, 16),
    miscSelect: bytes.subarray(16, 20),
    attributes: bytes.subarray(48, 64),
    mrEnclave: bytes.subarray(64, 96),
    mrSigner: bytes.subarray(128, 160),
    isvProdId: u16(bytes, 256),
    isvSvn: u16(bytes, 258),
    reportData: bytes.subarray(320, 384),
  }
}

/** What the QE hashes into its report: the attestation key and its authentication data. */
export function attestationKeyBinding(signatureData: QuoteSignatureData): Uint8Array<ArrayBuffer> {
  return concat(signatureData.attestationKey, signatureData.qeAuthenticationData)
}

function expectCertificationType(bytes: Uint8Array, got: number, expected: number): void {
  if (got !== expected) {
    malformedQuote(bytes.length, `type ${expected}`, `${got}`, 'DCAP_CERTIFICATION_DATA_UNSUPPORTED')
  }
}

/** Takes fields one after another and never past the end. */
function createTaker(bytes: Uint8Array, start: number) {
  let offset = start
  const take = (length: number): Uint8Array => {
    if (offset + length > bytes.length) malformedQuote(offset, `${length} bytes`, `${bytes.length - offset}`)
    offset += length
    return bytes.subarray(offset - length, offset)
  }
  return Object.assign(take, { at: () => offset })
}
