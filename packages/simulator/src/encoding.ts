/** Lower-case hex, no prefix. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Bytes of a hex string of exactly `lengthBytes`. */
export function fromHex(hex: string, lengthBytes: number, name: string): Uint8Array<ArrayBuffer> {
  const digits = hex.startsWith('0x') ? hex.slice(2) : hex
  if (digits.length !== lengthBytes * 2 || !/^[0-9a-f]*$/i.test(digits)) {
    throw new RangeError(`${name}: expected ${lengthBytes} bytes of hex, got ${JSON.stringify(hex)}`)
  }
  return Uint8Array.from({ length: lengthBytes }, (_, index) =>
    Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  )
}

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

/** PEM certificate of its DER. */
export function toPem(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** Throws unless `bytes` has exactly `lengthBytes`; nothing is ever padded or cut. */
export function exactly(bytes: Uint8Array, lengthBytes: number, name: string): Uint8Array {
  if (bytes.length === lengthBytes) return bytes
  throw new RangeError(`${name}: expected ${lengthBytes} bytes, got ${bytes.length}`)
}
