/** Lower-case hex, no prefix. */
export function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (let index = 0; index < bytes.length; index++) hex += HEX[bytes[index] ?? 0]
  return hex
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Bytes of hex text whose digits the caller has checked; an optional 0x is dropped. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const start = hex.startsWith('0x') ? 2 : 0
  const bytes = new Uint8Array((hex.length - start) / 2)
  for (let index = 0; index < bytes.length; index++) {
    const at = start + 2 * index
    bytes[index] = (digitOf(hex.charCodeAt(at)) << 4) | digitOf(hex.charCodeAt(at + 1))
  }
  return bytes
}

/** 0-9, A-F and a-f by their ASCII codes. */
const digitOf = (code: number) => (code < 0x3a ? code - 0x30 : (code | 0x20) - 0x57)

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

/**
 * A copy for reading: evidence is judged across many turns of the event loop, and what the caller does with its buffer
 * meanwhile must not get between a signature and what is read below it.
 */
export const ownCopy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

/** Whether two byte strings are the same. Nothing compared here is secret, so time may depend on it. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false
  return true
}

export const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)

/** Little-endian u16. The caller has checked the length. */
export function u16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8)
}

/** Little-endian u32. The caller has checked the length. */
export function u32(bytes: Uint8Array, offset: number): number {
  return u16(bytes, offset) + u16(bytes, offset + 2) * 0x1_0000
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** Value of every base64 letter by its code, 64 for what is none. */
const BASE64_VALUES = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = BASE64.indexOf(String.fromCharCode(code))
  return value < 0 ? 64 : value
})

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** Bytes of canonical standard base64, or undefined: whatever does not encode back to the same text is refused. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const letters = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return undefined
    letters[index] = code
  }
  return decodeBase64(letters, letters.length)
}

/** Bytes of the first `length` letters of canonical standard base64, or undefined. */
export function decodeBase64(letters: Uint8Array, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (length % 4 !== 0) return undefined
  let padding = 0
  while (padding < 2 && padding < length && letters[length - 1 - padding] === 0x3d) padding++
  const bytes = new Uint8Array((length / 4) * 3 - padding)
  let at = 0
  let bits = 0
  for (let index = 0; index < length; index++) {
    const value = index < length - padding ? (BASE64_VALUES[letters[index] ?? 0] ?? 64) : 0
    if (value > 63) return undefined
    bits = ((bits << 6) | value) & 0xff_ffff
    if (index % 4 !== 3) continue
    for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) bytes[at++] = (bits >> shift) & 0xff
    // Canonical: the bits that padding leaves over are zero.
    if (index === length - 1 && (bits & ((1 << (8 * padding)) - 1)) !== 0) return undefined
  }
  return bytes
}

/** Big-endian number of the bytes. */
export function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`)
}
