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

/** base64url without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

/**
 * Reads base64url without padding, and only its one canonical spelling.
 *
 * @throws {ProtocolError} `HEADER_MALFORMED`.
 */
export function fromBase64Url(text: string): Bytes {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new ProtocolError('HEADER_MALFORMED')
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  const out = Uint8Array.from(binary, (char) => char.charCodeAt(0))
  if (toBase64Url(out) !== text) throw new ProtocolError('HEADER_MALFORMED')
  return out
}
