import { octetString, smallInteger, tlv } from '../der.ts'
import { generatePkiKey, issuePkiCertificate, type PkiKey, type PkiName, pkiExtension, simulatedName } from '../pki.ts'
import type { Validity } from '../types.ts'
import type { SnpProductLine, SnpTcbFields } from './report.ts'

/** A certificate authority of the simulation. */
export interface SnpAuthority {
  readonly name: PkiName
  readonly key: PkiKey
  /** DER. */
  readonly certificate: Uint8Array<ArrayBuffer>
  /** Big-endian. */
  readonly serial: Uint8Array
}

export const snpName = (commonName: string) => simulatedName(commonName, 'AMD')

/** What the endorsement key certificate says; the defaults are right ones. */
export interface SnpVekFields {
  /** `vlek`: a key of a cloud provider, issued by the ASVK. */
  readonly kind: 'vcek' | 'vlek'
  readonly product: SnpProductLine
  readonly tcb: SnpTcbFields
  /** hwID as AMD writes it now (bare bytes), or as an OCTET STRING around them. */
  readonly hardwareId: Uint8Array
  readonly hardwareIdForm?: 'raw' | 'octet-string'
  readonly cspId: string
  readonly productName?: string
  readonly structVersion?: number
  readonly validity: Validity
  readonly serial?: Uint8Array
  /** Extensions to leave out: `4` is hwID, `3.8` the microcode SPL. */
  readonly omit?: readonly string[]
  /** Common name instead of the one of the kind. */
  readonly commonName?: string
  /** Kind of the key in the certificate: P-384 unless given. */
  readonly algorithm?: 'ecdsa-p256' | 'ecdsa-p384'
}

const ia5String = (text: string) => tlv(0x16, new TextEncoder().encode(text))

/** Issues a VCEK or VLEK certificate with AMD's extensions, and the key for it. */
export async function issueVek(fields: SnpVekFields, issuer: SnpAuthority) {
  const key = await generatePkiKey(fields.algorithm ?? 'ecdsa-p384')
  const certificate = await issuePkiCertificate({
    serial: fields.serial ?? Uint8Array.of(0),
    subject: snpName(fields.commonName ?? (fields.kind === 'vcek' ? 'SEV-VCEK' : 'SEV-VLEK')),
    subjectKey: key,
    issuer: issuer.name,
    issuerKey: issuer.key,
    validity: fields.validity,
    extensions: vekExtensions(fields),
  })
  return { key, certificate }
}

/** Extensions under 1.3.6.1.4.1.3704.1. Source: AMD 57230. */
function vekExtensions(fields: SnpVekFields): readonly Uint8Array[] {
  const { product, tcb, kind, omit = [] } = fields
  const turin = product === 'Turin'
  const spls: readonly (readonly [string, number])[] = [
    ...(turin ? [['3.9', tcb.fmc ?? 0] as const] : []),
    ['3.1', tcb.bootLoader],
    ['3.2', tcb.tee],
    ['3.3', tcb.snp],
    ...(turin ? [] : [['3.4', 0] as const]),
    ['3.5', 0],
    ['3.6', 0],
    ['3.7', 0],
    ['3.8', tcb.microcode],
  ]
  const hardwareId = fields.hardwareIdForm === 'octet-string' ? octetString(fields.hardwareId) : fields.hardwareId
  const values: readonly (readonly [string, Uint8Array])[] = [
    ['1', smallInteger(fields.structVersion ?? (turin ? 1 : 0))],
    ['2', ia5String(fields.productName ?? product)],
    ...spls.map(([arc, value]) => [arc, smallInteger(value)] as const),
    kind === 'vcek' ? ['4', hardwareId] : ['5', ia5String(fields.cspId)],
  ]
  return values
    .filter(([arc]) => !omit.includes(arc))
    .map(([arc, value]) => pkiExtension(`1.3.6.1.4.1.3704.1.${arc}`, value))
}
