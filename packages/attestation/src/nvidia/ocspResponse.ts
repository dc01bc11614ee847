import { EvidenceRejectedError } from '../errors.ts'
import { ownCopy, toHex } from '../internal/bytes.ts'
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
} from '../internal/der.ts'
import { parseCertificate, type X509Certificate } from '../internal/x509.ts'
import { readExtensions } from '../internal/x509Extensions.ts'
import { readSignatureAfter, type SignedDer } from '../internal/x509Signed.ts'

/** Hashes by which a response may name a certificate. SHA-1 names one here; it proves nothing. */
export type CertIdHash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

/** What a responder says about one certificate. */
export interface CertificateStatus {
  readonly hash: CertIdHash
  /** Hex: of the issuer's name, and of the bits of its key. */
  readonly issuerNameHash: string
  readonly issuerKeyHash: string
  /** Hex without leading zero bytes. */
  readonly serial: string
  readonly status: 'good' | 'revoked' | 'on-hold' | 'unknown'
  /** Unix seconds, both inside; no end: the responder promises none. */
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
}

/** A successful OCSP response (RFC 6960 §4.2.1). Nothing checked yet but its form. */
export interface OcspResponse extends SignedDer {
  /** Who claims to answer: the DER of a name in hex, or the SHA-1 of a key in hex. */
  readonly responder: { readonly name: string } | { readonly keyHash: string }
  readonly statuses: readonly CertificateStatus[]
  /** Certificates that came along. */
  readonly certificates: readonly X509Certificate[]
}

const ENUMERATED = 0x0a
const MAX_STATUSES = 64
/** One status, a responder certificate and a signature have about 2 kB. */
const MAX_BYTES = 65_536
/** SEQUENCE heads are read; these are whole elements or contents. */
const BASIC_RESPONSE = '06092b0601050507300101'
/** id-pkix-ocsp-nonce. */
const NONCE = '2b0601050507300102'
const EXTENDED_KEY_USAGE = '551d25'
/** id-kp-OCSPSigning, content bytes in hex. */
const OCSP_SIGNING = '2b06010505070309'
/** CRLReason 6 (RFC 5280 §5.3.1). */
const CERTIFICATE_HOLD = 6

/** OIDs of hashes, content bytes in hex. */
const HASHES: Readonly<Record<string, CertIdHash>> = {
  '2b0e03021a': 'SHA-1',
  '608648016503040201': 'SHA-256',
  '608648016503040202': 'SHA-384',
  '608648016503040203': 'SHA-512',
}
const HASH_SIZE: Readonly<Record<CertIdHash, number>> = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 }

/**
 * Parses an OCSP response in DER: successful, of the basic type, each element where RFC 6960 puts it. Extensions are read
 * over (a nonce proves nothing to who did not ask), unless they are critical.
 *
 * @throws {MalformedEvidenceError} NVIDIA_OCSP_MALFORMED.
 * @throws {EvidenceRejectedError} NVIDIA_OCSP_UNSUCCESSFUL.
 */
export function parseOcspResponse(received: Uint8Array): OcspResponse {
  const bytes = ownCopy(received)
  const document: DerDocument = { bytes, code: 'NVIDIA_OCSP_MALFORMED' }
  if (bytes.length > MAX_BYTES) failAt(document, MAX_BYTES, `at most ${MAX_BYTES} bytes`)
  const outer = expectLast(document, 0, bytes.length, TAG.sequence)
  const status = expectElement(document, outer.start, outer.stop, ENUMERATED)
  const code = toHex(contentOf(document, status))
  if (code !== '00') {
    if (!/^0[12356]$/.test(code) || status.stop !== outer.stop) failAt(document, status.start, 'a response status')
    throw new EvidenceRejectedError('NVIDIA_OCSP_UNSUCCESSFUL', {
      metaMessages: [`status ${Number.parseInt(code, 16)}`],
    })
  }
  const wrapper = expectLast(document, status.stop, outer.stop, 0xa0)
  const typed = expectLast(document, wrapper.start, wrapper.stop, TAG.sequence)
  const basicAt = expectBytes(document, typed.start, typed.stop, BASIC_RESPONSE, 'a basic OCSP response')
  const basic = expectLast(document, basicAt, typed.stop, TAG.octetString)
  return parseBasic({ ...document, bytes: contentOf(document, basic) })
}

function parseBasic(document: DerDocument): OcspResponse {
  const outer = expectLast(document, 0, document.bytes.length, TAG.sequence)
  const tbs = expectElement(document, outer.start, outer.stop, TAG.sequence)
  const { signature, toBeSigned, stop } = readSignatureAfter(document, tbs, outer.stop, true)
  const responder = readResponder(document, tbs.start, tbs.stop)
  const producedAt = readGeneralizedTime(document, responder.stop, tbs.stop)
  const list = expectElement(document, producedAt.stop, tbs.stop, TAG.sequence)
  const statuses: CertificateStatus[] = []
  for (let at = list.start; at < list.stop; ) {
    if (statuses.length === MAX_STATUSES) failAt(document, at, `at most ${MAX_STATUSES} certificates`)
    const single = expectElement(document, at, list.stop, TAG.sequence)
    statuses.push(readStatus(document, single.start, single.stop))
    at = single.stop
  }
  expectNoCritical(document, list.stop, tbs.stop)
  return {
    toBeSigned,
    signature,
    responder: responder.id,
    statuses,
    certificates: readCertificates(document, stop, outer.stop),
  }
}

/** [1] { Name } or [2] { OCTET STRING }. A version is written only when it is not 1, and there is no other. */
function readResponder(
  document: DerDocument,
  at: number,
  end: number,
): { id: OcspResponse['responder']; stop: number } {
  const choice = readElement(document, at, end)
  if (choice.tag === 0xa1) {
    const name = expectLast(document, choice.start, choice.stop, TAG.sequence)
    return { id: { name: toHex(document.bytes.subarray(name.at, name.stop)) }, stop: choice.stop }
  }
  if (choice.tag !== 0xa2) failAt(document, at, 'a responder')
  const key = contentOf(document, expectLast(document, choice.start, choice.stop, TAG.octetString))
  if (key.length !== HASH_SIZE['SHA-1']) failAt(document, choice.start, 'a SHA-1 of a key')
  return { id: { keyHash: toHex(key) }, stop: choice.stop }
}

function readGeneralizedTime(document: DerDocument, at: number, end: number) {
  if (document.bytes[at] !== TAG.generalizedTime) failAt(document, at, 'a GeneralizedTime')
  return readTime(document, at, end)
}

/** Content of one SingleResponse. */
function readStatus(document: DerDocument, start: number, end: number): CertificateStatus {
  const id = expectElement(document, start, end, TAG.sequence)
  const certId = readCertId(document, id.start, id.stop)
  const choice = readElement(document, id.stop, end)
  const status = readCertificateStatus(document, choice)
  const thisUpdate = readGeneralizedTime(document, choice.stop, end)
  let at = thisUpdate.stop
  let nextUpdate: number | undefined
  if (document.bytes[at] === 0xa0 && at < end) {
    const wrapper = expectElement(document, at, end, 0xa0)
    const time = readGeneralizedTime(document, wrapper.start, wrapper.stop)
    if (time.stop !== wrapper.stop) failAt(document, time.stop, 'one time')
    nextUpdate = time.value
    at = wrapper.stop
  }
  expectNoCritical(document, at, end)
  return { ...certId, status, thisUpdate: thisUpdate.value, nextUpdate }
}

/** Content of a CertID: AlgorithmIdentifier (parameters absent or NULL), two hashes, serial number. */
function readCertId(document: DerDocument, start: number, stop: number) {
  const algorithm = expectElement(document, start, stop, TAG.sequence)
  const oid = expectElement(document, algorithm.start, algorithm.stop, TAG.oid)
  if (oid.stop !== algorithm.stop) {
    const end = expectBytes(document, oid.stop, algorithm.stop, '0500', 'NULL')
    if (end !== algorithm.stop) failAt(document, end, 'the end of the algorithm')
  }
  const hash = HASHES[toHex(contentOf(document, oid))] ?? failAt(document, oid.at, 'a known hash')
  const name = expectElement(document, algorithm.stop, stop, TAG.octetString)
  const key = expectElement(document, name.stop, stop, TAG.octetString)
  const serial = readUnsigned(document, key.stop, stop)
  if (serial.stop !== stop) failAt(document, serial.stop, 'the end of the certificate id')
  const issuerNameHash = toHex(contentOf(document, name))
  const issuerKeyHash = toHex(contentOf(document, key))
  if (issuerNameHash.length !== 2 * HASH_SIZE[hash] || issuerKeyHash.length !== 2 * HASH_SIZE[hash]) {
    failAt(document, name.at, `hashes of ${HASH_SIZE[hash]} bytes`)
  }
  return { hash, issuerNameHash, issuerKeyHash, serial: toHex(serial.value) }
}

/** [0] good, [1] revoked { time, [0] reason }, [2] unknown. */
function readCertificateStatus(
  document: DerDocument,
  choice: ReturnType<typeof readElement>,
): CertificateStatus['status'] {
  const isEmpty = choice.start === choice.stop
  if (choice.tag === 0x80 && isEmpty) return 'good'
  if (choice.tag === 0x82 && isEmpty) return 'unknown'
  if (choice.tag !== 0xa1) failAt(document, choice.at, 'a certificate status')
  const time = readGeneralizedTime(document, choice.start, choice.stop)
  if (time.stop === choice.stop) return 'revoked'
  const wrapper = expectLast(document, time.stop, choice.stop, 0xa0)
  const reason = contentOf(document, expectLast(document, wrapper.start, wrapper.stop, ENUMERATED))
  if (reason.length !== 1 || (reason[0] ?? 0) > 10) failAt(document, wrapper.start, 'a revocation reason')
  return reason[0] === CERTIFICATE_HOLD ? 'on-hold' : 'revoked'
}

/** [1] { Extensions } or nothing. A nonce may be marked critical, as some requests have it and responders give it back. */
function expectNoCritical(document: DerDocument, at: number, end: number): void {
  for (const extension of readExtensions(document, at, end, 0xa1).values()) {
    if (extension.critical && extension.id !== NONCE) failAt(document, extension.at, 'no critical extension')
  }
}

/** [0] { SEQUENCE OF Certificate } or nothing. */
function readCertificates(document: DerDocument, at: number, end: number): readonly X509Certificate[] {
  if (at === end) return []
  const wrapper = expectLast(document, at, end, 0xa0)
  const list = expectLast(document, wrapper.start, wrapper.stop, TAG.sequence)
  const certificates: X509Certificate[] = []
  for (let next = list.start; next < list.stop; ) {
    const { stop } = expectElement(document, next, list.stop, TAG.sequence)
    const bytes = document.bytes.subarray(next, stop)
    certificates.push(parseCertificate({ bytes, code: document.code }, { criticalExtensions: [EXTENDED_KEY_USAGE] }))
    next = stop
  }
  return certificates
}

/** Whether the extended key usage of a certificate lets it sign OCSP responses (RFC 6960 §4.2.2.2). */
export const signsOcsp = (certificate: X509Certificate) => extendedKeyUsages(certificate).includes(OCSP_SIGNING)

/** Purposes of an extended key usage, OID content bytes in hex; none where the certificate has no such extension. */
function extendedKeyUsages({ document, extensions }: X509Certificate): readonly string[] {
  const extension = extensions.get(EXTENDED_KEY_USAGE)
  if (!extension) return []
  const list = expectLast(document, extension.start, extension.stop, TAG.sequence)
  const purposes: string[] = []
  for (let at = list.start; at < list.stop; ) {
    const purpose = expectElement(document, at, list.stop, TAG.oid)
    purposes.push(toHex(contentOf(document, purpose)))
    at = purpose.stop
  }
  return purposes
}
