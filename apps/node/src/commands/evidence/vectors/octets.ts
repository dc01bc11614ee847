// Bytes without Node's Buffer: the entries are judged in pages too.

/** Bytes of base64 or base64url text; white space is dropped. Undefined for any other text. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const standard = text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/')
  const digits = standard.replaceAll('=', '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(standard) || digits.length % 4 === 1) return undefined
  return Uint8Array.from(atob(digits), (character) => character.charCodeAt(0))
}

/** Bytes of hex text; undefined for any other. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) return undefined
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
}

/** Position of `part` in `whole`, or -1. */
export function indexOfBytes(whole: Uint8Array, part: Uint8Array): number {
  const last = whole.length - part.length
  for (let at = 0; at <= last; at++) if (part.every((byte, index) => whole[at + index] === byte)) return at
  return -1
}

/** Whether two byte strings are the same. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index])
}
