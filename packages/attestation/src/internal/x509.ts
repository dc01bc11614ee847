import { toHex } from './bytes.ts'
import {
  contentOf,
  type DerDocument,
  expectElement,
  expectLast,
  failAt,
  readElement,
  readTime,
  readUnsigned,
  TAG,
} from './der.ts'

/** An X.509 v3 certificate with a P-256 key and an ECDSA-SHA256 signature, as Intel issues them. Nothing checked yet. */
export interface X509Certificate {
  /** The signed bytes. */
  readonly toBeSigned: Uint8Array
  /** Raw r‖s, 64 bytes. */
  readonly signature: Uint8Array
  /** Hex without leading zero bytes. */
  readonly serial: string
  /** DER of the names, hex. */
  readonly issuer: string
  readonly subject: string
  readonly commonName: string
  /** Unix seconds, both inside. */
  readonly notBefore: number
  readonly notAfter: number
  /** x‖y, 64 bytes. */
  readonly publicKey: Uint8Array
  readonly isCa: boolean
  /** First byte of KeyUsage: bit 7 digitalSignature, bit 2 keyCertSign, bit 1 cRLSign. */
  readonly keyUsage: number
  /** Content of the SGX extension with its place in the certificate. */
  readonly sgxExtension: { readonly start: number; readonly stop: number } | undefined
}

/** An X.509 v2 CRL. Nothing checked yet. */
export interface X509Crl {
  readonly toBeSigned: Uint8Array
  readonly signature: Uint8Array
  readonly issuer: string
  /** Unix seconds, both inside. */
  readonly thisUpdate: number
  readonly nextUpdate: number
  readonly number: string
  /** Serial numbers in hex without leading zero bytes, whatever reason the entry gives. */
  readonly revokedSerials: ReadonlySet<string>
}

export const KEY_USAGE = { digitalSignature: 0x80, signsCertificatesAndCrls: 0x06 } as const

/** SEQUENCE { ecdsa-with-SHA256 }. */
const ALGORITHM = '300a06082a8648ce3d040302'
/** SubjectPublicKeyInfo up to the uncompressed point: id-ecPublicKey, prime256v1, BIT STRING. */
const KEY_HEAD = '3059301306072a8648ce3d020106082a8648ce3d03010703420004'
const OID = {
  sgxExtension: '2a864886f84d010d01',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  crlNumber: '551d14',
  commonName: '550403',
} as const

/** Parses a certificate. Another curve, another hash or an unknown critical extension is malformed. */
export function parseCertificate(document: DerDocument): X509Certificate {
  const { tbs, tbsStop, toBeSigned, signature } = parseSigned(document)
  // Version 3: [0] { INTEGER 2 }.
  expectBytes(document, tbs, tbsStop, 'a003020102', 'X.509 version 3')
  const serial = readUnsigned(document, tbs + 5, tbsStop)
  const algorithmStop = expectBytes(document, serial.stop, tbsStop, ALGORITHM, 'ecdsa-with-SHA256')
  const issuer = parseName(document, algorithmStop, tbsStop)
  const validity = expectElement(document, issuer.stop, tbsStop, TAG.sequence)
  const notBefore = readTime(document, validity.start, validity.stop)
  const notAfter = readTime(document, notBefore.stop, validity.stop)
  if (notAfter.stop !== validity.stop) failAt(document, notAfter.stop, 'the end of the validity')
  const subject = parseName(document, validity.stop, tbsStop)
  const key = expectBytes(document, subject.stop, tbsStop, KEY_HEAD, 'an uncompressed P-256 key')
  if (key + 64 > tbsStop) failAt(document, key, '64 bytes of public key')
  return {
    toBeSigned,
    signature,
    serial: toHex(serial.value),
    issuer: issuer.der,
    subject: subject.der,
    commonName: subject.commonName,
    notBefore: notBefore.value,
    notAfter: notAfter.value,
    publicKey: document.bytes.subarray(key, key + 64),
    ...parseCertificateExtensions(document, key + 64, tbsStop),
  }
}

/** Parses a CRL. It must carry a CRL number; an unknown critical extension is malformed. */
export function parseCrl(document: DerDocument): X509Crl {
  const { tbs, tbsStop, toBeSigned, signature } = parseSigned(document)
  // Version 2: INTEGER 1.
  const versionStop = expectBytes(document, tbs, tbsStop, '020101', 'CRL version 2')
  const algorithmStop = expectBytes(document, versionStop, tbsStop, ALGORITHM, 'ecdsa-with-SHA256')
  const issuer = parseName(document, algorithmStop, tbsStop)
  const thisUpdate = readTime(document, issuer.stop, tbsStop)
  const nextUpdate = readTime(document, thisUpdate.stop, tbsStop)
  const revokedSerials = new Set<string>()
  let at = nextUpdate.stop
  if (at < tbsStop && document.bytes[at] === TAG.sequence) {
    const entries = expectElement(document, at, tbsStop, TAG.sequence)
    // RFC 5280 §5.1.2.6: absent rather than empty.
    if (entries.start === entries.stop) failAt(document, at, 'at least one entry')
    for (at = entries.start; at < entries.stop; ) at = parseCrlEntry(document, at, entries.stop, revokedSerials)
  }
  const number = parseCrlNumber(document, at, tbsStop)
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

function parseCrlEntry(document: DerDocument, at: number, end: number, revoked: Set<string>): number {
  const entry = expectElement(document, at, end, TAG.sequence)
  const serial = readUnsigned(document, entry.start, entry.stop)
  const date = readTime(document, serial.stop, entry.stop)
  if (date.stop !== entry.stop) expectLast(document, date.stop, entry.stop, TAG.sequence)
  revoked.add(toHex(serial.value))
  return entry.stop
}

/** SEQUENCE { to be signed, ecdsa-with-SHA256, BIT STRING { SEQUENCE { r, s } } } and nothing behind it. */
function parseSigned(document: DerDocument) {
  const outer = expectLast(document, 0, document.bytes.length, TAG.sequence)
  const tbs = expectElement(document, outer.start, outer.stop, TAG.sequence)
  const algorithmStop = expectBytes(document, tbs.stop, outer.stop, ALGORITHM, 'ecdsa-with-SHA256')
  const bits = expectLast(document, algorithmStop, outer.stop, TAG.bitString)
  if (document.bytes[bits.start] !== 0 || bits.start === bits.stop) failAt(document, bits.start, 'no unused bits')
  const pair = expectLast(document, bits.start + 1, bits.stop, TAG.sequence)
  const r = readUnsigned(document, pair.start, pair.stop)
  const s = readUnsigned(document, r.stop, pair.stop)
  if (s.stop !== pair.stop) failAt(document, s.stop, 'the end of the signature')
  const signature = new Uint8Array(64)
  signature.set(r.value, 32 - r.value.length)
  signature.set(s.value, 64 - s.value.length)
  return {
    tbs: tbs.start,
    tbsStop: tbs.stop,
    toBeSigned: document.bytes.subarray(outer.start, tbs.stop),
    signature,
  }
}

function expectBytes(document: DerDocument, at: number, end: number, hex: string, what: string): number {
  const stop = at + hex.length / 2
  if (stop > end || toHex(document.bytes.subarray(at, stop)) !== hex) failAt(document, at, what)
  return stop
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

interface Extension {
  readonly id: string
  readonly critical: boolean
  readonly at: number
  readonly start: number
  readonly stop: number
}

/** [tag] { SEQUENCE OF Extension } up to `end`. */
function parseExtensions(document: DerDocument, at: number, end: number, tag: number): readonly Extension[] {
  const wrapper = expectLast(document, at, end, tag)
  const list = expectLast(document, wrapper.start, wrapper.stop, TAG.sequence)
  const extensions: Extension[] = []
  for (let next = list.start; next < list.stop; ) {
    const item = expectElement(document, next, list.stop, TAG.sequence)
    const id = expectElement(document, item.start, item.stop, TAG.oid)
    if (id.start === id.stop || id.stop - id.start > 32) failAt(document, id.start, 'an object identifier')
    const critical = id.stop < item.stop && document.bytes[id.stop] === TAG.boolean
    // FALSE is the default, so DER writes only TRUE.
    const valueAt = critical ? expectBytes(document, id.stop, item.stop, '0101ff', 'TRUE') : id.stop
    const value = expectLast(document, valueAt, item.stop, TAG.octetString)
    extensions.push({
      id: toHex(contentOf(document, id)),
      critical,
      at: item.at,
      start: value.start,
      stop: value.stop,
    })
    next = item.stop
  }
  return extensions
}

function parseCertificateExtensions(document: DerDocument, at: number, end: number) {
  const known = new Map<string, Extension>()
  for (const extension of parseExtensions(document, at, end, 0xa3)) {
    const { id } = extension
    if (id !== OID.basicConstraints && id !== OID.keyUsage && id !== OID.sgxExtension) {
      if (extension.critical) failAt(document, extension.at, 'no unknown critical extension')
      continue
    }
    if (known.has(id)) failAt(document, extension.at, 'each extension once')
    known.set(id, extension)
  }
  const constraints = known.get(OID.basicConstraints)
  const usage = known.get(OID.keyUsage)
  // Both are in every certificate of these chains; without them a leaf could pass as anything.
  if (!constraints || !usage) return failAt(document, end, 'BasicConstraints and KeyUsage')
  const sgx = known.get(OID.sgxExtension)
  return {
    isCa: parseBasicConstraints(document, constraints),
    keyUsage: parseKeyUsage(document, usage),
    sgxExtension: sgx && { start: sgx.start, stop: sgx.stop },
  }
}

/** SEQUENCE { [BOOLEAN TRUE], [INTEGER pathLen, only for a CA] }. */
function parseBasicConstraints(document: DerDocument, extension: Extension): boolean {
  const content = expectLast(document, extension.start, extension.stop, TAG.sequence)
  if (content.start === content.stop) return false
  let at = expectBytes(document, content.start, content.stop, '0101ff', 'TRUE')
  if (at !== content.stop) at = readUnsigned(document, at, content.stop).stop
  if (at !== content.stop) failAt(document, at, 'the end of BasicConstraints')
  return true
}

function parseKeyUsage(document: DerDocument, extension: Extension): number {
  const bits = expectLast(document, extension.start, extension.stop, TAG.bitString)
  const [unused = 8, first] = contentOf(document, bits)
  if (unused > 7 || first === undefined) return failAt(document, bits.start, 'key usage bits')
  return first
}

function parseCrlNumber(document: DerDocument, at: number, end: number): string {
  let number: string | undefined
  for (const extension of parseExtensions(document, at, end, 0xa0)) {
    if (extension.id === OID.crlNumber) {
      if (number !== undefined) failAt(document, extension.at, 'one CRL number')
      const value = readUnsigned(document, extension.start, extension.stop)
      if (value.stop !== extension.stop) failAt(document, value.stop, 'the end of the CRL number')
      number = toHex(value.value)
    } else if (extension.critical) {
      failAt(document, extension.at, 'no unknown critical extension')
    }
  }
  return number ?? failAt(document, end, 'a CRL number')
}
