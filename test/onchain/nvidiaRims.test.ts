import {
  type NvidiaRimParts,
  nvidiaKeyIds,
  nvidiaOcspUploads,
  nvidiaParserAbi,
  nvidiaRimId,
  nvidiaRimUploads,
} from '@spartan/abi'
import { readNvidiaRim, verifyRim } from '@spartan/attestation'
import {
  createNvidiaAuthority,
  createNvidiaSimulation,
  extendedKeyUsage,
  issueNvidiaRim,
  issueOcspResponse,
  leafExtensions,
  type NvidiaRimFields,
  type NvidiaSimulation,
  OCSP_SIGNING,
} from '@spartan/simulator'
import { bytesToHex, type Hex, hexToString, keccak256, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { AT, rimParts, simulationRoots, VBIOS_VERSION, WINDOW } from '../support/nvidiaCase.ts'
import { type NvidiaChain, type NvidiaStores, startNvidia } from '../support/nvidiaWorld.ts'
import { outcome } from '../support/vendorChain.ts'

const value = (byte: number) => new Uint8Array(48).fill(byte)
const FIELDS: NvidiaRimFields = {
  edition: 'GPU',
  product: 'GH100',
  version: VBIOS_VERSION,
  measurements: [
    { index: 0, active: true, values: [value(1)] },
    { index: 1, active: false, values: [value(2)] },
    { index: 200, active: true, values: Array.from({ length: 12 }, (_, place) => value(0xa0 + place)) },
    { index: 35, active: false, values: [value(3)] },
    { index: 255, active: true, values: [value(4), value(5)] },
  ],
}
/** Places of the twelve alternatives in the order of their names. */
const BY_NAME = [0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9]
/** Digests as packed: index, number, 48 bytes each. */
const packed = (index: number, ...values: readonly Uint8Array[]) =>
  bytesToHex(Uint8Array.from([index, values.length, ...values.flatMap((digest) => [...digest])])).slice(2)

let chain: NvidiaChain
let stores: NvidiaStores
let simulation: NvidiaSimulation
let parts: NvidiaRimParts
beforeAll(async () => {
  chain = await startNvidia(AT)
  simulation = await createNvidiaSimulation({ now: AT })
  parts = await rimParts(simulation, FIELDS)
  stores = await chain.deploy({ simulation: simulationRoots(simulation) })
  await stores.uploadRim(parts, await simulation.issueOcsp(simulation.rimChain, WINDOW))
  await chain.keep()
})
afterEach(() => chain.reset())
afterAll(() => chain.close())

/** The last call of an upload, the manifest itself, with other arguments. */
async function upload(given: NvidiaRimParts, change: Partial<Record<0 | 1 | 2 | 3 | 4, Hex>> = {}): Promise<string> {
  const call = (await nvidiaRimUploads(given)).at(-1)
  if (!call) throw new Error('no call')
  const args = call.args.map((word, place) => change[place as 0] ?? word)
  return outcome(stores.rim({ ...call, args }))
}

describe('a manifest', () => {
  test('says what its document says: alternatives in the order of the document, which is that of their names', async () => {
    const [rim, simulated, earliestExpiry] = await stores.rimOf(nvidiaRimId(parts))
    expect({
      ...rim,
      product: hexToString(rim.product, { size: 32 }),
      version: hexToString(rim.version, { size: 32 }),
    }).toEqual({
      edition: 1,
      product: 'GH100',
      version: VBIOS_VERSION,
      active: 1n | (1n << 200n) | (1n << 255n),
      measurements: `0x${packed(0, value(1))}${packed(200, ...BY_NAME.map((place) => value(0xa0 + place)))}${packed(255, value(4), value(5))}`,
    })
    expect(simulated).toBe(true)
    expect(earliestExpiry).toBe(BigInt(WINDOW.until))
    expect(await upload(parts)).toBe('accepted')
    expect(await outcome(stores.rimOf(keccak256(nvidiaRimId(parts))))).toBe('NVIDIA_RIM_MISSING')
  })

  test('of a switch', async () => {
    const other = await rimParts(simulation, { ...FIELDS, edition: 'SWITCH', product: 'LS10' })
    expect(await upload(other)).toBe('accepted')
    expect((await stores.rimOf(nvidiaRimId(other)))[0].edition).toBe(2)
  })

  test('counts by digest and signature: no byte of it is free', async () => {
    const document = bytesToHex(parts.signedContent)
    const text = new TextDecoder().decode(parts.signedContent)
    const edited = (from: string, to: string) => bytesToHex(new TextEncoder().encode(text.replace(from, to)))
    const digest = bytesToHex(parts.digest)
    const flip = (hex: Hex): Hex => `${hex.slice(0, -1)}${hex.endsWith('0') ? '1' : '0'}` as Hex
    // Still a manifest, not the one that was signed.
    for (const [from, to] of [
      ['active="False"', 'active="True"'],
      ['product="GH100"', 'product="GH200"'],
      ['index="0"', 'index="9"'],
      ['0101', '0102'],
    ] as const) {
      expect(await upload(parts, { 1: edited(from, to) }), from).toBe('NVIDIA_RIM_DIGEST_MISMATCH')
    }
    expect(await upload(parts, { 2: flip(digest) })).toBe('NVIDIA_RIM_DIGEST_MISMATCH')
    expect(await upload(parts, { 2: '0x' })).toBe('NVIDIA_RIM_DIGEST_MISMATCH')
    expect(await upload(parts, { 3: flip(bytesToHex(parts.signature)) })).toBe('NVIDIA_RIM_SIGNATURE_INVALID')
    expect(await upload(parts, { 4: '0x' })).toBe('NVIDIA_RIM_SIGNATURE_INVALID')
    // Another document under the signature of this one.
    const other = await rimParts(simulation, { ...FIELDS, version: '96.00.9F.00.02' })
    const swapped = { 1: bytesToHex(other.signedContent), 2: bytesToHex(other.digest) }
    expect(await upload(parts, swapped)).toBe('NVIDIA_RIM_SIGNATURE_INVALID')
    expect(await upload(parts, { 1: document })).toBe('accepted')
  })
})

describe('its signer', () => {
  test('answers for no certificates: a leaf for OCSP is none, one with another purpose is', async () => {
    const [, ca, root] = simulation.rimChain
    if (!ca || !root) throw new Error('no CA')
    for (const [purpose, expected] of [
      [OCSP_SIGNING, 'NVIDIA_RIM_SIGNER_MISSING'],
      ['1.3.6.1.5.5.7.3.3', 'accepted'],
    ] as const) {
      const signer = await createNvidiaAuthority({
        commonName: 'Responder',
        issuer: ca,
        validity: { from: AT - 1, until: AT + 100_000 },
        extensions: [...leafExtensions(), extendedKeyUsage([purpose])],
      })
      const signed = await readNvidiaRim(await issueNvidiaRim(FIELDS, [signer, ca, root]))
      const call = (await nvidiaRimUploads(signed)).at(-2)
      if (call?.functionName !== 'registerSigner') throw new Error('a signer')
      expect(await outcome(stores.rim(call))).toBe(expected)
      const trustAnchors = [{ role: 'rim', certificate: root.certificate, simulated: true }] as const
      const document = await issueNvidiaRim(FIELDS, [signer, ca, root])
      const library = verifyRim({ document, at: AT, trustAnchors, ocsp: [], revocation: 'dangerouslySkip' })
      expect(await outcome(library)).toBe(expected)
    }
  })

  test('has to be registered, and to sign manifests', async () => {
    const ids = nvidiaKeyIds(parts.certificates)
    expect(await upload(parts, { 0: keccak256(zeroHash) })).toBe('NVIDIA_RIM_CERTIFICATE_MISSING')
    expect(await upload(parts, { 0: ids[1] ?? zeroHash })).toBe('NVIDIA_RIM_SIGNER_MISSING')
    const ca = (await nvidiaRimUploads(parts))[1]
    if (ca?.functionName !== 'registerCa') throw new Error('a CA')
    expect(await outcome(stores.rim({ ...ca, functionName: 'registerSigner' }))).toBe('NVIDIA_RIM_SIGNER_MISSING')
    expect(await outcome(stores.rim({ ...ca, args: [ca.args[0] ?? '0x', ca.args[1] ?? '0x', '0x'] }))).toBe(
      'NVIDIA_RIM_CERTIFICATE_SIGNATURE_INVALID',
    )
    const below = { ...ca, args: [ids[0] ?? zeroHash, ...ca.args.slice(1)] }
    expect(await outcome(stores.rim(below))).toBe('NVIDIA_RIM_CA_INVALID')
    const garbled = { ...ca, args: [ca.args[0] ?? '0x', `${ca.args[1]}00` as Hex, '0x'] as const }
    expect(await outcome(stores.rim(garbled))).toBe('NVIDIA_RIM_CERTIFICATE_MALFORMED')
    const elsewhere = { ...ca, args: [ids[1] ?? zeroHash, ...ca.args.slice(1)] }
    expect(await outcome(stores.rim(elsewhere))).toBe('NVIDIA_RIM_CERTIFICATE_ISSUER_MISMATCH')
    // One signer's signature does not make another's manifest.
    const [, rimCa, root] = simulation.rimChain
    if (!rimCa || !root) throw new Error('a chain')
    const validity = { from: AT - 60, until: AT + 86_400 }
    const fields = { commonName: 'Another signer', issuer: rimCa, extensions: leafExtensions() }
    const another = await createNvidiaAuthority({ ...fields, validity })
    const second = await readNvidiaRim(await issueNvidiaRim(FIELDS, [another, rimCa, root]))
    await stores.uploadRim(second, [])
    expect(nvidiaRimId(second)).not.toBe(nvidiaRimId(parts))
    expect(await upload(parts, { 0: nvidiaKeyIds(second.certificates)[0] ?? zeroHash })).toBe(
      'NVIDIA_RIM_SIGNATURE_INVALID',
    )
    expect(await outcome(stores.rimOf(nvidiaRimId(second)))).toBe('NVIDIA_RIM_OCSP_MISSING')
    await chain.travelTo(validity.until + 1)
    expect(await outcome(stores.rimOf(nvidiaRimId(second)))).toBe('NVIDIA_RIM_CERTIFICATE_EXPIRED')
    expect(await upload(second)).toBe('NVIDIA_RIM_CERTIFICATE_EXPIRED')
  })

  test.each([
    ['revoked', 'NVIDIA_RIM_CERTIFICATE_REVOKED'],
    ['on-hold', 'NVIDIA_RIM_CERTIFICATE_ON_HOLD'],
  ] as const)('%s, its manifests no longer count', async (status, code) => {
    const [signer, issuer] = simulation.rimChain
    if (!signer || !issuer) throw new Error('a chain')
    const window = { from: WINDOW.from + 1, until: WINDOW.until }
    const response = await issueOcspResponse({ certificate: signer, issuer, window, status })
    for (const call of await nvidiaOcspUploads(parts.certificates, [response])) await stores.rim(call)
    expect(await outcome(stores.rimOf(nvidiaRimId(parts)))).toBe(code)
  })

  test('its answer has to be current', async () => {
    await chain.travelTo(WINDOW.until + 1)
    expect(await outcome(stores.rimOf(nvidiaRimId(parts)))).toBe('NVIDIA_OCSP_EXPIRED')
  })
})

describe('the document, read alone', () => {
  const read = (text: string) => {
    const args = [bytesToHex(new TextEncoder().encode(text))] as const
    const call = { address: chain.parser, abi: nvidiaParserAbi, functionName: 'rim', args } as const
    return outcome(chain.client.readContract(call))
  }
  const document = () => new TextDecoder().decode(parts.signedContent)
  /** The first resource, active at first, without values. */
  const withoutValue = (text: string, active: 'True' | 'False') =>
    text.replace(/active="True" alternatives="1"([^>]*) ns2:Hash0="[^"]*"/, `active="${active}" alternatives="0"$1`)
  const resource = () => /<ns0:Resource.*<\/ns0:Resource>/.exec(document())?.[0] ?? ''

  test('capitals, other white space and further attributes of the head are read', async () => {
    const text = document()
    for (const changed of [
      text,
      withoutValue(text, 'False'),
      text.replaceAll('a0', 'A0'),
      text.replaceAll('\n', '\n\t '),
      text.replace(' name="GH100"', ' name="&amp;&quot;>" patch="false"'),
      text.replace('<ns0:Meta', '<ns0:Entity name="b"></ns0:Entity><ns0:Meta'),
      text.replace(/ {4}<ns0:Entity.*\n/, ''),
    ]) {
      expect(await read(changed)).toBe('accepted')
    }
  })

  test('everything else is refused', async () => {
    const text = document()
    const one = resource()
    const cases: readonly (readonly [string, string])[] = [
      ['nothing', ''],
      ['something behind', `${text}\n`],
      ['something before', ` ${text}`],
      ['no tag id', text.replace(' tagId=', ' tagid=')],
      ['another namespace', text.replace('2015/schema.xsd', '2009/schema.xsd')],
      ['a namespace declared again', text.replace('<ns0:Entity', '<ns0:Entity xmlns:ns0="urn:x"')],
      ['a namespace declared again in Meta', text.replace(' PayloadType', ' xmlns:ns0="urn:x" PayloadType')],
      ['no edition', text.replace(' edition="GPU"', '')],
      ['an edition that is none', text.replace('edition="GPU"', 'edition="CPU"')],
      ['two products', text.replace(' product=', ' product="GB100" product=')],
      ['an empty product', text.replace('product="GH100"', 'product=""')],
      ['a long product', text.replace('product="GH100"', `product="${'G'.repeat(33)}"`)],
      ['a product with an entity', text.replace('product="GH100"', 'product="GH&amp;"')],
      ['no version', text.replace(' colloquialVersion=', ' colloquialversion=')],
      ['no Meta', text.replace(/<ns0:Meta.*<\/ns0:Meta>/, '')],
      ['two Metas', text.replace(/(<ns0:Meta.*<\/ns0:Meta>)/, '$1$1')],
      ['no resource', text.replace(/<ns0:Resource.*<\/ns0:Resource>\s*/gs, '')],
      ['two payloads', text.replace(/(<ns0:Payload[\s\S]*<\/ns0:Payload>)/, '$1$1')],
      ['a comment', text.replace(one, `<!-- x -->${one}`)],
      ['text between resources', text.replace(one, `x${one}`)],
      ['another element between', text.replace(one, `<ns0:File></ns0:File>${one}`)],
      ['an element inside', text.replace('></ns0:Resource>', '><ns0:Resource></ns0:Resource></ns0:Resource>')],
      ['an index twice', text.replace(one, one + one)],
      ['an index that is too high', text.replace('index="255"', 'index="256"')],
      ['an index with a leading zero', text.replace('index="0"', 'index="00"')],
      ['a signed index', text.replace('index="0"', 'index="-0"')],
      ['no index', text.replace('index="0"', 'index=""')],
      ['another type', text.replace('type="Measurement"', 'type="measurement"')],
      ['another size', text.replace('size="48"', 'size="32"')],
      ['active in small letters', text.replace('active="True"', 'active="true"')],
      ['active without a value', withoutValue(text, 'True')],
      ['fewer alternatives than said', text.replace('alternatives="1"', 'alternatives="2"')],
      ['more alternatives than said', text.replace('alternatives="2"', 'alternatives="1"')],
      ['a value twice', text.replace('ns2:Hash1=', 'ns2:Hash0=')],
      ['a value that is too far', text.replace(/ns2:Hash1=("(04|05)+")/, 'ns2:Hash2=$1')],
      ['too many alternatives', text.replace('alternatives="1"', 'alternatives="65"')],
      ['another attribute of a resource', text.replace(' name="Measurement_0"', ' name="Measurement_0" note="x"')],
      ['attributes in another order', text.replace(/(index="0") (name="\w+")/, '$2 $1')],
      ['a short value', text.replace('0101', '')],
      ['a long value', text.replace('0101', '010101')],
      ['a name with a tag', text.replace('name="Measurement_0"', 'name="<"')],
    ]
    for (const [name, changed] of cases) {
      expect(changed, name).not.toBe(text)
      expect(await read(changed), name).toBe('NVIDIA_RIM_MALFORMED')
    }
    for (const letter of ['g', 'G', '/', ':', '@', '`', 'O', 'é', ' ']) {
      expect(await read(text.replace('0101', `010${letter}`)), letter).toBe('NVIDIA_RIM_MALFORMED')
    }
    const { length } = text
    for (const size of [1, 100, 200, 600, length - 400, length - 40, length - 1]) {
      expect(await read(text.slice(0, size)), `${size} bytes`).toBe('NVIDIA_RIM_MALFORMED')
    }
  })
})
