import { toHex } from './bytes.ts'
import {
  contentOf,
  type DerDocument,
  expectBytes,
  expectElement,
  expectLast,
  failAt,
  readElement,
  readTime,
  readUnsigned,
  TAG,
} from './der.ts'
import { readPublicKey } from './publicKey.ts'
import type { PublicKey } from './signatures.ts'
import { type Extension, readExtensions } from './x509Extensions.ts'
import { readSigned, type SignedDer } from './x509Signed.ts'

/** An X.509 v3 certificate (RFC 5280). Nothing checked yet but its form. */
export interface X509Certificate extends SignedDer {
  readonly document: DerDocument
  /** Hex without leading zero bytes. */
  readonly serial: string
  /** DER of the names, hex. */
  readonly issuer: string
  readonly subject: string
  /** Of the subject; empty when it has none. */
  readonly commonName: string
  /** Unix seconds, both inside. */
  readonly notBefore: number
  readonly notAfter: number
  readonly key: PublicKey
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  /** Undefined without BasicConstraints. */
  readonly isCa: boolean | undefined
  /** How many CAs may follow below a CA; undefined: any number. */
  readonly pathLength: number | undefined
  /** First byte of KeyUsage: bit 7 digitalSignature, bit 2 keyCertSign, bit 1 cRLSign. Undefined without KeyUsage. */
  readonly keyUsage: number | undefined
  /** Every extension by OID (content bytes in hex). */
  readonly extensions: ReadonlyMap<string, Extension>
}

/** What a family of certificates may carry. */
export interface CertificateProfile {
  /** OIDs (content bytes in hex) that may be critical besides BasicConstraints and KeyUsage: the caller reads them. */
  readonly criticalExtensions?: readonly string[]
}

/** Bits of the first byte of KeyUsage (RFC 5280 §4.2.1.3). */
export const KEY_USAGE = { digitalSignature: 0x80, signsCertificates: 0x04, signsCrls: 0x02 } as const

const OID = { basicConstraints: '551d13', keyUsage: '551d0f', commonName: '550403' } as const

/** Parses a certificate. Another key or signature algorithm, an unknown critical or a repeated extension is malformed. */
export function parseCertificate(document: DerDocument, profile: CertificateProfile = {}): X509Certificate {
  const signed = readSigned(document)
  const { tbs } = signed
  // Version 3: [0] { INTEGER 2 }.
  const versionStop = expectBytes(document, tbs.start, tbs.stop, 'a003020102', 'X.509 version 3')
  const serial = readUnsigned(document, versionStop, tbs.stop)
  const algorithmStop = signed.expectSameAlgorithm(serial.stop)
  const issuer = parseName(document, algorithmStop, tbs.stop)
  const validity = expectElement(document, issuer.stop, tbs.stop, TAG.sequence)
  const notBefore = readTime(document, validity.start, validity.stop)
  const notAfter = readTime(document, notBefore.stop, validity.stop)
  if (notAfter.stop !== validity.stop) failAt(document, notAfter.stop, 'the end of the validity')
  const subject = parseName(document, validity.stop, tbs.stop)
  const { key, stop } = readPublicKey(document, subject.stop, tbs.stop)
  const extensions = readCertificateExtensions(document, stop, tbs.stop, profile)
  const constraints = extensions.get(OID.basicConstraints)
  const usage = extensions.get(OID.keyUsage)
  return {
    document,
    toBeSigned: signed.toBeSigned,
    signature: signed.signature,
    serial: toHex(serial.value),
    issuer: issuer.der,
    subject: subject.der,
    commonName: subject.commonName,
    notBefore: notBefore.value,
    notAfter: notAfter.value,
    key,
    spki: document.bytes.subarray(subject.stop, stop),
    ...parseBasicConstraints(document, constraints),
    keyUsage: usage && parseKeyUsage(document, usage),
    extensions,
  }
}

function readCertificateExtensions(document: DerDocument, at: number, end: number, profile: CertificateProfile) {
  const { criticalExtensions = [] } = profile
  const extensions = readExtensions(document, at, end, 0xa3)
  for (const { id, critical, at: place } of extensions.values()) {
    const known = id === OID.basicConstraints || id === OID.keyUsage || criticalExtensions.includes(id)
    if (critical && !known) failAt(document, place, 'no unknown critical extension')
  }
  return extensions
}

/** DER of a name in hex, and its common name; two common names are refused. */
function parseName(document: DerDocument, at: number, end: number) {
  const name = expectElement(document, at, end, TAG.sequence)
  let commonName: string | undefined
  for (let next = name.start; next < name.stop; ) {
    const set = expectElement(document, next, name.stop, TAG.set)
    const pair = expectLast(document, set.start, set.stop, TAG.sequence)
    const id = expectElement(document, pair.start, pair.stop, TAG.oid)
    const value = readElement(document, id.stop, pair.stop)
    if (value.stop !== pair.stop) failAt(document, value.stop, 'the end of the attribute')
    if (toHex(contentOf(document, id)) === OID.commonName) {
      if (commonName !== undefined) failAt(document, set.start, 'one common name')
      commonName = new TextDecoder().decode(contentOf(document, value))
    }
    next = set.stop
  }
  return { der: toHex(document.bytes.subarray(at, name.stop)), commonName: commonName ?? '', stop: name.stop }
}

/** SEQUENCE { [BOOLEAN TRUE], [INTEGER pathLen, only for a CA] }. */
function parseBasicConstraints(document: DerDocument, extension: Extension | undefined) {
  if (!extension) return { isCa: undefined, pathLength: undefined }
  const content = expectLast(document, extension.start, extension.stop, TAG.sequence)
  if (content.start === content.stop) return { isCa: false, pathLength: undefined }
  const at = expectBytes(document, content.start, content.stop, '0101ff', 'TRUE')
  if (at === content.stop) return { isCa: true, pathLength: undefined }
  const length = readUnsigned(document, at, content.stop, 1)
  if (length.stop !== content.stop) failAt(document, length.stop, 'the end of BasicConstraints')
  return { isCa: true, pathLength: length.value[0] ?? 0 }
}

function parseKeyUsage(document: DerDocument, extension: Extension): number {
  const bits = expectLast(document, extension.start, extension.stop, TAG.bitString)
  const [unused = 8, first] = contentOf(document, bits)
  if (unused > 7 || first === undefined) return failAt(document, bits.start, 'key usage bits')
  return first
}

export { parseName }
