import type { DcapEndorsements } from '@spartan/attestation'
import {
  type AttestationResult,
  INTEL_SGX_ROOT,
  type TdxClaims,
  vectorsTdxPolicy,
  verifyTdxEvidence,
} from '@spartan/attestation'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fetchVerified } from './fetched.ts'
import { createFetcher, type Fetcher, type FetchOptions } from './fetcher.ts'
import { fetchDcapEndorsements, type IntelSource } from './intel/intel.ts'
import { fetchTcbSets, forecastTcb, type TcbOutcome } from './intel/tcbStatus.ts'
import { judgementOf } from './judgement.ts'
import { createIntelSite, FMSPC, type IntelSite, NOW } from './test/intelSite.ts'
import { createTestRuntime, type LocalSource, startLocalSource, type TestRuntime } from './test/localSource.ts'

const REQUEST = { tee: 'tdx', fmspc: FMSPC, ca: 'platform' } as const

let site: IntelSite
let foreign: IntelSite
let server: LocalSource
let source: IntelSource
let runtime: TestRuntime
let fetcher: Fetcher
let quote: Uint8Array

beforeAll(async () => {
  site = await createIntelSite({}, { tcbEvaluationNumber: 21, platformStatus: 'OutOfDate' })
  foreign = await createIntelSite()
  quote = await site.platform.issueQuote({ reportData: new Uint8Array(64) })
})
beforeEach(async () => {
  server = await startLocalSource(site.reply)
  source = { baseUrl: server.url, rootCrlUrl: `${server.url}/IntelSGXRootCA.der` }
  runtime = createTestRuntime(NOW * 1000)
  fetcher = createFetcher({ runtime })
})
afterEach(() => server.close())

const code = (value: string) => expect.objectContaining({ code: value })

function verify(endorsements: DcapEndorsements, evidence = quote): Promise<AttestationResult<TdxClaims>> {
  return verifyTdxEvidence({
    evidence,
    endorsements,
    at: Math.floor(runtime.nowMs() / 1000),
    trustAnchors: [{ ...INTEL_SGX_ROOT, publicKey: site.rootPublicKey, simulated: true }],
    policy: {
      ...vectorsTdxPolicy({ measurements: 'any', reportData: 'any' }),
      acceptedTcbStatuses: ['UpToDate', 'OutOfDate'],
    },
  })
}
const judge = async (endorsements: DcapEndorsements) => judgementOf('dcap', await verify(endorsements))
const fetchIt = (options: FetchOptions) => fetchDcapEndorsements(fetcher, source, REQUEST, options)
const keptKeys = async () => {
  const { answers } = await fetchDcapEndorsements(createFetcher({ runtime }), source, REQUEST)
  const kept = await Promise.all(answers.map(({ key }) => fetcher.cache.read(key)))
  return kept.filter(Boolean).length
}

describe('verified before kept', () => {
  test('genuine endorsements are kept', async () => {
    const { fetched, value } = await fetchVerified(fetchIt, judge)
    expect(value.verdict).toBe('accepted')
    expect(fetched.sources.every(({ from }) => from === 'source')).toBe(true)
    expect(await keptKeys()).toBe(4)
  })

  test('endorsements under another root are refused and leave nothing in the cache', async () => {
    server.answer(foreign.reply)
    const failed = await fetchVerified(fetchIt, judge).catch((error: unknown) => error)
    expect(failed).toEqual(code('ENDORSEMENTS_NOT_VERIFIED'))
    expect(String(failed)).toContain('DCAP_ROOT_CRL_SIGNATURE_INVALID')
    server.answer(site.reply)
    expect(await keptKeys()).toBe(0)
  })

  test('a refused fetch leaves what was good in the cache alone', async () => {
    await fetchVerified(fetchIt, judge)
    server.answer(foreign.reply)
    await expect(fetchVerified(() => fetchIt({ reload: true }), judge)).rejects.toEqual(
      code('ENDORSEMENTS_NOT_VERIFIED'),
    )
    server.answer(site.reply)
    expect((await fetchVerified(fetchIt, judge)).value.verdict).toBe('accepted')
  })

  test('evidence that is refused for another reason does not speak against its endorsements', async () => {
    const whole = quote
    quote = quote.with(600, (quote[600] ?? 0) ^ 1)
    try {
      const { value } = await fetchVerified(fetchIt, judge)
      expect(value).toMatchObject({ verdict: 'refused', reasonCode: 'DCAP_QUOTE_SIGNATURE_INVALID' })
      expect(await keptKeys()).toBe(4)
    } finally {
      quote = whole
    }
  })

  test('a kept answer that does not verify is dropped and fetched anew', async () => {
    server.answer(foreign.reply)
    await (await fetchIt({})).keep()
    server.answer(site.reply)
    const { fetched, value } = await fetchVerified(fetchIt, judge)
    expect(value.verdict).toBe('accepted')
    expect(fetched.sources.every(({ from }) => from === 'source')).toBe(true)
    expect((await fetchIt({})).sources.find(({ name }) => name === 'tcb-info')?.from).toBe('cache')
  })
})

describe('kept ones that are not genuine', () => {
  test('do not come back in an outage', async () => {
    server.answer(foreign.reply)
    await (await fetchIt({})).keep()
    server.answer(() => ({ status: 503 }))
    await expect(fetchVerified(fetchIt, judge)).rejects.toEqual(code('ENDORSEMENTS_UNAVAILABLE'))
    server.answer(site.reply)
    expect(await keptKeys()).toBe(0)
  })
})

describe('evidence that fails for a fault of its own', () => {
  test('does not empty the cache and asks nobody', async () => {
    await fetchVerified(fetchIt, judge)
    const before = await keptKeys()
    const forged = await foreign.platform.issueQuote({ reportData: new Uint8Array(64) })
    const judgeForged = async (endorsements: DcapEndorsements) =>
      judgementOf('dcap', await verify(endorsements, forged))
    server.answer(() => ({ status: 503 }))
    runtime.advance(1000)
    await expect(fetchVerified(fetchIt, judgeForged)).rejects.toEqual(code('ENDORSEMENTS_NOT_VERIFIED'))
    server.answer(site.reply)
    expect(await keptKeys()).toBe(before)
    expect(before).toBe(4)
  })
})

describe('next TCB set', () => {
  async function evaluate(endorsements: DcapEndorsements): Promise<TcbOutcome> {
    const result = await verify(endorsements)
    if (result.verdict === 'refused') return { kind: 'refused', reasonCode: result.reasonCode }
    const { tcbStatus, advisoryIds } = result.claims
    return { kind: 'evaluated', tcbStatus, advisoryIds }
  }

  test('a recovery that is published early: what will change, and when', async () => {
    const forecast = await forecastTcb(await fetchTcbSets(fetcher, source, REQUEST), evaluate)
    expect(forecast).toMatchObject({
      now: { tcbStatus: 'UpToDate' },
      next: { tcbStatus: 'OutOfDate' },
      numbers: { now: 20, next: 21 },
      changes: true,
      recoveryPending: true,
      advisoriesAdded: ['INTEL-SA-00001'],
      advisoriesGone: [],
    })
    const event = Date.parse('2026-05-12T00:00:00Z') / 1000
    expect(forecast.recovery).toMatchObject({ number: 21, recoveryEventAt: event, earliestAt: event + 42 * 86_400 })
  })

  test('nothing pending: both sets are the same', async () => {
    server.answer((request) =>
      site.reply({ ...request, path: request.path.replace('update=early', 'update=standard') }),
    )
    const forecast = await forecastTcb(await fetchTcbSets(fetcher, source, REQUEST), evaluate)
    expect(forecast).toMatchObject({ changes: false, recoveryPending: false, recovery: undefined })
  })

  test('a source without the list of evaluations still gives the judgement', async () => {
    server.answer((request) => (request.path.includes('numbers') ? { status: 404 } : site.reply(request)))
    const forecast = await forecastTcb(await fetchTcbSets(fetcher, source, REQUEST), evaluate)
    expect(forecast).toMatchObject({ changes: true, recoveryPending: true, recovery: undefined })
  })

  test('a platform that the next set refuses', async () => {
    const early = await site.endorsements({ tcbEvaluationNumber: 21, platformStatus: 'Revoked' })
    const sets = await fetchTcbSets(fetcher, source, REQUEST)
    const next = { ...sets.next, endorsements: early }
    const forecast = await forecastTcb({ ...sets, next }, evaluate)
    expect(forecast).toMatchObject({ changes: true, next: { kind: 'refused', reasonCode: 'DCAP_TCB_REVOKED' } })
    expect(forecast.recovery?.number).toBe(21)
  })
})
