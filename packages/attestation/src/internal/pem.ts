import { fromBase64 } from './bytes.ts'

/**
 * DER of the certificates of a PEM text, or undefined.
 *
 * The text may end in NUL and line breaks, as in real quotes; nothing else may stand between or behind the blocks.
 */
export function parsePemCertificates(chain: Uint8Array): readonly Uint8Array[] | undefined {
  let text = ''
  for (const byte of chain) text += String.fromCharCode(byte)
  text = text.replace(/[\0\r\n]+$/, '')
  const block = /\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----/y
  const found: Uint8Array[] = []
  while (block.lastIndex < text.length) {
    const base64 = block.exec(text)?.[1]
    const der = base64 === undefined ? undefined : fromBase64(base64.replace(/[\r\n]/g, ''))
    if (der === undefined) return undefined
    found.push(der)
  }
  return found
}
