import { MalformedEvidenceError } from '../../errors.ts'
import { fromHex } from '../../internal/bytes.ts'
import { DIGEST_SIZE } from '../constants.ts'
import type { RimMeasurement } from '../measurements.ts'
import type { XmlElement } from './xml.ts'

/** What a manifest says, once its signature holds. */
export interface RimContent {
  /** Tag id that NVIDIA gave the manifest. */
  readonly tagId: string
  readonly edition: 'GPU' | 'SWITCH'
  /** Chip, for example `GH100`. */
  readonly product: string
  /** Version of the driver or VBIOS. */
  readonly version: string
  readonly measurements: readonly RimMeasurement[]
}

const NAMESPACE = {
  swid: 'http://standards.iso.org/iso/19770/-2/2015/schema.xsd',
  sha384: 'http://www.w3.org/2001/04/xmlenc#sha384',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
} as const

const MAX_MEASUREMENTS = 256
const MAX_ALTERNATIVES = 64

function malformed(element: XmlElement, expected: string, got = element.qualifiedName): never {
  throw new MalformedEvidenceError('NVIDIA_RIM_MALFORMED', { offset: element.offset, expected, got })
}

/**
 * Reads the SWID tag: one Meta, one Payload with Resources of type Measurement. Whatever else could state a reference value is
 * refused, not read over.
 *
 * Source: ISO/IEC 19770-2:2015; TCG PC Client Reference Integrity Manifest 1.04, §3; NVIDIA attestation SDK, rim.cpp.
 *
 * @throws {MalformedEvidenceError} NVIDIA_RIM_MALFORMED.
 */
export function readSwid(root: XmlElement): RimContent {
  if (root.namespace !== NAMESPACE.swid || root.localName !== 'SoftwareIdentity') malformed(root, 'SoftwareIdentity')
  const children = elementsOf(root)
  for (const child of children) {
    const known = child.namespace === NAMESPACE.swid ? ['Entity', 'Meta', 'Payload'] : ['Signature']
    if (!known.includes(child.localName)) malformed(child, known.join(', '))
  }
  const meta = only(root, children, 'Meta')
  const payload = only(root, children, 'Payload')
  const edition = attributeOf(meta, 'edition')
  if (edition !== 'GPU' && edition !== 'SWITCH') malformed(meta, 'edition GPU or SWITCH', edition)
  return {
    tagId: attributeOf(root, 'tagId'),
    edition,
    product: attributeOf(meta, 'product'),
    version: attributeOf(meta, 'colloquialVersion'),
    measurements: readPayload(payload),
  }
}

function readPayload(payload: XmlElement): readonly RimMeasurement[] {
  const resources = elementsOf(payload)
  if (resources.length === 0 || resources.length > MAX_MEASUREMENTS)
    malformed(payload, `1 to ${MAX_MEASUREMENTS} resources`)
  const indexes = new Set<number>()
  return resources.map((resource) => {
    const measurement = readResource(resource)
    if (indexes.has(measurement.index)) malformed(resource, 'each index once', `${measurement.index}`)
    indexes.add(measurement.index)
    return measurement
  })
}

function readResource(resource: XmlElement): RimMeasurement {
  if (resource.namespace !== NAMESPACE.swid || resource.localName !== 'Resource') malformed(resource, 'Resource')
  if (elementsOf(resource).length > 0) malformed(resource, 'an empty Resource')
  const type = attributeOf(resource, 'type')
  if (type !== 'Measurement') malformed(resource, 'type Measurement', type)
  const active = attributeOf(resource, 'active')
  if (active !== 'True' && active !== 'False') malformed(resource, 'active True or False', active)
  const size = readCount(resource, 'size', DIGEST_SIZE)
  if (size !== DIGEST_SIZE) malformed(resource, `size ${DIGEST_SIZE}`, `${size}`)
  return {
    index: readCount(resource, 'index', MAX_MEASUREMENTS - 1),
    name: attributeOf(resource, 'name'),
    active: active === 'True',
    values: readValues(resource, active === 'True'),
  }
}

/** `alternatives` values Hash0, Hash1, …: no fewer, no more. */
function readValues(resource: XmlElement, active: boolean): readonly Uint8Array[] {
  const alternatives = readCount(resource, 'alternatives', MAX_ALTERNATIVES)
  const hashes = resource.attributes.filter(({ namespace }) => namespace === NAMESPACE.sha384)
  if ((active && alternatives === 0) || hashes.length !== alternatives)
    malformed(resource, `${alternatives} hashes`, `${hashes.length}`)
  return Array.from({ length: alternatives }, (_, place) => {
    const value = hashes.find(({ localName }) => localName === `Hash${place}`)?.value ?? ''
    if (!/^[0-9a-fA-F]{96}$/.test(value)) malformed(resource, `Hash${place} of 48 bytes`, value.slice(0, 100))
    return fromHex(value)
  })
}

const elementsOf = ({ children }: XmlElement) => children.filter((child) => typeof child !== 'string')

function only(root: XmlElement, children: readonly XmlElement[], name: string): XmlElement {
  const [found, ...more] = children.filter(
    ({ namespace, localName }) => namespace === NAMESPACE.swid && localName === name,
  )
  return found && more.length === 0 ? found : malformed(root, `one ${name}`, `${found ? more.length + 1 : 0}`)
}

function attributeOf(element: XmlElement, name: string): string {
  const found = element.attributes.find(({ namespace, localName }) => namespace === '' && localName === name)
  return found?.value ?? malformed(element, `the attribute ${name}`)
}

function readCount(element: XmlElement, name: string, max: number): number {
  const text = attributeOf(element, name)
  const count = /^(0|[1-9]\d{0,3})$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY
  return count <= max ? count : malformed(element, `${name} up to ${max}`, text)
}
