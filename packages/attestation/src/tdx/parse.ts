import type { PemReader } from '../dcap/certificationData.ts'
import { type ParsedQuote, parseQuote, type TrailingBytes } from '../dcap/quote.ts'
import { concat, ownCopy } from '../internal/bytes.ts'
import { parsePemCertificates } from '../internal/pem.ts'
import type { Unverified } from '../result.ts'
import type { TdxMeasurements } from './claims.ts'
import { TD_REPORT, TDX_QUOTE } from './constants.ts'

/** Body of a TDX quote. */
export interface TdReport {
  /** 16 bytes. */
  readonly teeTcbSvn: Uint8Array
  readonly measurements: TdxMeasurements
  /** 64 bytes. */
  readonly reportData: Uint8Array
  /** 16 bytes: TCB of the module that runs now; undefined in TD 1.0. */
  readonly teeTcbSvn2: Uint8Array | undefined
  /** 48 bytes: hash of the service TDs bound to the TD, zero for none; undefined in TD 1.0, which has none. */
  readonly mrServiceTd: Uint8Array | undefined
}

/** A TDX quote, version 4 or 5. */
export interface TdxQuote extends Omit<ParsedQuote, 'body'> {
  readonly report: TdReport
}

/**
 * Parses a TDX quote of version 4 (TDX 1.0 body) or 5 (TDX 1.0 or 1.5 body, whose declared size must be the type's).
 *
 * Proves: the layout. Does not prove: anything about who made it.
 *
 * @param trailingBytes - What may stand behind the quote: zero padding unless said otherwise.
 * @param readPem - Reads the PCK chain; a cache may stand in front.
 * @throws {MalformedEvidenceError} DCAP_QUOTE_MALFORMED, DCAP_QUOTE_VERSION_UNSUPPORTED,
 * DCAP_ATTESTATION_KEY_TYPE_UNSUPPORTED, DCAP_TEE_TYPE_UNSUPPORTED, DCAP_QE_VENDOR_UNKNOWN, DCAP_BODY_TYPE_UNSUPPORTED,
 * DCAP_CERTIFICATION_DATA_UNSUPPORTED, DCAP_TRAILING_BYTES.
 */
export function parseTdxQuote(
  bytes: Uint8Array,
  trailingBytes: TrailingBytes = 'zero-only',
  readPem: PemReader = parsePemCertificates,
): Unverified<TdxQuote> {
  const { body, ...quote } = parseQuote(ownCopy(bytes), TDX_QUOTE, { trailingBytes, readPem })
  return { ...quote, report: parseTdReport(body) }
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
  const later = (place: readonly [number, number]) => (place[0] < body.length ? field(place) : undefined)
  return {
    teeTcbSvn: field(TD_REPORT.teeTcbSvn),
    measurements: {
      mrSeam: field(TD_REPORT.mrSeam),
      mrSignerSeam: field(TD_REPORT.mrSignerSeam),
      seamAttributes: field(TD_REPORT.seamAttributes),
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
    teeTcbSvn2: later(TD_REPORT.teeTcbSvn2),
    mrServiceTd: later(TD_REPORT.mrServiceTd),
  }
}
