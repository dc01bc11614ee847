import {
  caExtensions,
  generatePkiKey,
  issuePkiCertificate,
  issuePkiCrl,
  leafExtensions,
  type PkiKey,
  type PkiName,
  signPkiBody,
  simulatedName,
} from '@spartan/simulator'
import { concat, toBase64 } from '../bytes.ts'
import { outlineCertificate } from '../der.ts'
import { toPem } from '../pem.ts'
import { NOW } from './intelSite.ts'

const VALIDITY = { from: NOW - 86_400, until: NOW + 7 * 365 * 86_400 }

/** A chain of three: leaf, intermediate, root. P-384 throughout: these tests look at shapes, not at signatures. */
export interface VendorChain {
  /** DER: leaf, intermediate, root. */
  readonly certificates: readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]
  readonly crl: Uint8Array<ArrayBuffer>
  readonly intermediateKey: PkiKey
}

export async function createVendorChain(vendor: string, validity = VALIDITY): Promise<VendorChain> {
  const [root, intermediate, leaf] = [
    simulatedName('Root', vendor),
    simulatedName('Intermediate', vendor),
    simulatedName('Leaf', vendor),
  ]
  const [rootKey, intermediateKey, leafKey] = await Promise.all([0, 1, 2].map(() => generatePkiKey('ecdsa-p384')))
  if (!rootKey || !intermediateKey || !leafKey) throw new Error('three keys')
  const issue = (
    serial: number,
    subject: PkiName,
    subjectKey: PkiKey,
    issuer: PkiName,
    issuerKey: PkiKey,
    isCa: boolean,
  ) =>
    issuePkiCertificate({
      serial: Uint8Array.of(0x7f, serial),
      subject,
      subjectKey,
      issuer,
      issuerKey,
      validity,
      extensions: isCa ? caExtensions() : leafExtensions(),
    })
  return {
    certificates: [
      await issue(3, leaf, leafKey, intermediate, intermediateKey, false),
      await issue(2, intermediate, intermediateKey, root, rootKey, true),
      await issue(1, root, rootKey, root, rootKey, true),
    ],
    crl: await issuePkiCrl({
      issuer: root,
      issuerKey: rootKey,
      validity: { from: NOW - 3600, until: NOW + 86_400 },
      crlNumber: 1,
      revokedSerials: [],
    }),
    intermediateKey,
  }
}

export const pemOf = (...certificates: readonly Uint8Array[]) =>
  certificates.map((der) => toPem(toBase64(der), 'CERTIFICATE')).join('')

const tlv = (tag: number, ...content: readonly Uint8Array[]) => {
  const value = concat(...content)
  const head = value.length < 0x80 ? [value.length] : [0x82, value.length >> 8, value.length & 0xff]
  return concat(Uint8Array.of(tag, ...head), value)
}
const generalizedTime = (at: number) =>
  tlv(0x18, new TextEncoder().encode(`${new Date(at * 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))

/** An OCSP response "good" about one certificate, in the shape of RFC 6960 §4.2.1; `certId` is taken from the request. */
export async function ocspResponse(
  certId: Uint8Array,
  key: PkiKey,
  span: { readonly from: number; readonly until?: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const single = tlv(
    0x30,
    certId,
    Uint8Array.of(0x80, 0x00),
    generalizedTime(span.from),
    ...(span.until === undefined ? [] : [tlv(0xa0, generalizedTime(span.until))]),
  )
  const responder = tlv(0xa2, tlv(0x04, new Uint8Array(20)))
  const basic = await signPkiBody(tlv(0x30, responder, generalizedTime(span.from), tlv(0x30, single)), key)
  const type = Uint8Array.of(0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01)
  return tlv(0x30, Uint8Array.of(0x0a, 0x01, 0x00), tlv(0xa0, tlv(0x30, type, tlv(0x04, basic))))
}

/** CertID of an unsigned request with one entry: four SEQUENCEs deep. */
export function certIdOf(request: Uint8Array): Uint8Array {
  let at = 0
  for (let depth = 0; depth < 4; depth++) at += (request[at + 1] ?? 0) === 0x81 ? 3 : 2
  const length = (request[at + 1] ?? 0) === 0x81 ? (request[at + 2] ?? 0) + 3 : (request[at + 1] ?? 0) + 2
  return request.subarray(at, at + length)
}

export const serialOf = (der: Uint8Array) => outlineCertificate(der).serialNumber
