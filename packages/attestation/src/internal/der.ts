import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'
import { toHex } from './bytes.ts'

/** Tags of the DER read here (ITU-T X.690). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** One element: its head starts at `at`, its content is [start, stop). */
export interface DerElement {
  readonly tag: number
  readonly at: number
  readonly start: number
  readonly stop: number
}

/** A DER document together with the code that says which document is malformed. */
export interface DerDocument {
  readonly bytes: Uint8Array
  readonly code: ReasonCode
}

/** Throws the document's malformed error. */
export function failAt(document: DerDocument, offset: number, expected: string): never {
  const byte = document.bytes[offset]
  const got = byte === undefined ? 'the end' : `0x${byte.toString(16).padStart(2, '0')}`
  throw new MalformedEvidenceError(document.code, { offset, expected, got })
}

/** Reads the head of the element at `at`. Lengths must be canonical and stay inside `end`. */
export function readElement(document: DerDocument, at: number, end: number): DerElement {
  const { bytes } = document
  if (at + 2 > end) failAt(document, at, 'an element')
  const tag = bytes[at] ?? 0
  // Multi-byte tags do not occur in any structure read here.
  if ((tag & 0x1f) === 0x1f) failAt(document, at, 'a one-byte tag')
  let length = bytes[at + 1] ?? 0
  let start = at + 2
  if (length > 0x7f) {
    const size = length & 0x7f
    if (size === 0 || size > 3 || start + size > end) failAt(document, at + 1, 'a definite length')
    length = 0
    for (const byte of bytes.subarray(start, start + size)) length = length * 256 + byte
    start += size
    // Canonical: no shorter form exists.
    if (length < 0x80 || (size > 1 && length < 2 ** (8 * (size - 1)))) failAt(document, at + 1, 'the shortest length')
  }
  if (start + length > end) failAt(document, at + 1, 'a length inside the parent')
  return { tag, at, start, stop: start + length }
}

/** Reads the element at `at`, which must carry `tag`. */
export function expectElement(document: DerDocument, at: number, end: number, tag: number): DerElement {
  const element = readElement(document, at, end)
  if (element.tag !== tag) failAt(document, at, `tag 0x${tag.toString(16).padStart(2, '0')}`)
  return element
}

/** Like {@link expectElement}; the element must also fill its parent. */
export function expectLast(document: DerDocument, at: number, end: number, tag: number): DerElement {
  const element = expectElement(document, at, end, tag)
  if (element.stop !== end) failAt(document, element.stop, 'no further element')
  return element
}

/** Content of an element. */
export function contentOf(document: DerDocument, element: DerElement): Uint8Array {
  return document.bytes.subarray(element.start, element.stop)
}

/** Non-negative INTEGER of at most `maxBytes` in minimal encoding: its magnitude without sign byte. */
export function readUnsigned(
  document: DerDocument,
  at: number,
  end: number,
  maxBytes = 32,
): { value: Uint8Array; stop: number } {
  const { start, stop } = expectElement(document, at, end, TAG.integer)
  const [first = 0x80, second = 0] = document.bytes.subarray(start, stop)
  if (first > 0x7f) failAt(document, start, 'a non-negative integer')
  const signed = first === 0 && stop - start > 1
  if (signed && second < 0x80) failAt(document, start, 'a minimal integer')
  const value = document.bytes.subarray(signed ? start + 1 : start, stop)
  if (value.length > maxBytes) failAt(document, at, `an integer of at most ${maxBytes} bytes`)
  return { value, stop }
}

/** UTCTime or GeneralizedTime in UTC with seconds, as Unix seconds. */
export function readTime(document: DerDocument, at: number, end: number): { value: number; stop: number } {
  const element = readElement(document, at, end)
  const text = String.fromCharCode(...contentOf(document, element))
  let digits = ''
  if (element.tag === TAG.utcTime && /^\d{12}Z$/.test(text)) digits = (text < '50' ? '20' : '19') + text
  if (element.tag === TAG.generalizedTime && /^\d{14}Z$/.test(text)) digits = text
  const value = unixSecondsOf(digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (value === undefined) failAt(document, at, 'a time in UTC with seconds')
  return { value, stop: element.stop }
}

/** Unix seconds of `YYYY-MM-DDTHH:MM:SSZ` from 1970 on, undefined for any other text and for days that do not exist. */
export function unixSecondsOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined
  const milliseconds = Date.parse(text)
  // Date.parse lets 30 February and hour 24 run over into the next day; the round trip does not.
  if (!Number.isFinite(milliseconds) || milliseconds < 0) return undefined
  return new Date(milliseconds).toISOString() === text.replace('Z', '.000Z') ? milliseconds / 1000 : undefined
}

/** Refuses when the bytes at `at` are not these; returns what follows them. */
export function expectBytes(document: DerDocument, at: number, end: number, hex: string, what: string): number {
  const stop = at + hex.length / 2
  if (stop > end || toHex(document.bytes.subarray(at, stop)) !== hex) failAt(document, at, what)
  return stop
}
