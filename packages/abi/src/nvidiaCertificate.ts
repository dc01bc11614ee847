import { derAt, placeBehind } from './der.ts'

const COMMON_NAME = '0603550403'
/** OBJECT IDENTIFIER id-pkix-ocsp-basic; the response follows in an OCTET STRING. */
const BASIC_OCSP = '06092b0601050507300101'

/** What uploads need of a certificate, as DER: INTEGER of the serial number, names; common name of the subject as text. */
export interface CertificateNames {
  readonly serial: Uint8Array
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  readonly commonName: Uint8Array
}

/** Finds serial number and names: the second, fourth and sixth member of what is signed. */
export function certificateNames(der: Uint8Array): CertificateNames | undefined {
  const outer = derAt(der, 0)
  const body = outer && derAt(der, outer.start)
  if (!body) return undefined
  const members: Uint8Array[] = []
  for (let at = body.start; at < body.stop && members.length < 6; ) {
    const member = derAt(der, at)
    if (!member) return undefined
    members.push(der.subarray(at, member.stop))
    at = member.stop
  }
  const [, serial, , issuer, , subject] = members
  return serial && issuer && subject && { serial, issuer, subject, commonName: commonNameOf(subject) }
}

function commonNameOf(name: Uint8Array): Uint8Array {
  const at = placeBehind(name, COMMON_NAME)
  const value = at === undefined ? undefined : derAt(name, at)
  return value ? name.subarray(value.start, value.stop) : new Uint8Array()
}

/** A basic OCSP response inside its wrapping, and the certificates that come along; undefined where there is none. */
export function openOcspResponse(
  response: Uint8Array,
): { readonly basic: Uint8Array; readonly certificates: readonly Uint8Array[] } | undefined {
  const at = placeBehind(response, BASIC_OCSP)
  const wrapped = at === undefined ? undefined : derAt(response, at)
  if (!wrapped) return undefined
  const basic = response.subarray(wrapped.start, wrapped.stop)
  return { basic, certificates: certificatesOf(basic) }
}

/** SEQUENCE { signed, algorithm, signature, [0] { SEQUENCE OF Certificate } }. */
function certificatesOf(basic: Uint8Array): readonly Uint8Array[] {
  const outer = derAt(basic, 0)
  let at = outer?.start ?? 0
  for (let skipped = 0; skipped < 3; skipped++) at = derAt(basic, at)?.stop ?? basic.length
  const wrapper = derAt(basic, at)
  const list = wrapper && derAt(basic, wrapper.start)
  const found: Uint8Array[] = []
  for (let next = list?.start ?? 0; list && next < list.stop; ) {
    const certificate = derAt(basic, next)
    if (!certificate) break
    found.push(basic.subarray(next, certificate.stop))
    next = certificate.stop
  }
  return found
}
