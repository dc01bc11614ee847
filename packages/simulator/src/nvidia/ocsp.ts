import { bitString, concat, enumerated, octetString, oid, sequence, tlv, unsignedInteger } from '../der.ts'
import { distinguishedName, extendedKeyUsage, pkiExtension, signPkiBody } from '../pki.ts'
import type { Validity } from '../types.ts'
import { createNvidiaAuthority, type NvidiaAuthority } from './authority.ts'

/** Hashes by which a response may name a certificate. */
export type OcspHash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

const HASH_OID: Readonly<Record<OcspHash, string>> = {
  'SHA-1': '1.3.14.3.2.26',
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
}

/** What one OCSP response says. */
export interface OcspFields {
  readonly certificate: NvidiaAuthority
  readonly issuer: NvidiaAuthority
  readonly window: Validity
  readonly status?: 'good' | 'revoked' | 'on-hold' | 'unknown'
  readonly hash?: OcspHash
  /** Signs instead of the issuer, and comes along. */
  readonly responder?: NvidiaAuthority
  /** Name the responder by the SHA-1 of its key. */
  readonly byKey?: boolean
  /** Leave the end of the window out. */
  readonly endless?: boolean
  readonly nonce?: Uint8Array
  readonly criticalNonce?: boolean
}

/** id-kp-OCSPSigning. */
export const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'

const generalizedTime = (unixSeconds: number) => {
  const digits = new Date(unixSeconds * 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14)
  return tlv(0x18, new TextEncoder().encode(`${digits}Z`))
}
const hashOf = async (hash: OcspHash, bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest(hash, Uint8Array.from(bytes)))
const keyBits = ({ key }: NvidiaAuthority) => concat(Uint8Array.of(4), key.point)

/** A responder that the issuer appoints (RFC 6960 §4.2.2.2). */
export function createOcspResponder(issuer: NvidiaAuthority, validity: Validity): Promise<NvidiaAuthority> {
  const extensions = [
    pkiExtension('2.5.29.15', bitString(Uint8Array.of(0x80), 7), true),
    extendedKeyUsage([OCSP_SIGNING], true),
    pkiExtension('1.3.6.1.5.5.7.48.1.5', tlv(0x05)),
  ]
  return createNvidiaAuthority({ commonName: 'OCSP Responder', issuer, validity, extensions })
}

/** Issues one OCSP response in DER, with one status. */
export async function issueOcspResponse(fields: OcspFields): Promise<Uint8Array<ArrayBuffer>> {
  const { window, nonce, hash = 'SHA-384', responder, issuer } = fields
  const signer = responder ?? issuer
  const single = sequence(
    await certId(fields, hash),
    statusOf(fields),
    generalizedTime(window.from),
    ...(fields.endless ? [] : [tlv(0xa0, generalizedTime(window.until))]),
  )
  const body = sequence(
    fields.byKey
      ? tlv(0xa2, octetString(await hashOf('SHA-1', keyBits(signer))))
      : tlv(0xa1, distinguishedName(signer.name)),
    generalizedTime(window.from),
    sequence(single),
    ...(nonce
      ? [tlv(0xa1, sequence(pkiExtension('1.3.6.1.5.5.7.48.1.2', octetString(nonce), fields.criticalNonce)))]
      : []),
  )
  const certificates = responder ? [tlv(0xa0, sequence(responder.certificate))] : []
  const basic = await signPkiBody(body, signer.key, ...certificates)
  return sequence(enumerated(0), tlv(0xa0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(basic))))
}

async function certId({ certificate, issuer }: OcspFields, hash: OcspHash): Promise<Uint8Array<ArrayBuffer>> {
  return sequence(
    sequence(oid(HASH_OID[hash]), tlv(0x05)),
    octetString(await hashOf(hash, distinguishedName(issuer.name))),
    octetString(await hashOf(hash, keyBits(issuer))),
    unsignedInteger(certificate.serial),
  )
}

function statusOf({ status = 'good', window }: OcspFields): Uint8Array<ArrayBuffer> {
  if (status === 'good') return tlv(0x80)
  if (status === 'unknown') return tlv(0x82)
  const reason = status === 'on-hold' ? [tlv(0xa0, enumerated(6))] : []
  return tlv(0xa1, generalizedTime(window.from), ...reason)
}
