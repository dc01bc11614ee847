import { toHex } from './bytes.ts'
import { type DerDocument, expectBytes, expectElement, expectLast, failAt, readTime, readUnsigned, TAG } from './der.ts'
import { parseName } from './x509.ts'
import { readExtensions } from './x509Extensions.ts'
import { readSigned, type SignedDer } from './x509Signed.ts'

/** An X.509 v2 CRL (RFC 5280 §5). Nothing checked yet but its form. */
export interface X509Crl extends SignedDer {
  /** DER of the name, hex. */
  readonly issuer: string
  /** Unix seconds, both inside. */
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** Hex without leading zero bytes. */
  readonly number: string
  /** Serial numbers in hex without leading zero bytes, whatever reason the entry gives. */
  readonly revokedSerials: ReadonlySet<string>
}

const CRL_NUMBER = '551d14'

/** Parses a CRL. It must carry a next update and a CRL number; an unknown critical extension is malformed. */
export function parseCrl(document: DerDocument): X509Crl {
  const signed = readSigned(document)
  const { tbs, toBeSigned, signature } = signed
  // Version 2: INTEGER 1.
  const versionStop = expectBytes(document, tbs.start, tbs.stop, '020101', 'CRL version 2')
  const issuer = parseName(document, signed.expectSameAlgorithm(versionStop), tbs.stop)
  const thisUpdate = readTime(document, issuer.stop, tbs.stop)
  const nextUpdate = readTime(document, thisUpdate.stop, tbs.stop)
  const revokedSerials = new Set<string>()
  let at = nextUpdate.stop
  if (at < tbs.stop && document.bytes[at] === TAG.sequence) {
    const entries = expectElement(document, at, tbs.stop, TAG.sequence)
    // RFC 5280 §5.1.2.6: absent rather than empty.
    if (entries.start === entries.stop) failAt(document, at, 'at least one entry')
    for (at = entries.start; at < entries.stop; ) at = readEntry(document, at, entries.stop, revokedSerials)
  }
  const number = readCrlNumber(document, at, tbs.stop)
  return {
    toBeSigned,
    signature,
    issuer: issuer.der,
    thisUpdate: thisUpdate.value,
    nextUpdate: nextUpdate.value,
    number,
    revokedSerials,
  }
}

function readEntry(document: DerDocument, at: number, end: number, revoked: Set<string>): number {
  const entry = expectElement(document, at, end, TAG.sequence)
  const serial = readUnsigned(document, entry.start, entry.stop)
  const date = readTime(document, serial.stop, entry.stop)
  if (date.stop !== entry.stop) expectLast(document, date.stop, entry.stop, TAG.sequence)
  revoked.add(toHex(serial.value))
  return entry.stop
}

function readCrlNumber(document: DerDocument, at: number, end: number): string {
  let number: string | undefined
  for (const extension of readExtensions(document, at, end, 0xa0).values()) {
    if (extension.id === CRL_NUMBER) {
      const value = readUnsigned(document, extension.start, extension.stop)
      if (value.stop !== extension.stop) failAt(document, value.stop, 'the end of the CRL number')
      number = toHex(value.value)
    } else if (extension.critical) {
      failAt(document, extension.at, 'no unknown critical extension')
    }
  }
  return number ?? failAt(document, end, 'a CRL number')
}
