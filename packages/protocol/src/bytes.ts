import { ProtocolError } from './errors.ts'

/** Bytes over memory of their own: the form WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>

const UTF8 = new TextEncoder()

/** UTF-8 bytes of a string. */
export function utf8(text: string): Bytes {
  return UTF8.encode(text) as Bytes
}

/** Joins byte strings. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** Copies into memory of its own, so that the caller's later writes do not matter and WebCrypto takes it. */
export function copyBytes(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes)
}

/** Big-endian unsigned integer of exactly `size` bytes. The value must fit; a value that does not is a bug of ours. */
export function uintBytes(value: bigint | number, size: number): Bytes {
  let rest = BigInt(value)
  if (rest < 0n || rest >> BigInt(8 * size) !== 0n) throw new RangeError(`${value} does not fit into ${size} bytes`)
  const out = new Uint8Array(size)
  for (let i = size - 1; i >= 0; i--) {
    out[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return out
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const SEXTETS = new Uint8Array(128).fill(0xff)
for (let value = 0; value < 64; value++) SEXTETS[ALPHABET.charCodeAt(value)] = value

/** base64url without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63)
    if (i + 1 < bytes.length) text += ALPHABET.charAt((group >> 6) & 63)
    if (i + 2 < bytes.length) text += ALPHABET.charAt(group & 63)
  }
  return text
}

/**
 * Reads base64url without padding, and only its one canonical spelling: bits that carry nothing have to be zero.
 *
 * @throws {ProtocolError} `HEADER_MALFORMED`.
 */
export function fromBase64Url(text: string): Bytes {
  if (text.length % 4 === 1) throw new ProtocolError('HEADER_MALFORMED')
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const sextet = SEXTETS[text.charCodeAt(i)] ?? 0xff
    if (sextet === 0xff) throw new ProtocolError('HEADER_MALFORMED')
    held = ((held << 6) | sextet) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    out[at++] = held >> bits
    held &= (1 << bits) - 1
  }
  if (held !== 0) throw new ProtocolError('HEADER_MALFORMED')
  return out
}
