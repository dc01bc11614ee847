import type { PemReader } from '../dcap/certificationData.ts'
import { type EnclaveReport, parseEnclaveReport, RESERVED_RANGES } from '../dcap/enclaveReport.ts'
import { type ParsedQuote, parseQuote, type TrailingBytes } from '../dcap/quote.ts'
import { MalformedEvidenceError } from '../errors.ts'
import { isZero, ownCopy } from '../internal/bytes.ts'
import { parsePemCertificates } from '../internal/pem.ts'
import type { Unverified } from '../result.ts'
import { SGX_QUOTE } from './constants.ts'

/** An SGX quote, version 3, 4 or 5. */
export interface SgxQuote extends Omit<ParsedQuote, 'body'> {
  readonly report: EnclaveReport
}

/**
 * Parses an SGX quote of version 3, or of version 4 or 5 with an enclave report in it.
 *
 * Proves: the layout. Does not prove: anything about who made it.
 *
 * @param trailingBytes - What may stand behind the quote: zero padding unless said otherwise.
 * @param readPem - Reads the PCK chain; a cache may stand in front.
 * @throws {MalformedEvidenceError} DCAP_QUOTE_MALFORMED, DCAP_QUOTE_VERSION_UNSUPPORTED,
 * DCAP_ATTESTATION_KEY_TYPE_UNSUPPORTED, DCAP_TEE_TYPE_UNSUPPORTED, DCAP_QE_VENDOR_UNKNOWN, DCAP_BODY_TYPE_UNSUPPORTED,
 * DCAP_CERTIFICATION_DATA_UNSUPPORTED, DCAP_TRAILING_BYTES.
 */
export function parseSgxQuote(
  bytes: Uint8Array,
  trailingBytes: TrailingBytes = 'zero-only',
  readPem: PemReader = parsePemCertificates,
): Unverified<SgxQuote> {
  const { body, ...quote } = parseQuote(ownCopy(bytes), SGX_QUOTE, { trailingBytes, readPem })
  for (const [start, stop] of RESERVED_RANGES) {
    if (isZero(body.subarray(start, stop))) continue
    const offset = quote.signedBytes.length - body.length + start
    throw new MalformedEvidenceError('DCAP_QUOTE_MALFORMED', { offset, expected: 'zero', got: 'reserved bytes in use' })
  }
  return { ...quote, report: parseEnclaveReport(body) }
}

/** The bytes whose keccak256 is the measurement on-chain: the report without CPUSVN and REPORTDATA, reserved bytes zero. */
export function sgxMeasurementPreimage({ report }: Pick<SgxQuote, 'report'>): Uint8Array {
  return report.bytes.subarray(16, 320)
}
