import { serialFrom } from '../certificates.ts'
import { generatePkiKey, issuePkiCertificate, type PkiKey, type PkiName, simulatedName } from '../pki.ts'
import type { Validity } from '../types.ts'

/** A certificate of the simulated vendor with the key it certifies. */
export interface NvidiaAuthority {
  readonly name: PkiName
  readonly key: PkiKey
  /** Big-endian. */
  readonly serial: Uint8Array<ArrayBuffer>
  /** DER. */
  readonly certificate: Uint8Array<ArrayBuffer>
}

/** What one certificate is made from. */
export interface NvidiaAuthorityFields {
  readonly commonName: string
  /** Undefined: signs itself. */
  readonly issuer?: NvidiaAuthority
  readonly validity: Validity
  /** DER of whole Extension values. */
  readonly extensions: readonly Uint8Array[]
  /** The key to certify; a fresh P-384 one unless given. */
  readonly key?: PkiKey
}

/** Makes one certificate with a P-384 key, as all of NVIDIA's have. */
export async function createNvidiaAuthority(fields: NvidiaAuthorityFields): Promise<NvidiaAuthority> {
  const key = fields.key ?? (await generatePkiKey('ecdsa-p384'))
  const name = simulatedName(fields.commonName, 'NVIDIA')
  const serial = serialFrom(crypto.getRandomValues(new Uint8Array(20)))
  const { issuer } = fields
  const certificate = await issuePkiCertificate({
    serial,
    subject: name,
    subjectKey: key,
    issuer: issuer?.name ?? name,
    issuerKey: issuer?.key ?? key,
    validity: fields.validity,
    extensions: fields.extensions,
  })
  return { name, key, serial, certificate }
}
