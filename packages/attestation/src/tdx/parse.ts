import {
  malformedQuote,
  parseQuoteHeader,
  parseSignatureData,
  QUOTE_SIZE,
  type QuoteHeader,
  type QuoteSignatureData,
  type TrailingBytes,
} from '../dcap/quote.ts'
import { concat } from '../internal/bytes.ts'
import type { TdxMeasurements, Unverified } from '../result.ts'
import { TD_REPORT, TD_REPORT_SIZE, TDX_QUOTE_VERSION, TEE_TYPE_TDX } from './constants.ts'

/** Body of a TDX 1.0 quote. */
export interface TdReport {
  /** 16 bytes. */
  readonly teeTcbSvn: Uint8Array
  readonly mrSignerSeam: Uint8Array
  readonly seamAttributes: Uint8Array
  readonly measurements: TdxMeasurements
  /** 64 bytes. */
  readonly reportData: Uint8Array
}

/** A TDX quote, version 4. */
export interface TdxQuote {
  readonly header: QuoteHeader
  readonly report: TdReport
  readonly signatureData: QuoteSignatureData
  /** Header and body: what the attestation key signs. */
  readonly signedBytes: Uint8Array
}

/**
 * Parses a TDX quote of version 4 (TDX 1.0 body, QE certification data with the PCK chain in PEM).
 *
 * Proves: the layout. Does not prove: anything about who made it.
 *
 * @param trailingBytes - What may stand behind the quote: zero padding unless said otherwise.
 * @throws {MalformedEvidenceError} DCAP_QUOTE_MALFORMED, DCAP_QUOTE_VERSION_UNSUPPORTED,
 * DCAP_ATTESTATION_KEY_TYPE_UNSUPPORTED, DCAP_TEE_TYPE_UNSUPPORTED, DCAP_QE_VENDOR_UNKNOWN,
 * DCAP_CERTIFICATION_DATA_UNSUPPORTED, DCAP_TRAILING_BYTES.
 */
export function parseTdxQuote(bytes: Uint8Array, trailingBytes: TrailingBytes = 'zero-only'): Unverified<TdxQuote> {
  const header = parseQuoteHeader(bytes, { version: TDX_QUOTE_VERSION, teeType: TEE_TYPE_TDX })
  const signedSize = QUOTE_SIZE.header + TD_REPORT_SIZE
  if (bytes.length < signedSize) malformedQuote(bytes.length, `${signedSize} bytes of header and body`, 'the end')
  const signedBytes = bytes.subarray(0, signedSize)
  return {
    header,
    report: parseTdReport(signedBytes.subarray(QUOTE_SIZE.header)),
    signatureData: parseSignatureData(bytes, signedSize, trailingBytes),
    signedBytes,
  }
}

/** The bytes whose keccak256 is the measurement on-chain (`Claims.measurement`): fixed-width fields in this order. */
export function tdxMeasurementPreimage(quote: TdxQuote): Uint8Array<ArrayBuffer> {
  const { measurements: m } = quote.report
  return concat(
    m.mrSeam,
    m.mrTd,
    m.mrConfigId,
    m.mrOwner,
    m.mrOwnerConfig,
    m.rtmr0,
    m.rtmr1,
    m.rtmr2,
    m.rtmr3,
    m.tdAttributes,
    m.xfam,
  )
}

function parseTdReport(body: Uint8Array): TdReport {
  const field = ([offset, length]: readonly [number, number]) => body.subarray(offset, offset + length)
  return {
    teeTcbSvn: field(TD_REPORT.teeTcbSvn),
    mrSignerSeam: field(TD_REPORT.mrSignerSeam),
    seamAttributes: field(TD_REPORT.seamAttributes),
    measurements: {
      mrSeam: field(TD_REPORT.mrSeam),
      mrTd: field(TD_REPORT.mrTd),
      mrConfigId: field(TD_REPORT.mrConfigId),
      mrOwner: field(TD_REPORT.mrOwner),
      mrOwnerConfig: field(TD_REPORT.mrOwnerConfig),
      rtmr0: field(TD_REPORT.rtmr0),
      rtmr1: field(TD_REPORT.rtmr1),
      rtmr2: field(TD_REPORT.rtmr2),
      rtmr3: field(TD_REPORT.rtmr3),
      tdAttributes: field(TD_REPORT.tdAttributes),
      xfam: field(TD_REPORT.xfam),
    },
    reportData: field(TD_REPORT.reportData),
  }
}
