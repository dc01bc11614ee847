import { INTEL_SGX_ROOT, type TrustAnchor, vectorsTdxPolicy, verifyTdxEvidence } from '@spartan/attestation'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFetcher, type Fetcher } from '../fetcher.ts'
import { createMemoryCache, type EndorsementCache } from '../store/cache.ts'
import { chainHeader, createIntelSite, documentReply, FMSPC, type IntelSite, NOW } from '../test/intelSite.ts'
import {
  createTestRuntime,
  type LocalSource,
  type Reply,
  type SeenRequest,
  startLocalSource,
  type TestRuntime,
} from '../test/localSource.ts'
import { type DcapRequest, fetchDcapEndorsements, fetchTcbEvaluations, type IntelSource, pccsSource } from './intel.ts'
import { dcapRequestOf, dcapRequestOfQuote } from './pck.ts'

const REQUEST: DcapRequest = { tee: 'tdx', fmspc: FMSPC, ca: 'platform' }

let site: IntelSite
let server: LocalSource
let source: IntelSource
let runtime: TestRuntime
let cache: EndorsementCache
let fetcher: Fetcher

beforeAll(async () => {
  site = await createIntelSite()
})
beforeEach(async () => {
  server = await startLocalSource(site.reply)
  source = { baseUrl: server.url, rootCrlUrl: `${server.url}/IntelSGXRootCA.der` }
  runtime = createTestRuntime(NOW * 1000)
  cache = createMemoryCache()
  fetcher = createFetcher({ runtime, cache })
})
afterEach(() => server.close())

const code = (value: string) => expect.objectContaining({ code: value })
const anchor = (): TrustAnchor => ({ ...INTEL_SGX_ROOT, publicKey: site.rootPublicKey, simulated: true })
const byPath = (request: SeenRequest, part: string, reply: Reply) =>
  request.path.includes(part) ? reply : site.reply(request)
const from = (fetched: { readonly sources: readonly { readonly name: string; readonly from: string }[] }) =>
  Object.fromEntries(fetched.sources.map((entry) => [entry.name, entry.from]))

describe('DCAP endorsements from PCS', () => {
  test('what the service gives verifies a quote, with the exact signed bytes', async () => {
    const { endorsements } = await fetchDcapEndorsements(fetcher, source, REQUEST)
    const expected = await site.endorsements()
    expect(endorsements.tcbInfo.body).toEqual(new Uint8Array(expected.tcbInfo.body))
    const result = await verifyTdxEvidence({
      evidence: await site.platform.issueQuote({ reportData: new Uint8Array(64) }),
      endorsements,
      at: NOW,
      trustAnchors: [anchor()],
      policy: vectorsTdxPolicy({ measurements: 'any', reportData: 'any' }),
    })
    expect(result.verdict).toBe('accepted')
  })

  test('the request is what the service documents', async () => {
    await fetchDcapEndorsements(fetcher, source, { ...REQUEST, fmspc: FMSPC.toUpperCase(), update: 'early' })
    expect(server.seen.map(({ path }) => path).sort()).toEqual([
      '/IntelSGXRootCA.der',
      '/sgx/certification/v4/pckcrl?ca=platform&encoding=der',
      `/tdx/certification/v4/qe/identity?update=early`,
      `/tdx/certification/v4/tcb?fmspc=${FMSPC}&update=early`,
    ])
  })

  test('a number asks for exactly that evaluation', async () => {
    await fetchDcapEndorsements(fetcher, source, { ...REQUEST, tcbEvaluationDataNumber: 17 })
    const asked = server.seen.map(({ path }) => path).join(' ')
    expect(asked).toContain(`tcb?fmspc=${FMSPC}&tcbEvaluationDataNumber=17`)
    expect(asked).toContain('qe/identity?tcbEvaluationDataNumber=17')
  })

  test('every source reports where it came from, its age and its own span', async () => {
    const fetched = await fetchDcapEndorsements(fetcher, source, REQUEST)
    expect(fetched.sources).toHaveLength(4)
    for (const report of fetched.sources) {
      expect(report).toMatchObject({ from: 'source', ageSeconds: 0, issuedAt: NOW - 3600 })
      expect(report.validUntil).toBe(NOW - 3600 + 30 * 86_400)
    }
  })

  test('a PCCS gives the root CRL in hex', async () => {
    const { endorsements } = await fetchDcapEndorsements(fetcher, pccsSource(`${server.url}/`), REQUEST)
    expect(endorsements.rootCaCrl[0]).toBe(0x30)
    expect(server.seen.map(({ path }) => path)).toContain('/sgx/certification/v4/rootcacrl')
  })

  test('an issuer chain encoded as forms are is read too', async () => {
    const chain = (await site.endorsements()).pckCrlIssuerChain
    const plus = chainHeader(chain).replaceAll('%20', '+')
    const crl = (await site.endorsements()).pckCrl
    server.answer((request) => byPath(request, 'pckcrl', { body: crl, headers: { 'sgx-pck-crl-issuer-chain': plus } }))
    const { endorsements } = await fetchDcapEndorsements(fetcher, source, REQUEST)
    expect(endorsements.pckCrlIssuerChain.map((der) => der.length)).toEqual(chain.map((der) => der.length))
  })

  test.each<[string, Partial<DcapRequest>]>([
    ['an FMSPC that is none', { fmspc: '50a06f' }],
    ['a path in the FMSPC', { fmspc: '../../../a' }],
    ['update and number together', { update: 'early', tcbEvaluationDataNumber: 17 }],
    ['a number that is none', { tcbEvaluationDataNumber: 0 }],
  ])('%s is refused before anything is asked', async (_, wrong) => {
    await expect(fetchDcapEndorsements(fetcher, source, { ...REQUEST, ...wrong })).rejects.toEqual(
      code('ENDORSEMENTS_REQUEST_INVALID'),
    )
    expect(server.seen).toHaveLength(0)
  })

  test('credentials in the URL of a source are refused and not shown', () => {
    expect(() => pccsSource('https://name:secret@pccs.example')).toThrow(code('ENDORSEMENTS_REQUEST_INVALID'))
    expect(() => pccsSource('https://name:secret@pccs.example')).not.toThrow(/secret/)
  })
})

describe('shape of the answers', () => {
  const tcbReply = async (edit: (reply: Reply) => Reply) => {
    const reply = documentReply('tcbInfo', (await site.endorsements()).tcbInfo, 'tcb-info-issuer-chain')
    server.answer((request) => byPath(request, '/v4/tcb?', edit(reply)))
  }
  const fetchIt = () => fetchDcapEndorsements(fetcher, source, REQUEST)

  test.each<[string, string, (reply: Reply) => Reply]>([
    ['no issuer chain', 'ENDORSEMENTS_ANSWER_MALFORMED', ({ body = '' }) => ({ body })],
    [
      'an issuer chain that is none',
      'ENDORSEMENTS_ANSWER_MALFORMED',
      (reply) => ({ ...reply, headers: { 'tcb-info-issuer-chain': '%7' } }),
    ],
    [
      'no signature',
      'ENDORSEMENTS_ANSWER_MALFORMED',
      (reply) => ({ ...reply, body: `${reply.body}`.replace('"signature"', '"s"') }),
    ],
    [
      'a short signature',
      'ENDORSEMENTS_ANSWER_MALFORMED',
      (reply) => ({ ...reply, body: `${reply.body}`.replace(/..."}$/, '"}') }),
    ],
    [
      'a member twice',
      'ENDORSEMENTS_ANSWER_MALFORMED',
      (reply) => ({ ...reply, body: `${reply.body}`.replace('{', '{"tcbInfo":{},') }),
    ],
    [
      'a member twice, the signed one first',
      'ENDORSEMENTS_ANSWER_MALFORMED',
      (reply) => ({ ...reply, body: `${reply.body}`.replace(/}$/, ',"tcbInfo":{}}') }),
    ],
    [
      'half a document',
      'ENDORSEMENTS_ANSWER_MALFORMED',
      (reply) => ({ ...reply, body: `${reply.body}`.slice(0, 900) }),
    ],
    [
      'no dates',
      'ENDORSEMENTS_ANSWER_MALFORMED',
      (reply) => ({ ...reply, body: `${reply.body}`.replace('nextUpdate', 'next') }),
    ],
    [
      'bytes that are no text',
      'ENDORSEMENTS_ANSWER_MALFORMED',
      (reply) => ({ ...reply, body: Uint8Array.of(0x7b, 0xff, 0x7d) }),
    ],
    [
      'an HTML page',
      'ENDORSEMENTS_ANSWER_MALFORMED',
      () => ({ body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } }),
    ],
    [
      'HTML under the right type',
      'ENDORSEMENTS_ANSWER_MALFORMED',
      () => ({ body: '<html></html>', headers: { 'content-type': 'application/json' } }),
    ],
    [
      'another FMSPC',
      'ENDORSEMENTS_ANSWER_MISMATCH',
      (reply) => ({ ...reply, body: `${reply.body}`.replace('50A06F', '50A06E') }),
    ],
    [
      'TCB info of SGX',
      'ENDORSEMENTS_ANSWER_MISMATCH',
      (reply) => ({ ...reply, body: `${reply.body}`.replace('"TDX"', '"SGX"') }),
    ],
  ])('%s is refused: %s', async (_, expected, edit) => {
    await tcbReply(edit)
    await expect(fetchIt()).rejects.toEqual(code(expected))
    expect(await cache.read(`intel/tcb-info ${server.url}/tdx/certification/v4/tcb?fmspc=${FMSPC}`)).toBeUndefined()
  })

  test('braces and quotes inside strings do not move the span of the signed bytes', async () => {
    const odd = await createIntelSite({ editTcbInfo: (body) => ({ ...body, odd: 'a "}{\\" , ]', pceId: '0000' }) })
    server.answer(odd.reply)
    const { endorsements } = await fetchDcapEndorsements(fetcher, source, REQUEST)
    const text = new TextDecoder().decode(endorsements.tcbInfo.body)
    expect(JSON.parse(text)).toMatchObject({ odd: 'a "}{\\" , ]', id: 'TDX' })
    expect(text.startsWith('{') && text.endsWith('}')).toBe(true)
  })

  test('a good body under the media type of a page is refused', async () => {
    server.answer((request) => {
      const reply = site.reply(request)
      return request.path.includes('RootCA') ? { ...reply, headers: { 'content-type': 'text/html' } } : reply
    })
    await expect(fetchIt()).rejects.toThrow(/media type text\/html/)
  })

  test('a CRL that is not DER is refused', async () => {
    server.answer((request) => byPath(request, 'RootCA', { body: 'not a CRL at all' }))
    await expect(fetchIt()).rejects.toEqual(code('ENDORSEMENTS_ANSWER_MALFORMED'))
    server.answer((request) => byPath(request, 'RootCA', { body: Uint8Array.of(0x30, 0x82, 0xff, 0xff, 1) }))
    await expect(fetchIt()).rejects.toEqual(code('ENDORSEMENTS_ANSWER_MALFORMED'))
  })
})

describe('TCB evaluation numbers', () => {
  test('come newest first, in Unix seconds', async () => {
    const { endorsements } = await fetchTcbEvaluations(fetcher, source, 'tdx')
    expect(endorsements.evaluations.map(({ number }) => number)).toEqual([21, 20])
    expect(endorsements.evaluations[0]?.recoveryEventAt).toBe(Date.parse('2026-05-12T00:00:00Z') / 1000)
  })

  test.each(['"tcbEvalNumbers":[]', '"tcbEvalNumbers":[{"tcbEvaluationDataNumber":"x"}]'])(
    'refuses %s',
    async (list) => {
      server.answer((request) => {
        const reply = site.reply(request)
        return { ...reply, body: `${reply.body}`.replace(/"tcbEvalNumbers":\[.*\]/, list) }
      })
      await expect(fetchTcbEvaluations(fetcher, source, 'tdx')).rejects.toEqual(code('ENDORSEMENTS_ANSWER_MALFORMED'))
    },
  )
})

describe('cache of DCAP endorsements', () => {
  const fetchIt = (reload = false) => fetchDcapEndorsements(fetcher, source, REQUEST, { reload })

  test('keeps nothing before the verifier has spoken', async () => {
    await fetchIt()
    expect(from(await fetchIt())).toMatchObject({ 'tcb-info': 'source', 'pck-crl': 'source' })
    expect(server.seen).toHaveLength(8)
  })

  test('serves documents for an hour; asks for revocation every time', async () => {
    await (await fetchIt()).keep()
    runtime.advance(3_599_000)
    const second = await fetchIt()
    expect(from(second)).toEqual({
      'root-crl': 'source',
      'pck-crl': 'source',
      'tcb-info': 'cache',
      'qe-identity': 'cache',
    })
    expect(second.ageSeconds).toBe(3599)
    runtime.advance(1000)
    expect(from(await fetchIt())).toMatchObject({ 'tcb-info': 'source' })
  })

  test('asks conditionally with the validator of the kept answer', async () => {
    await (await fetchIt()).keep()
    const tags = { 'root-crl': '"root-crl"' }
    server.answer((request) => (request.headers['if-none-match'] ? { status: 304 } : site.reply(request)))
    const second = await fetchIt(true)
    expect(from(second)).toEqual({
      'root-crl': 'confirmed',
      'pck-crl': 'source',
      'tcb-info': 'confirmed',
      'qe-identity': 'confirmed',
    })
    expect(server.seen.filter(({ headers }) => headers['if-none-match'] === tags['root-crl'])).toHaveLength(1)
  })

  test('If-Modified-Since where there is no ETag', async () => {
    const date = 'Sun, 31 May 2026 23:00:00 GMT'
    server.answer((request) => {
      const reply = site.reply(request)
      return { ...reply, headers: { ...reply.headers, etag: '', 'last-modified': date } }
    })
    await (await fetchIt()).keep()
    await fetchIt()
    expect(server.seen.at(-1)?.headers['if-modified-since']).toBe(date)
  })

  test('304 to an unconditional request is refused', async () => {
    server.answer(() => ({ status: 304 }))
    await expect(fetchIt()).rejects.toEqual(code('ENDORSEMENTS_ANSWER_MALFORMED'))
  })

  test('an older document than the kept one does not replace it', async () => {
    await (await fetchIt()).keep()
    const older = await site.endorsements({ now: NOW - 86_400 })
    runtime.advance(7_200_000)
    const reply = documentReply('tcbInfo', older.tcbInfo, 'tcb-info-issuer-chain')
    server.answer((request) => byPath(request, '/v4/tcb?', reply))
    const report = (await fetchIt()).sources.find(({ name }) => name === 'tcb-info')
    expect(report).toMatchObject({
      from: 'grace',
      issuedAt: NOW - 3600,
      problem: 'the source went back to an older one',
    })
  })

  test('grace: the kept set serves within its own validity, with its age and the problem', async () => {
    await (await fetchIt()).keep()
    runtime.advance(5 * 86_400_000)
    server.answer(() => ({ status: 503 }))
    const fetched = await fetchIt()
    expect(Object.values(from(fetched))).toEqual(['grace', 'grace', 'grace', 'grace'])
    expect(fetched.ageSeconds).toBeGreaterThanOrEqual(5 * 86_400)
    expect(fetched.sources[0]?.problem).toContain('HTTP 503')
  })

  test('grace ends with the validity of the kept set', async () => {
    await (await fetchIt()).keep()
    runtime.advance(30 * 86_400_000)
    server.answer(() => ({ status: 503 }))
    await expect(fetchIt()).rejects.toEqual(code('ENDORSEMENTS_UNAVAILABLE'))
  })

  test('no grace when the source says that it does not know the platform any more', async () => {
    await (await fetchIt()).keep()
    runtime.advance(7_200_000)
    server.answer((request) => byPath(request, '/v4/tcb?', { status: 404 }))
    await expect(fetchIt()).rejects.toEqual(code('ENDORSEMENTS_NOT_FOUND'))
  })

  test('a clock that was set back makes nothing fresh', async () => {
    await (await fetchIt()).keep()
    runtime.advance(-600_000)
    expect(from(await fetchIt())).toMatchObject({ 'tcb-info': 'source' })
  })

  test('two that want the same ask once', async () => {
    await Promise.all([fetchIt(), fetchIt()])
    expect(server.seen).toHaveLength(4)
  })

  test('a cache that fails does not make the fetch fail', async () => {
    const broken: EndorsementCache = {
      read: () => Promise.reject(new Error('disk')),
      write: () => Promise.reject(new Error('disk full')),
      remove: () => Promise.reject(new Error('disk')),
    }
    const fetched = await fetchDcapEndorsements(createFetcher({ runtime, cache: broken }), source, REQUEST)
    expect(await fetched.keep()).toContain('tcb-info: disk full')
    await fetched.discard()
  })
})

describe('what to ask for', () => {
  test('is read from the PCK certificate', () => {
    expect(dcapRequestOf('tdx', site.pck)).toEqual({ tee: 'tdx', fmspc: FMSPC, ca: 'platform' })
  })

  test('is read from a quote', async () => {
    const quote = await site.platform.issueQuote({ reportData: new Uint8Array(64) })
    expect(dcapRequestOfQuote(quote)).toEqual({ tee: 'tdx', fmspc: FMSPC, ca: 'platform' })
    for (const wrong of [quote.subarray(0, 700), new Uint8Array(0), quote.with(4, 2)]) {
      expect(() => dcapRequestOfQuote(wrong)).toThrow(code('ENDORSEMENTS_REQUEST_INVALID'))
    }
  })

  test('a certificate that is no PCK, and what is no certificate, are refused', async () => {
    const [pckCa = new Uint8Array()] = (await site.endorsements()).pckCrlIssuerChain
    for (const der of [pckCa, Uint8Array.of(1, 2, 3), site.pck.subarray(0, 400)]) {
      expect(() => dcapRequestOf('tdx', der)).toThrow(code('ENDORSEMENTS_REQUEST_INVALID'))
    }
  })
})
