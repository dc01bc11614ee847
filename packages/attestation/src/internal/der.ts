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
  const { bytes } = document
  const yearDigits = element.tag === TAG.utcTime ? 2 : element.tag === TAG.generalizedTime ? 4 : 0
  const long = yearDigits > 0 && element.stop - element.start === yearDigits + 11 && bytes[element.stop - 1] === Z
  let value: number | undefined
  if (long) {
    const { start } = element
    const short = decimal(bytes, start, yearDigits)
    // RFC 5280 §4.1.2.5.1: two digits below 50 are of this century.
    const year = yearDigits === 4 ? short : short + (short < 50 ? 2000 : 1900)
    const two = (index: number) => decimal(bytes, start + yearDigits + 2 * index, 2)
    value = unixSeconds(year, two(0), two(1), two(2), two(3), two(4))
  }
  if (value === undefined) failAt(document, at, 'a time in UTC with seconds')
  return { value, stop: element.stop }
}

const Z = 0x5a

/** Number of `count` decimal digits, NaN where one is none. */
function decimal(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let index = at; index < at + count; index++) {
    const digit = (bytes[index] ?? 0) - 0x30
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN
  }
  return value
}

/** Unix seconds from 1970 on, undefined for NaN and for days and hours that do not exist. */
function unixSeconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  const inRange = year >= 1970 && month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 59
  if (!inRange || !(day <= daysOf(year, month))) return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
}

/** Unix seconds of `YYYY-MM-DDTHH:MM:SSZ` from 1970 on, undefined for any other text and for days that do not exist. */
export function unixSecondsOf(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = ISO_SECONDS.exec(text) ?? []
  return unixSeconds(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second))
}

const ISO_SECONDS = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/

/** Refuses when the bytes at `at` are not these; returns what follows them. */
export function expectBytes(document: DerDocument, at: number, end: number, hex: string, what: string): number {
  const stop = at + hex.length / 2
  if (stop > end || toHex(document.bytes.subarray(at, stop)) !== hex) failAt(document, at, what)
  return stop
}
