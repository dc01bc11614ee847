import { createNvidiaSimulation, type NvidiaRimFields, type NvidiaSimulation } from '@spartan/simulator'
import { DOMParser } from '@xmldom/xmldom'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { C14nCanonicalization } from 'xml-crypto'
import { AT, anchorsOf } from '../test/simulated.ts'
import { verifyRim } from '../verifyRim.ts'
import { canonicalXml } from './canonicalXml.ts'
import { parseXml } from './xml.ts'

const FIELDS: NvidiaRimFields = {
  edition: 'GPU',
  product: 'GH100',
  version: '96.00.9F.00.01',
  measurements: [0, 1, 2].map((index) => ({
    index,
    active: index !== 1,
    values: [new Uint8Array(48).fill(index), new Uint8Array(48).fill(0x80 + index)],
  })),
}

const MANY_NAMESPACES = Array.from({ length: 33 }, (_, index) => `xmlns:p${index}="urn:p"`).join(' ')
const MANY_ATTRIBUTES = Array.from({ length: 65 }, (_, index) => `a${index}=""`).join(' ')
const SECOND_PREFIX = 'xmlns:x="http://www.w3.org/2001/04/xmlenc#sha384"'

let simulation: NvidiaSimulation
let published: string
beforeAll(async () => {
  simulation = await createNvidiaSimulation({ now: AT })
  published = new TextDecoder().decode(await simulation.issueRim(FIELDS))
})

const bytesOf = (text: string) => new TextEncoder().encode(text)
const verify = (text: string, at = AT) =>
  verifyRim({
    document: bytesOf(text),
    at,
    trustAnchors: anchorsOf(simulation),
    ocsp: [],
    revocation: 'dangerouslySkip',
  })
const codeOf = async (text: string): Promise<unknown> => {
  try {
    await verify(text)
    return 'accepted'
  } catch (error) {
    return (error as { code?: string }).code ?? error
  }
}
const signatureOf = (text: string) => /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(text)?.[0] ?? ''

describe('default', () => {
  test('a manifest of the simulation verifies and reads as issued', async () => {
    const { content, chain } = await verify(published)
    expect(content).toMatchObject({ edition: 'GPU', product: 'GH100', version: '96.00.9F.00.01' })
    expect(content.measurements).toMatchObject(FIELDS.measurements)
    expect(chain.simulated).toBe(true)
  })

  test('behavior: what canonical form removes does not matter', async () => {
    expect(await codeOf(`<?xml version="1.0" encoding="UTF-8"?>\n${published}\n`)).toBe('accepted')
    expect(await codeOf(`<?xml version='1.0' encoding='utf-8'?>\n${published}`)).toBe('accepted')
    expect(await codeOf(published.replaceAll('\n', '\r\n'))).toBe('accepted')
    expect(await codeOf(published.replace('corpus="false" name="GH100"', "name='GH100'   corpus='false'"))).toBe(
      'accepted',
    )
    expect(await codeOf(published.replace('tagCreator"/>', 'tagCreator"></ns0:Entity>'))).toBe('accepted')
  })
})

describe('error: NVIDIA_RIM_DIGEST_MISMATCH', () => {
  test.each([
    ['a value', (text: string) => text.replace('808080', '808081')],
    ['the version', (text: string) => text.replace('96.00.9F.00.01', '96.00.9F.00.02')],
    ['an inactive value switched on', (text: string) => text.replace('active="False"', 'active="True"')],
    ['a resource left out', (text: string) => text.replace(/ {8}<ns0:Resource[^>]*index="1"[^>]*>\n/, '')],
    ['an attribute more', (text: string) => text.replace('corpus=', 'extra="1" corpus=')],
    ['white space', (text: string) => text.replace('    <ns0:Meta', '   <ns0:Meta')],
    ['a prefix', (text: string) => text.replaceAll('ns2', 'ns3')],
  ])('%s', async (_, change) => {
    const changed = change(published)
    expect(changed).not.toBe(published)
    expect(await codeOf(changed)).toBe('NVIDIA_RIM_DIGEST_MISMATCH')
  })
})

describe('error: signature wrapping and other algorithms', () => {
  const wrapped = (inner: string, outer: string) => outer.replace('</SoftwareIdentity>', `${inner}</SoftwareIdentity>`)

  test.each([
    ['no signature', (text: string) => text.replace(signatureOf(text), '')],
    ['two signatures', (text: string) => wrapped(signatureOf(text), text)],
    ['a reference by id', (text: string) => text.replace('URI=""', 'URI="#a"')],
    ['no URI', (text: string) => text.replace(' URI=""', '')],
    ['another digest', (text: string) => text.replace('xmldsig-more#sha384', 'xmldsig#sha1')],
    ['another signature method', (text: string) => text.replace('#ecdsa-sha384', '#hmac-sha1')],
    ['exclusive canonical form', (text: string) => text.replace('2006/12/xml-c14n11', '2001/10/xml-exc-c14n#')],
    [
      'no enveloped transform',
      (text: string) => text.replace(/<ds:Transform Algorithm="[^"]*enveloped-signature"\/>/, ''),
    ],
    [
      'one more transform',
      (text: string) => text.replace('</ds:Transforms>', '<ds:Transform Algorithm="x"/></ds:Transforms>'),
    ],
    ['an object in the signature', (text: string) => text.replace('</ds:Signature>', '<ds:Object/></ds:Signature>')],
    ['a key value', (text: string) => text.replace('<ds:X509Data>', '<ds:KeyName>a</ds:KeyName><ds:X509Data>')],
    ['a short signature', (text: string) => text.replace(/<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>AAAA')],
  ])('NVIDIA_RIM_SIGNATURE_UNSUPPORTED: %s', async (_, change) => {
    expect(await codeOf(change(published))).toBe('NVIDIA_RIM_SIGNATURE_UNSUPPORTED')
  })

  test('NVIDIA_RIM_MALFORMED: the signed document inside another, the signature inside a resource', async () => {
    const forged = published.replace(signatureOf(published), '').replace('808080', '909090')
    expect(await codeOf(wrapped(published, forged))).toBe('NVIDIA_RIM_MALFORMED')
    const inside = forged.replace('size="48"/>', `size="48">${signatureOf(published)}</ns0:Resource>`)
    expect(await codeOf(inside)).toBe('NVIDIA_RIM_MALFORMED')
  })

  test('NVIDIA_RIM_SIGNATURE_INVALID: SignedInfo of another manifest over this content', async () => {
    const other = new TextDecoder().decode(await simulation.issueRim({ ...FIELDS, version: '96.00.9F.00.02' }))
    const value = /<ds:SignatureValue>[^<]*/
    const swapped = published.replace(value, value.exec(other)?.[0] ?? '')
    expect(await codeOf(swapped)).toBe('NVIDIA_RIM_SIGNATURE_INVALID')
  })
})

describe('error: the signer', () => {
  test('NVIDIA_RIM_ROOT_NOT_PINNED, NVIDIA_RIM_SIGNER_MISSING, NVIDIA_RIM_CERTIFICATE_EXPIRED', async () => {
    const other = await createNvidiaSimulation({ now: AT })
    const foreign = new TextDecoder().decode(await other.issueRim(FIELDS))
    expect(await codeOf(foreign)).toBe('NVIDIA_RIM_ROOT_NOT_PINNED')
    const certificate = /<ds:X509Certificate>[^<]*<\/ds:X509Certificate>/
    expect(await codeOf(published.replace(certificate, ''))).toBe('NVIDIA_RIM_SIGNER_MISSING')
    await expect(verify(published, AT + 3 * 365 * 86_400)).rejects.toMatchObject({
      code: 'NVIDIA_RIM_CERTIFICATE_EXPIRED',
    })
  })
})

describe('error: NVIDIA_RIM_MALFORMED', () => {
  test.each([
    ['a document type', (text: string) => `<!DOCTYPE SoftwareIdentity>${text}`],
    ['an entity', (text: string) => `<!DOCTYPE a [<!ENTITY e "x">]>${text.replace('RIMIM', '&e;')}`],
    ['a comment', (text: string) => text.replace('<ns0:Meta', '<!-- x --><ns0:Meta')],
    ['a processing instruction', (text: string) => text.replace('<ns0:Meta', '<?p x?><ns0:Meta')],
    ['a comment before the root', (text: string) => `<!-- x -->${text}`],
    ['CDATA', (text: string) => text.replace('<ns0:Meta', '<![CDATA[x]]><ns0:Meta')],
    ['a character reference', (text: string) => text.replace('RIMIM', 'RIM&#73;M')],
    ['an unknown entity', (text: string) => text.replace('RIMIM', '&rim;')],
    ['an entity named as every object has it', (text: string) => text.replace('RIMIM', '&valueOf;')],
    ['an xml attribute', (text: string) => text.replace('corpus=', 'xml:id="a" corpus=')],
    ['a repeated attribute', (text: string) => text.replace('corpus=', 'corpus="true" corpus=')],
    [
      'a repeated expanded attribute',
      (text: string) => text.replace('ns2:Hash1', `${SECOND_PREFIX} x:Hash0="" ns2:Hash1`),
    ],
    ['an unbound prefix', (text: string) => text.replace('<ns0:Meta', '<nsx:Meta')],
    ['a second root', (text: string) => `${text}<a/>`],
    ['text behind', (text: string) => `${text}x`],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['a control character', (text: string) => text.replace('RIMIM', 'RIM\u0001')],
    ['a tab in an attribute', (text: string) => text.replace('RIMIM', 'RIM\tIM')],
    ['depth', (text: string) => text.replace('<ns0:Meta', `${'<a>'.repeat(20)}${'</a>'.repeat(20)}<ns0:Meta`)],
    ['namespaces', (text: string) => text.replace('corpus=', `${MANY_NAMESPACES} corpus=`)],
    ['attributes', (text: string) => text.replace('corpus=', `${MANY_ATTRIBUTES} corpus=`)],
    ['elements', (text: string) => text.replace('<ns0:Meta', `${'<a/>'.repeat(2_100)}<ns0:Meta`)],
    ['size', (text: string) => `${text}${' '.repeat(300_000)}`],
    ['another root element', (text: string) => text.replaceAll('SoftwareIdentity', 'SoftwareIdentities')],
    ['another namespace', (text: string) => text.replaceAll('iso/19770', 'iso/19771')],
    ['two Meta', (text: string) => text.replace('    <ns0:Payload', '    <ns0:Meta/>\n    <ns0:Payload')],
    ['an unknown child', (text: string) => text.replace('<ns0:Meta', '<ns0:Link/><ns0:Meta')],
    ['another type', (text: string) => text.replace('type="Measurement"', 'type="MinSvn"')],
    ['one index twice', (text: string) => text.replace('index="1"', 'index="0"')],
    ['fewer alternatives than hashes', (text: string) => text.replace('alternatives="2"', 'alternatives="1"')],
    ['more alternatives than hashes', (text: string) => text.replace('alternatives="2"', 'alternatives="3"')],
    ['a short hash', (text: string) => text.replace('ns2:Hash0="00', 'ns2:Hash0="')],
    ['active in lower case', (text: string) => text.replace('active="False"', 'active="false"')],
    ['no version', (text: string) => text.replace('colloquialVersion', 'version')],
  ])('%s', async (_, change) => {
    expect(await codeOf(change(published))).toBe('NVIDIA_RIM_MALFORMED')
  })
})

describe('canonical form', () => {
  const theirs = (text: string) => {
    const root = new DOMParser().parseFromString(text, 'text/xml').documentElement
    return new C14nCanonicalization().process(root as unknown as Node, {}).toString()
  }
  const ours = (text: string) => new TextDecoder().decode(canonicalXml(parseXml(bytesOf(text), 'NVIDIA_RIM_MALFORMED')))

  test('of a manifest is what an independent canonicaliser makes', () => {
    expect(ours(published)).toBe(theirs(published))
  })

  test('of any document of the profile is what an independent canonicaliser makes', () => {
    // Text has no carriage return, which the profile turns into a line end before anything else.
    const prefixes = ['n0', 'n1', 'n2']
    const scope = prefixes.map((prefix) => `xmlns:${prefix}="urn:${prefix}"`).join(' ')
    const name = fc.constantFrom('a', 'b', 'Cd', 'e-f', 'g.h')
    const text = fc.string({ unit: fc.constantFrom(...' xyz&<>"\'\n\t;é') }).map((value) => quoted(value))
    const value = fc.string({ unit: fc.constantFrom(...' xyz&<>"\';é') }).map((found) => quoted(found))
    const attribute = fc.tuple(fc.option(fc.constantFrom(...prefixes)), name, value)
    const attributes = fc.uniqueArray(attribute, { maxLength: 5, selector: ([prefix, local]) => `${prefix} ${local}` })
    const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
      content: fc.oneof({ maxDepth: 4 }, text, tie('element')),
      element: fc
        .tuple(fc.option(fc.constantFrom(...prefixes)), name, attributes, fc.array(tie('content'), { maxLength: 4 }))
        .map(([prefix, local, found, content]) => {
          const qualified = prefix ? `${prefix}:${local}` : local
          const written = found.map(([at, key, text]) => ` ${at ? `${at}:` : ''}${key}="${text}"`)
          return `<${qualified}${written.join('')}>${content.join('')}</${qualified}>`
        }),
    }))
    const documents = element.map((inner) => `<root xmlns="urn:d" ${scope}>${inner}</root>`)
    fc.assert(
      fc.property(documents, (document) => {
        expect(ours(document)).toBe(theirs(document))
      }),
      { numRuns: Number(process.env.FUZZ_CASES ?? 200) },
    )
  })
})

const quoted = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
