/**
 * Looks at DER far enough to tell certificates, CRLs and OCSP responses apart and to read their names. For sorting files only: what
 * is passed on is read again, strictly, by the verifier.
 */

interface Element {
  readonly tag: number
  readonly start: number
  readonly stop: number
  /** From the tag on. */
  readonly whole: Uint8Array
}

/** What a DER file is. */
export type DerKind = 'certificate' | 'crl' | 'ocsp'

function childrenOf(bytes: Uint8Array, start: number, stop: number, limit: number): readonly Element[] {
  const found: Element[] = []
  for (let at = start; at + 2 <= stop && found.length < limit; ) {
    let length = bytes[at + 1] ?? 0
    let from = at + 2
    if (length > 0x7f) {
      const size = length & 0x7f
      if (size > 4) return found
      length = 0
      for (const byte of bytes.subarray(from, from + size)) length = length * 256 + byte
      from += size
    }
    if (from + length > stop) return found
    found.push({ tag: bytes[at] ?? 0, start: from, stop: from + length, whole: bytes.subarray(at, from + length) })
    at = from + length
  }
  return found
}

function bodyOf(der: Uint8Array): readonly Element[] {
  const [outer] = childrenOf(der, 0, der.length, 1)
  if (outer?.tag !== 0x30) return []
  return childrenOf(der, outer.start, outer.stop, 4)
}

/** Members of the signed part. */
function membersOf(der: Uint8Array): readonly Element[] {
  const [signed] = bodyOf(der)
  return signed?.tag === 0x30 ? childrenOf(der, signed.start, signed.stop, 8) : []
}

/** Kind of a DER document; undefined for anything else. */
export function derKindOf(der: Uint8Array): DerKind | undefined {
  const [first] = bodyOf(der)
  // OCSPResponse begins with an ENUMERATED status, the others with what was signed.
  if (first?.tag === 0x0a) return 'ocsp'
  const [head, second, third] = membersOf(der)
  if (head?.tag === 0xa0 && second?.tag === 0x02) return 'certificate'
  if (head?.tag === 0x02 && second?.tag === 0x30 && third?.tag === 0x30) return 'crl'
  return undefined
}

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? new Uint8Array()).toString('hex')

/** Names of a certificate, as DER in hex. */
export function certificateNames(der: Uint8Array): { readonly issuer: string; readonly subject: string } {
  const members = membersOf(der)
  return { issuer: hex(members[3]?.whole), subject: hex(members[5]?.whole) }
}

/** Issuer of a CRL, as DER in hex. */
export const crlIssuer = (der: Uint8Array): string => hex(membersOf(der)[2]?.whole)

/** Whether an object identifier (content bytes in hex) stands anywhere in a document. */
export const mentions = (der: Uint8Array, oid: string): boolean =>
  Buffer.from(der).includes(Buffer.from(`06${(oid.length / 2).toString(16).padStart(2, '0')}${oid}`, 'hex'))
