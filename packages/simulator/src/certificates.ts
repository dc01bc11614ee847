import {
  bitString,
  boolean,
  concat,
  ecdsaSignature,
  enumerated,
  octetString,
  oid,
  printableString,
  sequence,
  set,
  smallInteger,
  time,
  tlv,
  unsignedInteger,
  utf8String,
} from './der.ts'
import type { SigningKey } from './keys.ts'
import type { Validity } from './types.ts'

/** Organisation name in every certificate of a simulation, where Intel's carry "Intel Corporation". */
export const SIMULATION_ORGANISATION = 'Spartan Simulation (not Intel)'

const OID = {
  ecdsaWithSha256: oid('1.2.840.10045.4.3.2'),
  ecPublicKey: oid('1.2.840.10045.2.1'),
  prime256v1: oid('1.2.840.10045.3.1.7'),
  authorityKeyIdentifier: oid('2.5.29.35'),
  subjectKeyIdentifier: oid('2.5.29.14'),
  crlDistributionPoints: oid('2.5.29.31'),
  keyUsage: oid('2.5.29.15'),
  basicConstraints: oid('2.5.29.19'),
  crlNumber: oid('2.5.29.20'),
  reasonCode: oid('2.5.29.21'),
} as const

const SIGNATURE_ALGORITHM = sequence(OID.ecdsaWithSha256)

/** What one certificate says. `pathLength` undefined means "not a CA". */
export interface CertificateFields {
  readonly serial: Uint8Array
  readonly commonName: string
  readonly subjectKey: SigningKey
  readonly issuerName: string
  readonly issuerKey: SigningKey
  readonly validity: Validity
  readonly pathLength?: number | 'unlimited' | undefined
  readonly crlUrl: string
  /** Further extension, DER of the whole Extension value. */
  readonly extension?: Uint8Array | undefined
}

/** Issues one X.509 v3 certificate with the extensions, in the order, that Intel's certificates carry. */
export async function issueCertificate(fields: CertificateFields): Promise<Uint8Array<ArrayBuffer>> {
  const isCa = fields.pathLength !== undefined
  const extensions = sequence(
    await authorityKeyIdentifier(fields.issuerKey),
    extension(OID.crlDistributionPoints, crlDistributionPoint(fields.crlUrl)),
    extension(OID.subjectKeyIdentifier, octetString(await keyIdentifier(fields.subjectKey))),
    extension(OID.keyUsage, isCa ? bitString(Uint8Array.of(0x06), 1) : bitString(Uint8Array.of(0xc0), 6), true),
    extension(OID.basicConstraints, basicConstraints(fields.pathLength), true),
    ...(fields.extension ? [fields.extension] : []),
  )
  const toBeSigned = sequence(
    tlv(0xa0, smallInteger(2)),
    unsignedInteger(fields.serial),
    SIGNATURE_ALGORITHM,
    distinguishedName(fields.issuerName),
    sequence(time(fields.validity.from), time(fields.validity.until)),
    distinguishedName(fields.commonName),
    sequence(sequence(OID.ecPublicKey, OID.prime256v1), bitString(fields.subjectKey.publicKey)),
    tlv(0xa3, extensions),
  )
  return signed(toBeSigned, fields.issuerKey)
}

/** What one CRL says. */
export interface CrlFields {
  readonly issuerName: string
  readonly issuerKey: SigningKey
  readonly validity: Validity
  readonly crlNumber: number
  /** Serial numbers, big-endian. */
  readonly revokedSerials: readonly Uint8Array[]
}

/** Issues one X.509 v2 CRL; the list of entries is absent when nothing is revoked (RFC 5280 §5.1.2.6). */
export async function issueCrl(fields: CrlFields): Promise<Uint8Array<ArrayBuffer>> {
  const keyCompromise = sequence(extension(OID.reasonCode, enumerated(1)))
  const entries = fields.revokedSerials.map((serial) =>
    sequence(unsignedInteger(serial), time(fields.validity.from), keyCompromise),
  )
  const toBeSigned = sequence(
    smallInteger(1),
    SIGNATURE_ALGORITHM,
    distinguishedName(fields.issuerName),
    time(fields.validity.from),
    time(fields.validity.until),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    tlv(
      0xa0,
      sequence(
        extension(OID.crlNumber, smallInteger(fields.crlNumber)),
        await authorityKeyIdentifier(fields.issuerKey),
      ),
    ),
  )
  return signed(toBeSigned, fields.issuerKey)
}

/** One X.509 extension. `critical` is written only when true: FALSE is the default and DER omits defaults. */
export function extension(id: Uint8Array, value: Uint8Array, critical = false): Uint8Array<ArrayBuffer> {
  return sequence(id, ...(critical ? [boolean(true)] : []), octetString(value))
}

async function signed(toBeSigned: Uint8Array, key: SigningKey): Promise<Uint8Array<ArrayBuffer>> {
  const signature = ecdsaSignature(await key.sign(toBeSigned))
  return sequence(toBeSigned, SIGNATURE_ALGORITHM, bitString(signature))
}

function distinguishedName(commonName: string): Uint8Array<ArrayBuffer> {
  const attribute = (type: string, value: Uint8Array) => set(sequence(oid(type), value))
  return sequence(
    attribute('2.5.4.3', utf8String(commonName)),
    attribute('2.5.4.10', utf8String(SIMULATION_ORGANISATION)),
    attribute('2.5.4.7', utf8String('Santa Clara')),
    attribute('2.5.4.8', utf8String('CA')),
    attribute('2.5.4.6', printableString('US')),
  )
}

/** SHA-1 of the public point, the usual key identifier (RFC 5280 §4.2.1.2); an identifier, not a security property. */
async function keyIdentifier(key: SigningKey): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-1', key.publicKey))
}

async function authorityKeyIdentifier(key: SigningKey): Promise<Uint8Array<ArrayBuffer>> {
  return extension(OID.authorityKeyIdentifier, sequence(tlv(0x80, await keyIdentifier(key))))
}

function crlDistributionPoint(url: string): Uint8Array<ArrayBuffer> {
  const uri = tlv(0x86, new TextEncoder().encode(url))
  return sequence(sequence(tlv(0xa0, tlv(0xa0, uri))))
}

function basicConstraints(pathLength: CertificateFields['pathLength']): Uint8Array<ArrayBuffer> {
  if (pathLength === undefined) return sequence()
  if (pathLength === 'unlimited') return sequence(boolean(true))
  return sequence(boolean(true), smallInteger(pathLength))
}

/** What the SGX extension of a PCK certificate says. */
export interface SgxExtensionFields {
  readonly ppid: Uint8Array
  /** The 16 component SVNs; also written as CPUSVN, as Intel does. */
  readonly componentSvns: readonly number[]
  readonly pceSvn: number
  readonly pceId: Uint8Array
  readonly fmspc: Uint8Array
  readonly platformInstanceId: Uint8Array
}

/** The SGX extension (1.2.840.113741.1.13.1) of a PCK certificate under the Platform CA. */
export function sgxExtension(fields: SgxExtensionFields): Uint8Array<ArrayBuffer> {
  const arc = (suffix: string) => oid(`1.2.840.113741.1.13.1.${suffix}`)
  const components = fields.componentSvns.map((svn, index) => sequence(arc(`2.${index + 1}`), smallInteger(svn)))
  const cpuSvn = Uint8Array.from(fields.componentSvns)
  const value = sequence(
    sequence(arc('1'), octetString(fields.ppid)),
    sequence(
      arc('2'),
      sequence(
        ...components,
        sequence(arc('2.17'), smallInteger(fields.pceSvn)),
        sequence(arc('2.18'), octetString(cpuSvn)),
      ),
    ),
    sequence(arc('3'), octetString(fields.pceId)),
    sequence(arc('4'), octetString(fields.fmspc)),
    sequence(arc('5'), enumerated(1)),
    sequence(arc('6'), octetString(fields.platformInstanceId)),
    sequence(arc('7'), sequence(...[1, 2, 3].map((flag) => sequence(arc(`7.${flag}`), boolean(true))))),
  )
  return extension(oid('1.2.840.113741.1.13.1'), value)
}

/** Serial number of 20 bytes whose sign bit is clear and whose first byte is not zero, as Intel's. */
export function serialFrom(random: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(((random[0] ?? 0) & 0x3f) | 0x40), random.subarray(1, 20))
}
