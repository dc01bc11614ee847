// Bytes without Node's Buffer: the entries are judged in pages too.

/** Bytes of base64 or base64url text; white space is dropped. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const standard = text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/')
  return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0))
}

/** Position of `part` in `whole`, or -1. */
export function indexOfBytes(whole: Uint8Array, part: Uint8Array): number {
  const last = whole.length - part.length
  for (let at = 0; at <= last; at++) if (part.every((byte, index) => whole[at + index] === byte)) return at
  return -1
}
