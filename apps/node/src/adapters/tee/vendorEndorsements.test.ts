import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { INTEL_SGX_ROOT, type TrustAnchor } from '@spartan/attestation'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createIntelSite, type IntelSite, NOW } from '../../../../../packages/endorsements/src/test/intelSite.ts'
import {
  createTestRuntime,
  type LocalSource,
  startLocalSource,
  type TestRuntime,
} from '../../../../../packages/endorsements/src/test/localSource.ts'
import { createVendorEndorsements, intelSourceOf } from './vendorEndorsements.ts'

let site: IntelSite
let anchor: TrustAnchor
let server: LocalSource
let cacheDirectory: string
let runtime: TestRuntime

beforeAll(async () => {
  site = await createIntelSite()
  anchor = { ...INTEL_SGX_ROOT, publicKey: site.rootPublicKey, simulated: true }
})
beforeEach(async () => {
  server = await startLocalSource(site.reply)
  runtime = createTestRuntime(NOW * 1000)
  cacheDirectory = mkdtempSync(join(tmpdir(), 'spartan-vendor-'))
})
afterEach(() => server.close())

const issueQuote = () => site.platform.issueQuote({ reportData: new Uint8Array(64) })
const reader = (trustAnchors: readonly TrustAnchor[] = [anchor]) =>
  createVendorEndorsements(intelSourceOf({ kind: 'pccs', url: server.url }), cacheDirectory, {
    runtime,
    trustAnchors,
  })
const refused = expect.objectContaining({ code: 'NODE_ENDORSEMENTS_UNAVAILABLE' })

describe('createVendorEndorsements', () => {
  test('default: fetched by what the quote says, verified, in the form of the node, kept on disk', async () => {
    const endorsements = await reader()(issueQuote)
    expect(JSON.parse(endorsements.tcbInfo.body)).toMatchObject({ id: 'TDX', fmspc: '50A06F000000' })
    expect(readdirSync(cacheDirectory)).toHaveLength(4)
  })

  test('behavior: an outage is bridged by what another process kept', async () => {
    const before = await reader()(issueQuote)
    server.answer(() => ({ status: 503 }))
    expect(await reader()(issueQuote)).toEqual(before)
  })

  test('behavior: many that ask cost the vendor one fetch in ten minutes, and nobody waits for the next', async () => {
    const read = reader()
    const first = await Promise.all([read(issueQuote), read(issueQuote)])
    expect(first[0]).toEqual(first[1])
    expect(server.seen).toHaveLength(4)
    runtime.advance(599_000)
    await read(issueQuote)
    expect(server.seen).toHaveLength(4)
    runtime.advance(60_000)
    server.answer(() => ({ status: 403 }))
    expect(await read(issueQuote)).toEqual(first[0])
    await expect.poll(() => server.seen.length).toBeGreaterThan(4)
    runtime.advance(3_600_000)
    await expect(read(issueQuote)).rejects.toEqual(refused)
  })

  test('error: NODE_ENDORSEMENTS_UNAVAILABLE in an outage with nothing kept', async () => {
    server.answer(() => ({ status: 503 }))
    await expect(reader()(issueQuote)).rejects.toEqual(refused)
  })

  test('error: NODE_ENDORSEMENTS_UNAVAILABLE for endorsements under another root, and nothing is kept', async () => {
    await expect(reader([INTEL_SGX_ROOT])(issueQuote)).rejects.toThrow(/DCAP_ROOT_NOT_PINNED/)
    expect(readdirSync(cacheDirectory)).toEqual([])
  })

  test('error: NODE_ENDORSEMENTS_UNAVAILABLE for a quote without PCK certificate', async () => {
    await expect(reader()(async () => new Uint8Array(100))).rejects.toEqual(refused)
  })

  test('behavior: the sources that a configuration names', () => {
    expect(intelSourceOf({ kind: 'pcs' }).baseUrl).toBe('https://api.trustedservices.intel.com')
    expect(intelSourceOf({ kind: 'azure' }).baseUrl).toBe('https://global.acccache.azure.net')
    expect(intelSourceOf({ kind: 'pccs', url: 'https://pccs:8081/' }).baseUrl).toBe('https://pccs:8081')
  })
})
