import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EndorsementBundle, exportBundle, importBundle } from './bundle.ts'
import { createFetcher } from './fetcher.ts'
import { fetchDcapEndorsements, type IntelSource } from './intel/intel.ts'
import { createIntelSite, FMSPC, type IntelSite, NOW } from './test/intelSite.ts'
import { createTestRuntime, type LocalSource, startLocalSource } from './test/localSource.ts'

let site: IntelSite
let server: LocalSource
let source: IntelSource
let bundle: EndorsementBundle
const REQUEST = { tee: 'tdx', fmspc: FMSPC, ca: 'platform' } as const

beforeAll(async () => {
  site = await createIntelSite()
  server = await startLocalSource(site.reply)
  source = { baseUrl: server.url, rootCrlUrl: `${server.url}/IntelSGXRootCA.der` }
  const fetched = await fetchDcapEndorsements(
    createFetcher({ runtime: createTestRuntime(NOW * 1000) }),
    source,
    REQUEST,
  )
  // Through text, as a file would.
  bundle = JSON.parse(JSON.stringify(await exportBundle([fetched, fetched], NOW))) as EndorsementBundle
})
afterAll(() => server.close())

const code = (value: string) => expect.objectContaining({ code: value })
const offlineAt = async (at: number, json: unknown = bundle) =>
  fetchDcapEndorsements(
    createFetcher({ runtime: createTestRuntime(at * 1000), cache: await importBundle(json), mode: 'offline' }),
    source,
    REQUEST,
  )

describe('bundle', () => {
  test('holds every answer once', () => {
    expect(bundle.answers).toHaveLength(4)
  })

  test('serves offline, with the age that the answers really have', async () => {
    const asked = server.seen.length
    const fetched = await offlineAt(NOW + 86_400)
    expect(server.seen).toHaveLength(asked)
    expect(fetched.ageSeconds).toBe(86_400)
    expect(fetched.sources.every(({ from }) => from === 'cache')).toBe(true)
    expect(fetched.endorsements.tcbInfo.body).toEqual(new Uint8Array((await site.endorsements()).tcbInfo.body))
  })

  test('does not serve beyond the validity of what is in it', async () => {
    await expect(offlineAt(NOW + 30 * 86_400)).rejects.toEqual(code('ENDORSEMENTS_UNAVAILABLE'))
  })

  test('does not serve what is not in it', async () => {
    const without = { ...bundle, answers: bundle.answers.slice(1) }
    await expect(offlineAt(NOW, without)).rejects.toEqual(code('ENDORSEMENTS_UNAVAILABLE'))
  })

  test.each<[string, (whole: EndorsementBundle) => unknown]>([
    ['no object', () => 'bundle'],
    ['another format', (whole) => ({ ...whole, format: 'spartan-endorsement-bundle/2' })],
    ['no list', (whole) => ({ ...whole, answers: {} })],
    ['an answer twice', (whole) => ({ ...whole, answers: [...whole.answers, ...whole.answers] })],
    ['too many answers', (whole) => ({ ...whole, answers: Array(1025).fill(whole.answers[0]) })],
    ['a changed body', (whole) => ({ ...whole, answers: whole.answers.map((entry) => ({ ...entry, body: 'AAAA' })) })],
    [
      'a changed age',
      (whole) => ({
        ...whole,
        answers: whole.answers.map((entry) => ({ ...entry, confirmedAt: entry.confirmedAt + 1 })),
      }),
    ],
    ['an answer that is none', (whole) => ({ ...whole, answers: [null] })],
  ])('%s is refused', async (_, edit) => {
    await expect(importBundle(edit(bundle))).rejects.toEqual(code('ENDORSEMENTS_BUNDLE_MALFORMED'))
  })
})
