import { decodeBase64 } from './bytes.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const BEGIN = encode('-----BEGIN CERTIFICATE-----')
const END = encode('-----END CERTIFICATE-----')
/** Space, tab, line feed, vertical tab, form feed, carriage return. */
const isSpace = (byte: number | undefined) => byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d)
const isLineBreak = (byte: number | undefined) => byte === 0x0a || byte === 0x0d

/**
 * DER of the certificates of a PEM text, or undefined.
 *
 * The text may end in NUL and line breaks, as in real quotes; nothing else may stand between or behind the blocks.
 */
export function parsePemCertificates(chain: Uint8Array): readonly Uint8Array[] | undefined {
  let end = chain.length
  while (end > 0 && (chain[end - 1] === 0 || isLineBreak(chain[end - 1]))) end--
  const found: Uint8Array[] = []
  const letters = new Uint8Array(end)
  for (let at = 0; at < end; ) {
    while (isSpace(chain[at])) at++
    if (!standsAt(chain, BEGIN, at)) return undefined
    at += BEGIN.length
    let length = 0
    while (at < end && chain[at] !== END[0]) {
      const letter = chain[at++] ?? 0
      if (!isLineBreak(letter)) letters[length++] = letter
    }
    if (length === 0 || at + END.length > end || !standsAt(chain, END, at)) return undefined
    at += END.length
    const der = decodeBase64(letters, length)
    if (der === undefined) return undefined
    found.push(der)
  }
  return found
}

function standsAt(bytes: Uint8Array, wanted: Uint8Array, at: number): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false
  return true
}
