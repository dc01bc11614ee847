import { extension } from './certificates.ts'
import { bitString, boolean, oid, sequence, set, smallInteger, time, tlv, unsignedInteger, utf8String } from './der.ts'
import type { Validity } from './types.ts'

/** Kinds of keys that vendors sign certificates with. */
export type PkiAlgorithm = 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'rsa-pss-4096'

/** One key pair of a simulated vendor. */
export interface PkiKey {
  readonly algorithm: PkiAlgorithm
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array<ArrayBuffer>
  /** x‖y of an elliptic-curve key; the whole SubjectPublicKeyInfo of an RSA key. */
  readonly point: Uint8Array<ArrayBuffer>
  /** Raw signature: r‖s, or the RSA block. ECDSA hashes with the SHA-2 of the curve's size, RSASSA-PSS with SHA-384. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>
}

interface Scheme {
  readonly generate: EcKeyGenParams | RsaHashedKeyGenParams
  readonly use: EcdsaParams | RsaPssParams
  /** DER AlgorithmIdentifier of its signatures. */
  readonly identifier: Uint8Array<ArrayBuffer>
}

const sha384Identifier = sequence(oid('2.16.840.1.101.3.4.2.2'), tlv(0x05))

const SCHEMES: Readonly<Record<PkiAlgorithm, Scheme>> = {
  'ecdsa-p256': ecdsa('P-256', 'SHA-256', '1.2.840.10045.4.3.2'),
  'ecdsa-p384': ecdsa('P-384', 'SHA-384', '1.2.840.10045.4.3.3'),
  'ecdsa-p521': ecdsa('P-521', 'SHA-512', '1.2.840.10045.4.3.4'),
  'rsa-pss-4096': {
    generate: {
      name: 'RSA-PSS',
      modulusLength: 4096,
      publicExponent: Uint8Array.of(1, 0, 1),
      hash: 'SHA-384',
    } satisfies RsaHashedKeyGenParams,
    use: { name: 'RSA-PSS', saltLength: 48 } satisfies RsaPssParams,
    identifier: sequence(
      oid('1.2.840.113549.1.1.10'),
      sequence(
        tlv(0xa0, sha384Identifier),
        tlv(0xa1, sequence(oid('1.2.840.113549.1.1.8'), sha384Identifier)),
        tlv(0xa2, smallInteger(48)),
      ),
    ),
  },
}

function ecdsa(namedCurve: string, hash: string, id: string): Scheme {
  return {
    generate: { name: 'ECDSA', namedCurve } satisfies EcKeyGenParams,
    use: { name: 'ECDSA', hash } satisfies EcdsaParams,
    identifier: sequence(oid(id)),
  }
}

/** Makes a fresh key pair. RSA of 4096 bits takes about a second. */
export async function generatePkiKey(algorithm: PkiAlgorithm): Promise<PkiKey> {
  const { generate, use } = SCHEMES[algorithm]
  const { privateKey, publicKey } = await crypto.subtle.generateKey(generate, true, ['sign', 'verify'])
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey))
  const point =
    algorithm === 'rsa-pss-4096' ? spki : new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)).slice(1)
  const sign = async (message: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign(use, privateKey, Uint8Array.from(message)))
  return { algorithm, spki, point, sign }
}

/** Attributes of a name in order: dotted type and value. */
export type PkiName = readonly (readonly [type: string, value: string])[]

/** Common name and an organisation that says whose simulation it is. */
export const simulatedName = (commonName: string, vendor: string): PkiName => [
  ['2.5.4.3', commonName],
  ['2.5.4.10', `Spartan Simulation (not ${vendor})`],
]

/** What one certificate says. */
export interface PkiCertificateFields {
  /** Big-endian. */
  readonly serial: Uint8Array
  readonly subject: PkiName
  readonly subjectKey: Pick<PkiKey, 'spki'>
  readonly issuer: PkiName
  readonly issuerKey: PkiKey
  readonly validity: Validity
  /** DER of whole Extension values; see {@link pkiExtension}, {@link caExtensions} and {@link leafExtensions}. */
  readonly extensions: readonly Uint8Array[]
}

/** Issues one X.509 v3 certificate. */
export async function issuePkiCertificate(fields: PkiCertificateFields): Promise<Uint8Array<ArrayBuffer>> {
  const { identifier } = SCHEMES[fields.issuerKey.algorithm]
  const toBeSigned = sequence(
    tlv(0xa0, smallInteger(2)),
    unsignedInteger(fields.serial),
    identifier,
    distinguishedName(fields.issuer),
    sequence(time(fields.validity.from), time(fields.validity.until)),
    distinguishedName(fields.subject),
    fields.subjectKey.spki,
    ...(fields.extensions.length > 0 ? [tlv(0xa3, sequence(...fields.extensions))] : []),
  )
  return signPkiBody(toBeSigned, fields.issuerKey)
}

/** What one CRL says. */
export interface PkiCrlFields {
  readonly issuer: PkiName
  readonly issuerKey: PkiKey
  readonly validity: Validity
  readonly crlNumber: number
  /** Serial numbers, big-endian. */
  readonly revokedSerials: readonly Uint8Array[]
}

/** Issues one X.509 v2 CRL; the list of entries is absent when nothing is revoked (RFC 5280 §5.1.2.6). */
export async function issuePkiCrl(fields: PkiCrlFields): Promise<Uint8Array<ArrayBuffer>> {
  const { from, until } = fields.validity
  const entries = fields.revokedSerials.map((serial) => sequence(unsignedInteger(serial), time(from)))
  const toBeSigned = sequence(
    smallInteger(1),
    SCHEMES[fields.issuerKey.algorithm].identifier,
    distinguishedName(fields.issuer),
    time(from),
    time(until),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    tlv(0xa0, sequence(pkiExtension('2.5.29.20', smallInteger(fields.crlNumber)))),
  )
  return signPkiBody(toBeSigned, fields.issuerKey)
}

/** SEQUENCE { body, AlgorithmIdentifier, BIT STRING signature, …tail }: certificates, CRLs, OCSP responses. */
export async function signPkiBody(
  body: Uint8Array,
  key: PkiKey,
  ...tail: readonly Uint8Array[]
): Promise<Uint8Array<ArrayBuffer>> {
  const raw = await key.sign(body)
  const half = raw.length / 2
  const pair = () => sequence(unsignedInteger(raw.subarray(0, half)), unsignedInteger(raw.subarray(half)))
  const signature = key.algorithm === 'rsa-pss-4096' ? raw : pair()
  return sequence(body, SCHEMES[key.algorithm].identifier, bitString(signature), ...tail)
}

/** One X.509 extension by its dotted id. */
export const pkiExtension = (id: string, value: Uint8Array, critical = false) => extension(oid(id), value, critical)

/** Extended key usage of these purposes, dotted ids. */
export const extendedKeyUsage = (purposes: readonly string[], critical = false) =>
  pkiExtension('2.5.29.37', sequence(...purposes.map((purpose) => oid(purpose))), critical)

/** BasicConstraints (CA, with a path length where given) and KeyUsage keyCertSign + cRLSign, both critical. */
export function caExtensions(pathLength?: number): readonly Uint8Array[] {
  const constraints = sequence(boolean(true), ...(pathLength === undefined ? [] : [smallInteger(pathLength)]))
  return [
    pkiExtension('2.5.29.19', constraints, true),
    pkiExtension('2.5.29.15', bitString(Uint8Array.of(0x06), 1), true),
  ]
}

/** KeyUsage digitalSignature, critical. */
export function leafExtensions(): readonly Uint8Array[] {
  return [pkiExtension('2.5.29.15', bitString(Uint8Array.of(0x80), 7), true)]
}

/** Name ::= SEQUENCE OF SET OF { type, UTF8String }. */
export function distinguishedName(name: PkiName): Uint8Array<ArrayBuffer> {
  return sequence(...name.map(([type, value]) => set(sequence(oid(type), utf8String(value)))))
}
