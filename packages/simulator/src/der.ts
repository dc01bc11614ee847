/** The DER this package writes: just what X.509 certificates and CRLs of the shape of Intel's need (ITU-T X.690). */

const ENCODER = new TextEncoder()

/** Joins byte strings. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** One tag-length-value with the shortest length form, as DER demands. */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const value = concat(...content)
  const length = value.length
  if (length < 0x80) return concat(Uint8Array.of(tag, length), value)
  if (length < 0x100) return concat(Uint8Array.of(tag, 0x81, length), value)
  if (length < 0x1_0000) return concat(Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), value)
  return concat(Uint8Array.of(tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff), value)
}

export const sequence = (...content: readonly Uint8Array[]) => tlv(0x30, ...content)
export const set = (...content: readonly Uint8Array[]) => tlv(0x31, ...content)
export const octetString = (content: Uint8Array) => tlv(0x04, content)
export const bitString = (content: Uint8Array, unusedBits = 0) => tlv(0x03, Uint8Array.of(unusedBits), content)
export const utf8String = (text: string) => tlv(0x0c, ENCODER.encode(text))
export const printableString = (text: string) => tlv(0x13, ENCODER.encode(text))
export const boolean = (value: boolean) => tlv(0x01, Uint8Array.of(value ? 0xff : 0))
export const enumerated = (value: number) => tlv(0x0a, Uint8Array.of(value))

/** INTEGER from the magnitude of a non-negative number, big-endian; leading zeros are dropped, a sign zero is added. */
export function unsignedInteger(magnitude: Uint8Array): Uint8Array<ArrayBuffer> {
  let first = 0
  while (first < magnitude.length - 1 && magnitude[first] === 0) first++
  const trimmed = magnitude.subarray(first)
  const negative = ((trimmed[0] ?? 0) & 0x80) !== 0
  return negative ? tlv(0x02, Uint8Array.of(0), trimmed) : tlv(0x02, trimmed)
}

/** INTEGER of a small non-negative number (below 2^16). */
export const smallInteger = (value: number) => unsignedInteger(Uint8Array.of(value >> 8, value & 0xff))

/** OBJECT IDENTIFIER from dotted text. */
export function oid(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tlv(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)))
}

/** Time with second precision: UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
export function time(unixSeconds: number): Uint8Array<ArrayBuffer> {
  const digits = new Date(unixSeconds * 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14)
  const year = Number(digits.slice(0, 4))
  return year < 2050 ? tlv(0x17, ENCODER.encode(`${digits.slice(2)}Z`)) : tlv(0x18, ENCODER.encode(`${digits}Z`))
}

/** ECDSA-Sig-Value from raw r‖s (RFC 3279 §2.2.3). */
export function ecdsaSignature(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  return sequence(unsignedInteger(raw.subarray(0, 32)), unsignedInteger(raw.subarray(32, 64)))
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}
