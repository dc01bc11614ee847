import { concat } from '../bytes.ts'
import { outlineCertificate, TAG } from '../der.ts'

/** Hash of the issuer in a CertID. Responders have to know SHA-1 (RFC 6960 §4.3); NVIDIA's tools use SHA-384. */
export type OcspHash = 'SHA-1' | 'SHA-256' | 'SHA-384'

/** AlgorithmIdentifiers, DER, with NULL parameters (RFC 8017 appendix B.1). */
const HASH_IDENTIFIERS: Readonly<Record<OcspHash, readonly number[]>> = {
  'SHA-1': [0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00],
  'SHA-256': [0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00],
  'SHA-384': [0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00],
}

/** id-pkix-ocsp-nonce 1.3.6.1.5.5.7.48.1.2. */
const NONCE_OID = Uint8Array.of(0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02)

/**
 * Encodes the OCSP request for one certificate (RFC 6960 §4.1.1), unsigned.
 *
 * @param certificate - DER of the certificate asked about.
 * @param issuer - DER of its issuer's certificate.
 * @param nonce - 1 to 128 bytes (RFC 9654); without it the responder may answer from its cache, with ages it states.
 * @throws {DerError} when one of them is no certificate.
 */
export async function encodeOcspRequest(
  certificate: Uint8Array,
  issuer: Uint8Array,
  hash: OcspHash,
  nonce?: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const subject = outlineCertificate(certificate)
  const authority = outlineCertificate(issuer)
  const digest = async (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest(hash, bytes))
  const certId = sequence(
    Uint8Array.from(HASH_IDENTIFIERS[hash]),
    tlv(TAG.octetString, await digest(authority.subject)),
    tlv(TAG.octetString, await digest(authority.publicKey)),
    subject.serialNumber,
  )
  // Request { reqCert } and requestList; the extension value is itself an OCTET STRING inside one (RFC 9654 §2.1).
  const list = sequence(sequence(certId))
  const extensions = nonce
    ? [tlv(0xa2, sequence(sequence(NONCE_OID, tlv(TAG.octetString, tlv(TAG.octetString, nonce)))))]
    : []
  return sequence(sequence(list, ...extensions))
}

const sequence = (...content: readonly Uint8Array[]) => tlv(TAG.sequence, ...content)

function tlv(tag: number, ...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const value = concat(...content)
  const { length } = value
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return concat(Uint8Array.of(tag, ...head), value)
}
