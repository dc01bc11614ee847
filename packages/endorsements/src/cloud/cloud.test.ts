import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFetcher, type Fetcher } from '../fetcher.ts'
import { NOW } from '../test/intelSite.ts'
import {
  createTestRuntime,
  type LocalSource,
  type Reply,
  type SeenRequest,
  startLocalSource,
} from '../test/localSource.ts'
import { createVendorChain, pemOf, type VendorChain } from '../test/vendorChains.ts'
import { fetchAzureSnpEndorsements } from './azure.ts'
import { fetchGcpHost } from './gcp.ts'

const TCB = Uint8Array.of(4, 0, 0, 0, 0, 0, 24, 219)
const PPID = '00112233445566778899AABBCCDDEEFF'

let chain: VendorChain
let server: LocalSource
let fetcher: Fetcher
beforeAll(async () => {
  chain = await createVendorChain('AMD')
})
beforeEach(async () => {
  server = await startLocalSource(site)
  fetcher = createFetcher({ runtime: createTestRuntime(NOW * 1000) })
})
afterEach(() => server.close())

const code = (value: string) => expect.objectContaining({ code: value })
function thim(extra: object = {}): Reply {
  const [leaf, intermediate, root] = chain.certificates
  const body = {
    vcekCert: pemOf(leaf),
    tcbm: 'DB18000000000004',
    certificateChain: pemOf(intermediate, root),
    cacheControl: '86400',
    ...extra,
  }
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json; charset=utf-8' } }
}
function site({ path }: SeenRequest): Reply {
  if (path === '/metadata/THIM/amd/certification') return thim()
  if (path === '/vcek/v1/Genoa/crl') return { body: chain.crl }
  if (path === `/registry/${PPID.toLowerCase()}`) return { body: '{"zone":"europe-west4-b"}' }
  return { status: 404 }
}
const azure = (reportedTcb = TCB) =>
  fetchAzureSnpEndorsements(
    fetcher,
    { metadataUrl: server.url, kds: { baseUrl: server.url } },
    { product: 'Genoa', reportedTcb },
  )

describe('Azure THIM', () => {
  test('gives VCEK, ASK and ARK to whoever sends the metadata header; the CRL comes from KDS', async () => {
    const [vek, intermediate, root] = chain.certificates
    expect((await azure()).endorsements).toEqual({ vek, intermediate, root, crl: chain.crl })
    expect(server.seen.find(({ path }) => path.includes('THIM'))?.headers.metadata).toBe('true')
  })

  test('a VCEK for another TCB than the report has is refused', async () => {
    await expect(azure(Uint8Array.of(5, 0, 0, 0, 0, 0, 24, 219))).rejects.toEqual(code('ENDORSEMENTS_ANSWER_MISMATCH'))
  })

  test.each<[string, object]>([
    ['no VCEK', { vcekCert: undefined }],
    ['two VCEKs', { vcekCert: 'twice' }],
    ['a TCB of 4 bytes', { tcbm: 'DB180000' }],
    ['no chain', { certificateChain: '' }],
  ])('%s is refused', async (_, extra) => {
    const [leaf] = chain.certificates
    const edited = 'vcekCert' in extra && extra.vcekCert === 'twice' ? { vcekCert: pemOf(leaf, leaf) } : extra
    server.answer((request) => (request.path.includes('THIM') ? thim(edited) : site(request)))
    await expect(azure()).rejects.toEqual(code('ENDORSEMENTS_ANSWER_MALFORMED'))
  })
})

describe('Google’s host registry', () => {
  const ask = (ppid: string) => fetchGcpHost(fetcher, `${server.url}/registry`, ppid)

  test('answers by PPID', async () => {
    expect((await ask(PPID)).endorsements).toEqual({ zone: 'europe-west4-b' })
  })

  test('a host that is not Google’s has its own code', async () => {
    await expect(ask('00'.repeat(16))).rejects.toEqual(code('ENDORSEMENTS_NOT_FOUND'))
  })

  test.each(['', '../x', '00'.repeat(15)])('the PPID %j is refused', async (ppid) => {
    await expect(ask(ppid)).rejects.toEqual(code('ENDORSEMENTS_REQUEST_INVALID'))
  })
})
