import { MalformedEvidenceError } from '../../errors.ts'
import { fromBase64 } from '../../internal/bytes.ts'
import { DIGEST_SIZE, MAX_CHAIN_CERTIFICATES, SPDM } from '../constants.ts'
import { canonicalXml } from './canonicalXml.ts'
import type { XmlElement } from './xml.ts'

/** An enveloped signature over a whole document, taken apart. Nothing checked yet but its form. */
export interface EnvelopedSignature {
  /** Canonical bytes of the document without the signature: what the digest is of. */
  readonly signedContent: Uint8Array<ArrayBuffer>
  /** SHA-384 that the signature states for it. */
  readonly digest: Uint8Array
  /** Canonical bytes of SignedInfo: what the signature is over. */
  readonly signedInfo: Uint8Array<ArrayBuffer>
  /** r‖s, 96 bytes. */
  readonly signature: Uint8Array
  /** DER, signer first. */
  readonly certificates: readonly Uint8Array[]
}

const NAMESPACE = 'http://www.w3.org/2000/09/xmldsig#'
const ALGORITHM = {
  canonical: 'http://www.w3.org/2006/12/xml-c14n11',
  signature: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  digest: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
} as const

function unsupported(element: XmlElement, expected: string, got = element.qualifiedName): never {
  throw new MalformedEvidenceError('NVIDIA_RIM_SIGNATURE_UNSUPPORTED', { offset: element.offset, expected, got })
}

/**
 * Reads the one signature of a manifest: a direct child of the root element, over the document that the root is (`URI=""`),
 * with exactly the transforms and algorithms that NVIDIA uses. There is no reference by id, so nothing but the whole document
 * can be what is signed, and what is read afterwards is the same tree.
 *
 * Source: W3C XML Signature Syntax and Processing 1.1, §4; TCG Reference Integrity Manifest, §4.
 *
 * @throws {MalformedEvidenceError} NVIDIA_RIM_SIGNATURE_UNSUPPORTED.
 */
export function readEnvelopedSignature(root: XmlElement): EnvelopedSignature {
  const signatures = elementsOf(root).filter(isNamed('Signature'))
  const [signature] = signatures
  if (!signature || signatures.length !== 1) return unsupported(root, 'one signature below the root element')
  // A second one anywhere else is how wrapping begins.
  const all = count(root, isNamed('Signature'))
  if (all !== 1) unsupported(root, 'one signature in the document', `${all}`)
  const [signedInfo, value, keyInfo] = childrenOf(signature, ['SignedInfo', 'SignatureValue', 'KeyInfo'])
  return {
    signedContent: canonicalXml(root, signature),
    digest: readSignedInfo(signedInfo),
    signedInfo: canonicalXml(signedInfo),
    signature: readBytes(value, SPDM.signatureSize),
    certificates: readCertificates(keyInfo),
  }
}

/** Checks every algorithm; the digest value of the one reference. */
function readSignedInfo(signedInfo: XmlElement): Uint8Array {
  const [method, signatureMethod, reference] = childrenOf(signedInfo, [
    'CanonicalizationMethod',
    'SignatureMethod',
    'Reference',
  ])
  expectAlgorithm(method, ALGORITHM.canonical)
  expectAlgorithm(signatureMethod, ALGORITHM.signature)
  const [transforms, digestMethod, digestValue] = childrenOf(
    reference,
    ['Transforms', 'DigestMethod', 'DigestValue'],
    [['URI', '']],
  )
  const [enveloped, canonical] = childrenOf(transforms, ['Transform', 'Transform'])
  expectAlgorithm(enveloped, ALGORITHM.enveloped)
  expectAlgorithm(canonical, ALGORITHM.canonical)
  expectAlgorithm(digestMethod, ALGORITHM.digest)
  return readBytes(digestValue, DIGEST_SIZE)
}

function readCertificates(keyInfo: XmlElement): readonly Uint8Array[] {
  const [data] = childrenOf(keyInfo, ['X509Data'])
  const certificates = elementsOf(data)
  if (certificates.length === 0 || certificates.length > MAX_CHAIN_CERTIFICATES) {
    unsupported(data, `1 to ${MAX_CHAIN_CERTIFICATES} certificates`, `${certificates.length}`)
  }
  childrenOf(
    data,
    certificates.map(() => 'X509Certificate'),
  )
  return certificates.map((certificate) => readBytes(certificate))
}

const elementsOf = ({ children }: XmlElement) => children.filter((child) => typeof child !== 'string')
const isNamed =
  (localName: string) =>
  (element: XmlElement): boolean =>
    element.namespace === NAMESPACE && element.localName === localName

const count = (element: XmlElement, matches: (element: XmlElement) => boolean): number =>
  elementsOf(element).reduce((sum, child) => sum + count(child, matches), matches(element) ? 1 : 0)

type Children<Names extends readonly string[]> = { readonly [Index in keyof Names]: XmlElement }

/** The children of these names in this order and nothing else but white space; the element has exactly these attributes. */
function childrenOf<const Names extends readonly string[]>(
  element: XmlElement,
  names: Names,
  attributes: readonly (readonly [string, string])[] = [],
): Children<Names> {
  expectAttributes(element, attributes)
  const elements = elementsOf(element)
  const stray = element.children.some((child) => typeof child === 'string' && child.trim() !== '')
  const matches = elements.length === names.length && names.every((name, index) => isNamedAt(elements, index, name))
  if (stray || !matches) unsupported(element, `exactly ${names.join(', ') || 'nothing'} inside`)
  return elements as Children<Names>
}

const isNamedAt = (elements: readonly XmlElement[], index: number, name: string) => {
  const element = elements[index]
  return element !== undefined && isNamed(name)(element)
}

function expectAttributes(element: XmlElement, expected: readonly (readonly [string, string])[]): void {
  const { attributes } = element
  const same = expected.every(([name, value]) =>
    attributes.some((attribute) => attribute.qualifiedName === name && attribute.value === value),
  )
  if (!same || attributes.length !== expected.length) {
    unsupported(element, expected.map(([name, value]) => `${name}="${value}"`).join(' ') || 'no attribute')
  }
}

const expectAlgorithm = (element: XmlElement, algorithm: string) => childrenOf(element, [], [['Algorithm', algorithm]])

/** Base64 of exactly `size` bytes, where given; line breaks may stand in it. */
function readBytes(element: XmlElement, size?: number): Uint8Array {
  expectAttributes(element, [])
  const [text = '', ...more] = element.children
  if (typeof text !== 'string' || more.length > 0) return unsupported(element, 'text')
  const bytes = fromBase64(text.replace(/[ \t\n]/g, ''))
  if (bytes === undefined || bytes.length === 0 || (size !== undefined && bytes.length !== size)) {
    return unsupported(element, size === undefined ? 'base64' : `${size} bytes in base64`)
  }
  return bytes
}
