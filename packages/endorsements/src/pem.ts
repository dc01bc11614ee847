import { fromBase64, fromUtf8 } from './bytes.ts'
import { failure } from './errors.ts'

/** DER of the PEM blocks with this label, in their order; undefined when there is anything else but blank lines. */
export function fromPem(text: string, label: string): readonly Uint8Array<ArrayBuffer>[] | undefined {
  const block = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g')
  const found: Uint8Array<ArrayBuffer>[] = []
  for (const [, body = ''] of text.matchAll(block)) {
    const der = fromBase64(body.replace(/\s+/g, ''))
    if (!der) return undefined
    found.push(der)
  }
  // Some files end in a NUL.
  return text.replace(block, '').replace(/[\s\0]+/g, '') === '' ? found : undefined
}

/** PEM of one DER document. */
export function toPem(base64: string, label: string): string {
  return `-----BEGIN ${label}-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`
}

/** Certificates of a URL-encoded issuer-chain header of Intel's services; undefined when it is not one. */
export function fromIssuerChainHeader(header: string): readonly Uint8Array<ArrayBuffer>[] | undefined {
  // One cache encodes blanks as a form does: "+". A plus of base64 is %2B there.
  const form = header.includes('BEGIN+CERTIFICATE')
  try {
    return fromPem(decodeURIComponent(form ? header.replaceAll('+', '%20') : header), 'CERTIFICATE')
  } catch {
    return undefined
  }
}

/** DER of a chain in PEM, in its order. Throws ENDORSEMENTS_REQUEST_INVALID when it is none. */
export function certificatesOfPem(pem: Uint8Array): readonly Uint8Array<ArrayBuffer>[] {
  const found = fromPem(fromUtf8(pem) ?? '-', 'CERTIFICATE')
  if (found && found.length > 0) return found
  throw failure('ENDORSEMENTS_REQUEST_INVALID', 'expected certificates in PEM')
}
