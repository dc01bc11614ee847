import { toHex } from './bytes.ts'

/**
 * Reads what this package needs from DER to decide about caching and requests: spans of validity, names, serial numbers.
 * It trusts nothing and is no verifier: `packages/attestation` reads the same bytes strictly.
 */

/** Position of one element: tag, start and end of its content; `at` is where the element itself begins. */
export interface Element {
  readonly tag: number
  readonly at: number
  readonly start: number
  readonly stop: number
}

/** The bytes are not DER of the expected kind. Becomes ENDORSEMENTS_ANSWER_MALFORMED at the boundary. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** The span in which a document says that it is valid, Unix seconds. Unverified. */
export interface ValidityWindow {
  /** Undefined for what does not age (certificates of platforms). */
  readonly issuedAt: number | undefined
  readonly validUntil: number | undefined
}

/** Reads the element at `at`, which must end at or before `limit`. */
export function readElement(bytes: Uint8Array, at: number, limit: number, tag?: number): Element {
  const found = bytes[at]
  const first = bytes[at + 1]
  if (found === undefined || first === undefined || at + 2 > limit) throw new DerError(`an element at byte ${at}`)
  if (tag !== undefined && found !== tag) throw new DerError(`tag 0x${tag.toString(16)} at byte ${at}`)
  let length = first
  let start = at + 2
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 4) throw new DerError(`a definite length at byte ${at}`)
    length = 0
    for (const byte of bytes.subarray(start, start + count)) length = length * 256 + byte
    start += count
  }
  if (start + length > limit) throw new DerError(`${length} bytes at byte ${start}`)
  return { tag: found, at, start, stop: start + length }
}

/** The children of an element, in order. */
export function children(bytes: Uint8Array, parent: Pick<Element, 'start' | 'stop'>): readonly Element[] {
  const found: Element[] = []
  for (let at = parent.start; at < parent.stop; ) {
    const child = readElement(bytes, at, parent.stop)
    found.push(child)
    at = child.stop
  }
  return found
}

/** The one SEQUENCE that the bytes are, to the last byte. */
export function readDocument(bytes: Uint8Array): readonly Element[] {
  const outer = readElement(bytes, 0, bytes.length, TAG.sequence)
  if (outer.stop !== bytes.length) throw new DerError('nothing behind the document')
  return children(bytes, outer)
}

export const TAG = { integer: 0x02, octetString: 0x04, oid: 0x06, enumerated: 0x0a, sequence: 0x30 } as const
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
/** [0] EXPLICIT. */
const EXPLICIT_0 = 0xa0

/** Unix seconds of a UTCTime or GeneralizedTime in Zulu time with seconds. */
function timeOf(bytes: Uint8Array, element: Element | undefined): number {
  const text = element ? String.fromCharCode(...bytes.subarray(element.start, element.stop)) : ''
  const short = element?.tag === UTC_TIME && /^\d{12}Z$/.test(text)
  const long = element?.tag === GENERALIZED_TIME && /^\d{14}Z$/.test(text)
  if (!short && !long) throw new DerError('a time')
  // RFC 5280 §4.1.2.5.1: two digits from 50 on are of the last century.
  const digits = short ? `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}` : text
  const [year, rest] = [digits.slice(0, 4), digits.slice(4).match(/\d\d/g) ?? []]
  const ms = Date.parse(`${year}-${rest[0]}-${rest[1]}T${rest[2]}:${rest[3]}:${rest[4]}Z`)
  if (Number.isNaN(ms)) throw new DerError('a time')
  return ms / 1000
}

function part(elements: readonly Element[], index: number, what: string): Element {
  const found = elements[index]
  if (!found) throw new DerError(what)
  return found
}

/** What requests need from a certificate. Bytes are copies of whole elements where said so. */
export interface CertificateOutline {
  readonly window: ValidityWindow
  /** Whole INTEGER element. */
  readonly serialNumber: Uint8Array<ArrayBuffer>
  /** Whole Name elements. */
  readonly issuer: Uint8Array<ArrayBuffer>
  readonly subject: Uint8Array<ArrayBuffer>
  /** Content of subjectPublicKey without the byte of unused bits. */
  readonly publicKey: Uint8Array<ArrayBuffer>
}

/** Reads the outline of an X.509 certificate. Throws {@link DerError}. */
export function outlineCertificate(der: Uint8Array): CertificateOutline {
  const [tbs] = readDocument(der)
  if (!tbs) throw new DerError('a certificate')
  const fields = children(der, tbs)
  const first = fields[0]?.tag === EXPLICIT_0 ? 1 : 0
  const whole = (element: Element) => der.slice(element.at, element.stop)
  const [notBefore, notAfter] = children(der, part(fields, first + 3, 'a validity'))
  const [, bits] = children(der, part(fields, first + 5, 'a public key'))
  const serial = part(fields, first, 'a serial number')
  if (serial.tag !== TAG.integer || !bits) throw new DerError('a certificate')
  timeOf(der, notBefore)
  return {
    window: { issuedAt: undefined, validUntil: timeOf(der, notAfter) },
    serialNumber: whole(serial),
    issuer: whole(part(fields, first + 2, 'an issuer')),
    subject: whole(part(fields, first + 4, 'a subject')),
    publicKey: der.slice(bits.start + 1, bits.stop),
  }
}

/** Reads the span of validity of a CRL. Throws {@link DerError}. */
export function crlWindow(der: Uint8Array): ValidityWindow {
  const [tbs] = readDocument(der)
  if (!tbs) throw new DerError('a CRL')
  const fields = children(der, tbs)
  const first = fields[0]?.tag === TAG.integer ? 1 : 0
  return { issuedAt: timeOf(der, fields[first + 2]), validUntil: timeOf(der, fields[first + 3]) }
}

/** What an OCSP response says about itself (RFC 6960 §4.2.1). */
export interface OcspOutline {
  /** 0 successful, 3 tryLater, … */
  readonly status: number
  /** Serial numbers answered for, hex of whole INTEGER elements. */
  readonly serialNumbers: readonly string[]
  readonly window: ValidityWindow
}

/** Reads the outline of an OCSP response. Throws {@link DerError}. */
export function outlineOcsp(der: Uint8Array): OcspOutline {
  const [statusElement, wrapper] = readDocument(der)
  const status = statusElement?.tag === TAG.enumerated ? der[statusElement.start] : undefined
  if (status === undefined) throw new DerError('an OCSP status')
  if (status !== 0) return { status, serialNumbers: [], window: { issuedAt: undefined, validUntil: undefined } }
  if (wrapper?.tag !== EXPLICIT_0) throw new DerError('an OCSP response')
  const body = children(der, part(children(der, wrapper), 0, 'response bytes'))[1]
  if (body?.tag !== TAG.octetString) throw new DerError('response bytes')
  const basic = readElement(der, body.start, body.stop, TAG.sequence)
  const fields = children(der, part(children(der, basic), 0, 'response data'))
  // version [0] and responderID [1] | [2] stand before producedAt and the list.
  const list = fields.find(({ tag }) => tag === TAG.sequence)
  if (!list) throw new DerError('responses')
  const singles = children(der, list).map((single) => outlineSingle(der, single))
  if (singles.length === 0) throw new DerError('a response')
  const ends = singles.map(({ nextUpdate }) => nextUpdate)
  return {
    status,
    serialNumbers: singles.map(({ serialNumber }) => serialNumber),
    window: {
      issuedAt: Math.min(...singles.map(({ thisUpdate }) => thisUpdate)),
      validUntil: ends.some((end) => end === undefined) ? undefined : Math.min(...ends.map((end) => end ?? 0)),
    },
  }
}

/** SingleResponse { certID, certStatus, thisUpdate, nextUpdate [0] OPTIONAL, … }. */
function outlineSingle(der: Uint8Array, single: Element) {
  const [id, , thisUpdate, next] = children(der, single)
  const serial = id && children(der, id)[3]
  if (serial?.tag !== TAG.integer) throw new DerError('a certificate id')
  return {
    serialNumber: toHex(der.subarray(serial.at, serial.stop)),
    thisUpdate: timeOf(der, thisUpdate),
    nextUpdate: next?.tag === EXPLICIT_0 ? timeOf(der, children(der, next)[0]) : undefined,
  }
}
