import { toBase64, toHex } from '../encoding.ts'
import type { NvidiaAuthority } from './authority.ts'

/** What one manifest says. */
export interface NvidiaRimFields {
  readonly edition: 'GPU' | 'SWITCH'
  /** Chip, for example `GH100`. */
  readonly product: string
  readonly version: string
  /** By RIM index; 48 bytes each alternative. */
  readonly measurements: readonly {
    readonly index: number
    readonly active: boolean
    readonly values: readonly Uint8Array[]
  }[]
}

const NAMESPACE = {
  swid: 'http://standards.iso.org/iso/19770/-2/2015/schema.xsd',
  sha384: 'http://www.w3.org/2001/04/xmlenc#sha384',
  rim: 'https://trustedcomputinggroup.org/resource/tcg-reference-integrity-manifest-rim-information-model/',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
} as const
const C14N11 = 'http://www.w3.org/2006/12/xml-c14n11'
const SCOPE = `xmlns="${NAMESPACE.swid}" xmlns:ns0="${NAMESPACE.swid}" xmlns:ns2="${NAMESPACE.sha384}"`
const RIM_ATTRIBUTES =
  'ns1:BindingSpec="RIMIM" ns1:BindingSpecVersion="1.01" ns1:FirmwareManufacturer="Spartan Simulation" ns1:FirmwareManufacturerId="0"'

/** The SWID tag as published and in canonical form, up to and from where the signature stands. */
interface SwidText {
  readonly published: readonly [head: string, tail: string]
  readonly canonical: string
}

/**
 * Issues a reference integrity manifest as NVIDIA does: SWID tag, enveloped XML signature with Canonical XML 1.1 and
 * ECDSA-SHA384, certificates in it.
 *
 * The canonical form is written out here beside the published one, attributes in canonical order, empty elements with end tags: it is
 * made without a canonicaliser, so that the verifier's is tested against something else.
 *
 * @param chain - Signer first, root last.
 */
export async function issueNvidiaRim(
  fields: NvidiaRimFields,
  chain: readonly NvidiaAuthority[],
): Promise<Uint8Array<ArrayBuffer>> {
  const [signer] = chain
  if (!signer) throw new RangeError('chain: expected a signer')
  const { published, canonical } = swidText(fields)
  const digest = toBase64(await sha384(canonical))
  const signature = toBase64(await signer.key.sign(new TextEncoder().encode(signedInfo(digest, true))))
  const certificates = chain.map(
    ({ certificate }) => `<ds:X509Certificate>${wrap(toBase64(certificate))}</ds:X509Certificate>`,
  )
  const keyInfo = `<ds:KeyInfo><ds:X509Data>${certificates.join('')}</ds:X509Data></ds:KeyInfo>`
  const value = `<ds:SignatureValue>${signature}</ds:SignatureValue>`
  const element = `<ds:Signature xmlns:ds="${NAMESPACE.signature}">${signedInfo(digest, false)}${value}${keyInfo}</ds:Signature>`
  return new TextEncoder().encode(published[0] + element + published[1])
}

const sha384 = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest('SHA-384', new TextEncoder().encode(text)))
const wrap = (base64: string) => `${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n`

function swidText({ edition, product, version, measurements }: NvidiaRimFields): SwidText {
  const tagId = toHex(new TextEncoder().encode(`${edition} ${product} ${version}`))
  const meta = `PayloadType="direct" colloquialVersion="${version}" edition="${edition}" product="${product}" revision="r1" ${RIM_ATTRIBUTES}`
  const resources = measurements.map(({ index, active, values }) => {
    const flag = active ? 'True' : 'False'
    const attributes = values.map((value, place) => [`ns2:Hash${place}`, toHex(value)] as const)
    // Canonical order is that of the names: Hash10 stands before Hash2.
    const hashesOf = (pairs: typeof attributes) => pairs.map(([key, digest]) => `${key}="${digest}"`).join(' ')
    const sorted = attributes.toSorted(([left], [right]) => (left < right ? -1 : 1))
    const name = `Measurement_${index}`
    return {
      published: `type="Measurement" index="${index}" active="${flag}" alternatives="${values.length}" ${hashesOf(attributes)} name="${name}" size="48"`,
      canonical: `active="${flag}" alternatives="${values.length}" index="${index}" name="${name}" size="48" type="Measurement" ${hashesOf(sorted)}`,
    }
  })
  const entity = 'ns0:Entity name="Spartan Simulation"'
  return {
    published: [
      [
        `<SoftwareIdentity ${SCOPE} corpus="false" name="${product}" tagId="${tagId}" version="1.0" tagVersion="0">`,
        `    <${entity} role="softwareCreator tagCreator"/>`,
        `    <ns0:Meta xmlns:ns1="${NAMESPACE.rim}" ${meta}/>`,
        `    <ns0:Payload xmlns:SHA384="${NAMESPACE.sha384}">`,
        ...resources.map(({ published }) => `        <ns0:Resource ${published}/>`),
        '    </ns0:Payload>',
      ].join('\n'),
      '</SoftwareIdentity>',
    ],
    canonical: [
      `<SoftwareIdentity ${SCOPE} corpus="false" name="${product}" tagId="${tagId}" tagVersion="0" version="1.0">`,
      `    <${entity} role="softwareCreator tagCreator"></ns0:Entity>`,
      `    <ns0:Meta xmlns:ns1="${NAMESPACE.rim}" ${meta}></ns0:Meta>`,
      `    <ns0:Payload xmlns:SHA384="${NAMESPACE.sha384}">`,
      ...resources.map(({ canonical }) => `        <ns0:Resource ${canonical}></ns0:Resource>`),
      '    </ns0:Payload></SoftwareIdentity>',
    ].join('\n'),
  }
}

/** SignedInfo; in canonical form it declares every namespace in scope. */
function signedInfo(digest: string, isCanonical: boolean): string {
  const scope = isCanonical
    ? ` xmlns="${NAMESPACE.swid}" xmlns:ds="${NAMESPACE.signature}" xmlns:ns0="${NAMESPACE.swid}" xmlns:ns2="${NAMESPACE.sha384}"`
    : ''
  const empty = (name: string, algorithm: string) =>
    isCanonical ? `<ds:${name} Algorithm="${algorithm}"></ds:${name}>` : `<ds:${name} Algorithm="${algorithm}"/>`
  return [
    `<ds:SignedInfo${scope}>`,
    empty('CanonicalizationMethod', C14N11),
    empty('SignatureMethod', 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384'),
    '<ds:Reference URI=""><ds:Transforms>',
    empty('Transform', 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'),
    empty('Transform', C14N11),
    '</ds:Transforms>',
    empty('DigestMethod', 'http://www.w3.org/2001/04/xmldsig-more#sha384'),
    `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`,
  ].join('')
}
