import type { SnpProduct } from '@spartan/attestation'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFetcher, type Fetcher } from '../fetcher.ts'
import { createMemoryCache } from '../store/cache.ts'
import { NOW } from '../test/intelSite.ts'
import {
  createTestRuntime,
  type LocalSource,
  type Reply,
  type SeenRequest,
  startLocalSource,
  type TestRuntime,
} from '../test/localSource.ts'
import { createVendorChain, pemOf, type VendorChain } from '../test/vendorChains.ts'
import { fetchSnpEndorsements, type SnpRequest } from './amd.ts'

const CHIP_ID = Uint8Array.from({ length: 64 }, (_, index) => index + 1)
const TURIN_CHIP_ID = Uint8Array.from({ length: 64 }, (_, index) => (index < 8 ? index + 1 : 0))
/** Boot loader 4, TEE 0, SNP 24, microcode 219. */
const TCB = Uint8Array.of(4, 0, 0, 0, 0, 0, 24, 219)

let chain: VendorChain
let server: LocalSource
let runtime: TestRuntime
let fetcher: Fetcher

beforeAll(async () => {
  chain = await createVendorChain('AMD')
})
beforeEach(async () => {
  server = await startLocalSource(kds)
  runtime = createTestRuntime(NOW * 1000)
  fetcher = createFetcher({ runtime, cache: createMemoryCache() })
})
afterEach(() => server.close())

function kds({ path }: SeenRequest): Reply {
  const [leaf, intermediate, root] = chain.certificates
  if (path.endsWith('/cert_chain'))
    return { body: pemOf(intermediate, root), headers: { 'content-type': 'application/x-pem-file' } }
  if (path.endsWith('/crl')) return { body: chain.crl, headers: { 'content-type': 'application/pkix-crl' } }
  return { body: leaf, headers: { 'content-type': 'application/octet-stream' } }
}
const code = (value: string) => expect.objectContaining({ code: value })
const vcek = (extra: Partial<Extract<SnpRequest, { kind: 'vcek' }>> = {}): SnpRequest => ({
  kind: 'vcek',
  product: 'Genoa',
  chipId: CHIP_ID,
  reportedTcb: TCB,
  ...extra,
})
const ask = (request: SnpRequest) => fetchSnpEndorsements(fetcher, { baseUrl: server.url }, request)
const isVcek = ({ path }: SeenRequest) => path.includes('SPL=')

describe('VCEK', () => {
  test('comes with ASK, ARK and CRL', async () => {
    const [leaf, intermediate, root] = chain.certificates
    const { endorsements, sources } = await ask(vcek())
    expect(endorsements).toEqual({ vek: leaf, intermediate, root, crl: chain.crl })
    expect(sources.map(({ name, from }) => `${name} ${from}`)).toEqual([
      'vcek source',
      'cert-chain source',
      'crl source',
    ])
    expect(sources.find(({ name }) => name === 'crl')).toMatchObject({ issuedAt: NOW - 3600, validUntil: NOW + 86_400 })
  })

  test.each<[SnpProduct, Uint8Array, Uint8Array, string]>([
    ['Milan', CHIP_ID, TCB, `/vcek/v1/Milan/${'01'}`],
    ['Genoa', CHIP_ID, TCB, '?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219'],
    [
      'Turin',
      TURIN_CHIP_ID,
      Uint8Array.of(1, 4, 0, 24, 0, 0, 0, 219),
      '/vcek/v1/Turin/0102030405060708?fmcSPL=01&blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219',
    ],
  ])('URL of %s', async (product, chipId, reportedTcb, expected) => {
    await ask(vcek({ product, chipId, reportedTcb }))
    expect(server.seen.find(isVcek)?.path).toContain(expected)
  })

  test.each<[string, Partial<Extract<SnpRequest, { kind: 'vcek' }>>]>([
    ['a masked chip id', { chipId: new Uint8Array(64) }],
    ['a chip id of 32 bytes', { chipId: CHIP_ID.subarray(32) }],
    ['64 used bytes on Turin', { product: 'Turin' }],
    ['reserved bytes in the TCB', { reportedTcb: Uint8Array.of(4, 0, 1, 0, 0, 0, 24, 219) }],
    ['reserved bytes in the TCB of Turin', { product: 'Turin', chipId: TURIN_CHIP_ID, reportedTcb: TCB }],
    ['a TCB of 4 bytes', { reportedTcb: TCB.subarray(4) }],
  ])('%s is refused before anything is asked', async (_, wrong) => {
    await expect(ask(vcek(wrong))).rejects.toEqual(code('ENDORSEMENTS_REQUEST_INVALID'))
    expect(server.seen).toHaveLength(0)
  })

  test('is kept for ever by product, chip and TCB; CRL and chain are asked for again', async () => {
    await (await ask(vcek())).keep()
    runtime.advance(6 * 365 * 86_400_000)
    const { sources } = await ask(vcek())
    expect(sources.map(({ name, from }) => `${name} ${from}`)).toEqual([
      'vcek cache',
      'cert-chain source',
      'crl source',
    ])
    expect(server.seen.filter(isVcek)).toHaveLength(1)
    await ask(vcek({ reportedTcb: Uint8Array.of(4, 0, 0, 0, 0, 0, 25, 219) }))
    expect(server.seen.filter(isVcek)).toHaveLength(2)
  })

  test('is not served beyond its own notAfter', async () => {
    await (await ask(vcek())).keep()
    runtime.advance(8 * 365 * 86_400_000)
    expect((await ask(vcek())).sources[0]?.from).toBe('source')
  })

  test('a second request waits for the pace of KDS', async () => {
    await ask(vcek())
    await ask(vcek({ reportedTcb: Uint8Array.of(4, 0, 0, 0, 0, 0, 25, 219) }))
    expect(runtime.pauses).toEqual([10_000])
  })

  test('429 with Retry-After is waited for', async () => {
    let first = true
    server.answer((request) => {
      if (!isVcek(request) || !first) return kds(request)
      first = false
      return { status: 429, headers: { 'retry-after': '20' } }
    })
    expect((await ask(vcek())).endorsements.vek).toEqual(chain.certificates[0])
    expect(runtime.pauses[0]).toBe(20_000)
  })

  test('without CRL nothing is given: revocation that could not be checked is not passed over', async () => {
    server.answer((request) => (request.path.endsWith('/crl') ? { status: 503 } : kds(request)))
    await expect(ask(vcek())).rejects.toEqual(code('ENDORSEMENTS_UNAVAILABLE'))
  })

  test('a kept CRL serves an outage until its nextUpdate', async () => {
    await (await ask(vcek())).keep()
    server.answer(() => ({ status: 503 }))
    runtime.advance(80_000_000)
    const { sources } = await ask(vcek())
    expect(sources.find(({ name }) => name === 'crl')).toMatchObject({ from: 'grace', ageSeconds: 80_000 })
    runtime.advance(20_000_000)
    await expect(ask(vcek())).rejects.toEqual(code('ENDORSEMENTS_UNAVAILABLE'))
  })

  test.each<[string, string, Reply]>([
    ['one certificate in the chain', 'cert_chain', { body: 'nothing' }],
    ['a VCEK that is no certificate', 'SPL=', { body: Uint8Array.of(0x30, 0x80, 0, 0) }],
    ['an HTML page', 'SPL=', { body: '<html>', headers: { 'content-type': 'text/html' } }],
  ])('%s is refused', async (_, part, reply) => {
    server.answer((request) => (request.path.includes(part) ? reply : kds(request)))
    await expect(ask(vcek())).rejects.toEqual(code('ENDORSEMENTS_ANSWER_MALFORMED'))
  })
})

describe('VLEK', () => {
  test('comes with the evidence; ASVK, ARK and CRL are fetched under /vlek', async () => {
    const [vlek, intermediate, root] = chain.certificates
    const { endorsements, sources } = await ask({ kind: 'vlek', product: 'Milan', vlek })
    expect(endorsements).toEqual({ vek: vlek, intermediate, root, crl: chain.crl })
    expect(server.seen.map(({ path }) => path).sort()).toEqual(['/vlek/v1/Milan/cert_chain', '/vlek/v1/Milan/crl'])
    expect(sources.at(-1)).toMatchObject({ name: 'vlek', from: 'given' })
  })

  test('bytes that are no certificate are refused', async () => {
    const vlek = Uint8Array.of(1, 2, 3)
    await expect(ask({ kind: 'vlek', product: 'Milan', vlek })).rejects.toEqual(code('ENDORSEMENTS_REQUEST_INVALID'))
  })
})
