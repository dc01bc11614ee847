import { contentOf, type DerDocument, expectLast, failAt, readUnsigned, TAG } from '../internal/der.ts'
import type { EcPublicKey } from '../internal/signatures.ts'
import { KEY_USAGE, parseCertificate, type X509Certificate } from '../internal/x509.ts'
import type { Extension } from '../internal/x509Extensions.ts'
import type { SnpSigningKey } from './parse.ts'
import { PRODUCT_TRAITS, productOfName, reject, type SnpProduct, type SnpTcb } from './product.ts'

/** An endorsement key certificate: VCEK (of one chip) or VLEK (of one cloud provider), for one TCB. */
export interface SnpVek extends VekCertificate {
  /** Product line in productName; the stepping behind it says nothing. */
  readonly product: SnpProduct
  /** The TCB that the key was derived for. */
  readonly tcb: SnpTcb
  /** VCEK: the chip, 64 bytes (Turin: 8). */
  readonly hardwareId: Uint8Array | undefined
  /** VLEK: the cloud provider, for example `CN=cc-us-east-2.amazonaws.com`. */
  readonly cspId: string | undefined
}

/** Arc 1.3.6.1.4.1.3704.1 of AMD, content bytes in hex. Source: AMD 57230, VCEK certificate extensions. */
const AMD_ARC = '2b060104019c7801'
const OID = {
  structVersion: `${AMD_ARC}01`,
  productName: `${AMD_ARC}02`,
  bootLoader: `${AMD_ARC}0301`,
  tee: `${AMD_ARC}0302`,
  snp: `${AMD_ARC}0303`,
  spl4: `${AMD_ARC}0304`,
  spl5: `${AMD_ARC}0305`,
  spl6: `${AMD_ARC}0306`,
  spl7: `${AMD_ARC}0307`,
  microcode: `${AMD_ARC}0308`,
  fmc: `${AMD_ARC}0309`,
  hardwareId: `${AMD_ARC}04`,
  cspId: `${AMD_ARC}05`,
} as const
/** Names of the extensions in errors. */
type ExtensionName = keyof typeof OID

/** Security version numbers that no component has yet: present, and zero. Turin uses the place of the first for FMC. */
const RESERVED_SPLS: Readonly<Record<number, readonly ExtensionName[]>> = {
  0: ['spl4', 'spl5', 'spl6', 'spl7'],
  1: ['spl5', 'spl6', 'spl7'],
}
const KINDS: Readonly<Record<string, SnpSigningKey>> = { 'SEV-VCEK': 'vcek', 'SEV-VLEK': 'vlek' }
const TAG_IA5_STRING = 0x16
const MAX_TEXT = 128

/** A certificate that says it is a VCEK or VLEK; its extensions are not read yet. */
export interface VekCertificate {
  readonly certificate: X509Certificate
  readonly key: EcPublicKey
  readonly kind: SnpSigningKey
}

/**
 * Parses a VCEK or VLEK certificate: a leaf for signing with a P-384 key and one of the two common names.
 *
 * Proves: its form. Does not prove: who issued it. AMD's extensions are for {@link readVek}, after its signature.
 *
 * @throws {MalformedEvidenceError} SNP_VEK_MALFORMED.
 * @throws {EvidenceRejectedError} SNP_VEK_MALFORMED.
 */
export function parseVekCertificate(document: DerDocument): VekCertificate {
  const certificate = parseCertificate(document)
  const { key, isCa, keyUsage } = certificate
  const kind = KINDS[certificate.commonName]
  if (!kind) throw reject('SNP_VEK_MALFORMED', `common name ${JSON.stringify(certificate.commonName)}`)
  if (isCa === true || (keyUsage !== undefined && (keyUsage & KEY_USAGE.digitalSignature) === 0)) {
    throw reject('SNP_VEK_MALFORMED', 'not a signing leaf')
  }
  if (key.type !== 'ec' || key.curve !== 'P-384') throw reject('SNP_VEK_MALFORMED', 'not a P-384 key')
  return { certificate, key, kind }
}

/**
 * Reads AMD's extensions of a certificate; every one that AMD's carry has to be there.
 *
 * @throws {MalformedEvidenceError} SNP_VEK_EXTENSION_MALFORMED.
 * @throws {EvidenceRejectedError} SNP_VEK_EXTENSION_MISSING, SNP_PRODUCT_UNKNOWN, SNP_HWID_MISSING, SNP_HWID_LENGTH_WRONG.
 */
export function readVek(vek: VekCertificate): SnpVek {
  const read = new ExtensionReader(vek.certificate)
  const productName = read.text('productName')
  const product = productOfName(productName)
  if (!product) throw reject('SNP_PRODUCT_UNKNOWN', `productName ${JSON.stringify(productName)}`)
  return { ...vek, product, tcb: readTcb(read, product), ...readIdentity(read, vek.kind, product) }
}

function readTcb(read: ExtensionReader, product: SnpProduct): SnpTcb {
  const { structVersion } = PRODUCT_TRAITS[product]
  const version = read.integer('structVersion')
  if (version !== structVersion) read.fail('structVersion', `${structVersion} for ${product}`)
  for (const name of RESERVED_SPLS[structVersion] ?? []) {
    if (read.integer(name) !== 0) read.fail(name, 'zero')
  }
  const tcb = {
    bootLoader: read.integer('bootLoader'),
    tee: read.integer('tee'),
    snp: read.integer('snp'),
    microcode: read.integer('microcode'),
  }
  if (structVersion === 0) {
    if (read.has('fmc')) read.fail('fmc', `no such extension for ${product}`)
    return { ...tcb, fmc: 0 }
  }
  if (read.has('spl4') && read.integer('spl4') !== 0) read.fail('spl4', 'zero')
  return { ...tcb, fmc: read.integer('fmc') }
}

function readIdentity(read: ExtensionReader, kind: SnpSigningKey, product: SnpProduct) {
  if (kind === 'vlek') {
    if (read.has('hardwareId')) read.fail('hardwareId', 'no such extension in a VLEK')
    return { hardwareId: undefined, cspId: read.text('cspId') }
  }
  if (read.has('cspId')) read.fail('cspId', 'no such extension in a VCEK')
  if (!read.has('hardwareId')) throw reject('SNP_HWID_MISSING')
  return { hardwareId: readHardwareId(read.bytes('hardwareId'), product), cspId: undefined }
}

/** The identifier as bare bytes, or as an OCTET STRING around them: AMD has issued both. The length decides which. */
function readHardwareId(value: Uint8Array, product: SnpProduct): Uint8Array {
  const size = PRODUCT_TRAITS[product].chipIdSize
  if (value.length === size) return value
  if (value.length === size + 2 && value[0] === TAG.octetString && value[1] === size) return value.subarray(2)
  throw reject('SNP_HWID_LENGTH_WRONG', `expected ${size} bytes for ${product}, got ${value.length}`)
}

/** Reads AMD's extensions of one certificate. */
class ExtensionReader {
  readonly #extensions: X509Certificate['extensions']
  readonly #document: DerDocument

  constructor({ document, extensions }: X509Certificate) {
    this.#extensions = extensions
    this.#document = { bytes: document.bytes, code: 'SNP_VEK_EXTENSION_MALFORMED' }
  }

  has(name: ExtensionName): boolean {
    return this.#extensions.has(OID[name])
  }

  fail(name: ExtensionName, expected: string): never {
    return failAt(this.#document, this.#find(name).start, `${name}: ${expected}`)
  }

  bytes(name: ExtensionName): Uint8Array {
    const { start, stop } = this.#find(name)
    return this.#document.bytes.subarray(start, stop)
  }

  /** INTEGER of 0 to 255. Above 127 it takes two content bytes: the whole number counts, not its last byte. */
  integer(name: ExtensionName): number {
    const { start, stop } = this.#find(name)
    const integer = readUnsigned(this.#document, start, stop, 1)
    if (integer.stop !== stop) failAt(this.#document, integer.stop, `the end of ${name}`)
    return integer.value[0] ?? 0
  }

  /** IA5String. */
  text(name: ExtensionName): string {
    const { start, stop } = this.#find(name)
    const content = contentOf(this.#document, expectLast(this.#document, start, stop, TAG_IA5_STRING))
    if (content.length === 0 || content.length > MAX_TEXT || content.some((byte) => byte < 0x20 || byte > 0x7e)) {
      failAt(this.#document, start, `${name}: 1 to ${MAX_TEXT} printable ASCII letters`)
    }
    return String.fromCharCode(...content)
  }

  #find(name: ExtensionName): Extension {
    const extension = this.#extensions.get(OID[name])
    if (!extension) throw reject('SNP_VEK_EXTENSION_MISSING', `extension ${name}`)
    return extension
  }
}
