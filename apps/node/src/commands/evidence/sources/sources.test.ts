import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createSnpSimulation } from '@spartan/simulator'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createIntelSite, type IntelSite } from '../../../../../../packages/endorsements/src/test/intelSite.ts'
import { type LocalSource, startLocalSource } from '../../../../../../packages/endorsements/src/test/localSource.ts'
import { pemOf } from '../../../../../../packages/endorsements/src/test/vendorChains.ts'
import { folder, run } from '../test/run.ts'

/** The commands use the machine's clock. */
const now = Math.floor(Date.now() / 1000)

let site: IntelSite
let quote: Uint8Array
let server: LocalSource
let files: ReturnType<typeof folder>

beforeAll(async () => {
  site = await createIntelSite({ now }, { now, tcbEvaluationNumber: 21, platformStatus: 'OutOfDate' })
  quote = await site.platform.issueQuote({ reportData: new Uint8Array(64) })
})
beforeEach(async () => {
  server = await startLocalSource(site.reply)
  files = folder({ 'quote.bin': quote, 'root.hex': Buffer.from(site.rootPublicKey).toString('hex') })
})
afterEach(() => server.close())

const common = () => ['--source', server.url, '--trust-anchor', files.path('root.hex')]
const evidence = (command: string, ...more: readonly string[]) =>
  run(['evidence', command, files.path('quote.bin'), ...common(), ...more])
const read = (name: string) => JSON.parse(readFileSync(files.path(name), 'utf8'))
const codeOf = (err: string) => JSON.parse(err).error.code

describe('spartan evidence fetch', () => {
  test('default: prints endorsements that were verified against the quote', async () => {
    const { code, out, err } = await evidence('fetch')
    expect(code).toBe(0)
    expect(JSON.parse(JSON.parse(out).tcbInfo.body)).toMatchObject({ id: 'TDX' })
    expect(err).toMatch(/tcb-info +source, 0 s old, valid until/)
  })

  test('behavior: --json tells sources and ages, --out and --bundle write files, --offline asks nobody', async () => {
    const written = await evidence('fetch', '--json', '--out', files.path('e.json'), '--bundle', files.path('b.json'))
    expect(written.code).toBe(0)
    expect(JSON.parse(written.out)).toMatchObject({ kind: 'tdx', verified: true, ageSeconds: 0 })
    expect(read('b.json').answers).toHaveLength(4)
    const asked = server.seen.length
    const offline = await evidence('fetch', '--offline', files.path('b.json'), '--out', files.path('again.json'))
    expect(offline.code).toBe(0)
    expect(server.seen).toHaveLength(asked)
    expect(read('again.json')).toEqual(read('e.json'))
  })

  test('behavior: what it writes is what `evidence verify` reads', async () => {
    await evidence('fetch', '--out', files.path('e.json'))
    const policy = ['--endorsements', files.path('e.json'), '--policy', 'vectors', '--json']
    const argv = ['evidence', 'verify', files.path('quote.bin'), '--trust-anchor', files.path('root.hex'), ...policy]
    const { code, err } = await run(argv)
    expect([code, err]).toEqual([0, ''])
  })

  test('behavior: --cache bridges an outage', async () => {
    const cache = ['--cache', files.path('cache')]
    expect((await evidence('fetch', ...cache)).code).toBe(0)
    expect(readdirSync(files.path('cache'))).toHaveLength(4)
    server.answer(() => ({ status: 404 }))
    // Documents are fresh; revocation is asked for, and a refusal is an answer.
    expect((await evidence('fetch', ...cache)).code).toBe(4)
  })

  test('behavior: --update early asks for the next set', async () => {
    const { out } = await evidence('fetch', '--update', 'early')
    expect(JSON.parse(JSON.parse(out).tcbInfo.body).tcbEvaluationDataNumber).toBe(21)
  })

  test('error: exit 4 and nothing written when the endorsements do not verify', async () => {
    const out = ['--out', files.path('e.json'), '--cache', files.path('cache'), '--json']
    const { code, err } = await run(['evidence', 'fetch', files.path('quote.bin'), '--source', server.url, ...out])
    expect(code).toBe(4)
    expect(codeOf(err)).toBe('ENDORSEMENTS_NOT_VERIFIED')
    expect(existsSync(files.path('e.json'))).toBe(false)
    expect(existsSync(files.path('cache'))).toBe(false)
  })

  test.each<[string, readonly string[], string, number]>([
    ['a bundle that is not there', ['--offline', '/nonexistent'], 'CLI_INPUT_UNREADABLE', 4],
    ['a root that is not there', ['--trust-anchor', '/nonexistent'], 'CLI_INPUT_UNREADABLE', 4],
    ['a source that is none', ['--source', 'nowhere'], 'ENDORSEMENTS_REQUEST_INVALID', 4],
  ])('error: %s', async (_, more, expected, exit) => {
    const { code, err } = await evidence('fetch', '--json', ...more)
    expect(codeOf(err)).toBe(expected)
    expect(code).toBe(exit)
  })

  test('error: evidence for which nothing is fetched is a usage error', async () => {
    const nitro = Buffer.concat([Buffer.from('8444a1013822', 'hex'), Buffer.alloc(100)])
    const { code, err } = await run(['evidence', 'fetch', '-', '--json'], nitro)
    expect([code, codeOf(err)]).toEqual([2, 'CLI_USAGE_INVALID'])
  })
})

describe('spartan evidence fetch of an SNP report', () => {
  test('default: VCEK, chain and CRL from KDS; a VLEK has to be given', async () => {
    const simulation = await createSnpSimulation({ now, product: 'Genoa' })
    const machine = await simulation.createMachine()
    const { vek, intermediate, root, crl } = await machine.endorsements()
    server.answer(({ path }) => {
      if (path.endsWith('cert_chain')) return { body: pemOf(intermediate, root) }
      return { body: path.endsWith('/crl') ? crl : vek }
    })
    const given = folder({ 'report.bin': await machine.issueReport(), 'ark.der': root })
    const options = ['--kds', server.url, '--trust-anchor', given.path('ark.der'), '--json']
    const { code, out, err } = await run(['evidence', 'fetch', given.path('report.bin'), ...options])
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out).endorsements.vek).toBe(Buffer.from(vek).toString('base64'))
    const cloud = await simulation.createMachine({ kind: 'vlek' })
    const shared = folder({ 'report.bin': await cloud.issueReport(), 'vlek.der': cloud.vek })
    const without = await run(['evidence', 'fetch', shared.path('report.bin'), ...options])
    expect([without.code, codeOf(without.err)]).toEqual([2, 'CLI_USAGE_INVALID'])
    server.answer(({ path }) =>
      path.endsWith('/crl') ? { body: crl } : { body: pemOf(simulation.asvk.certificate, root) },
    )
    const argv = ['evidence', 'fetch', shared.path('report.bin'), '--vlek', shared.path('vlek.der'), ...options]
    expect((await run(argv)).code).toBe(0)
    expect(server.seen.at(-1)?.path).toContain('/vlek/v1/Genoa/')
  })
})

describe('spartan evidence tcb-status', () => {
  test('default: says what will change and when; exit 3 because it will be refused', async () => {
    const { code, out } = await evidence('tcb-status')
    expect(code).toBe(3)
    expect(out).toContain('now       UpToDate (evaluation 20)')
    expect(out).toContain('next      OutOfDate, advisories INTEL-SA-00001 (evaluation 21)')
    expect(out).toContain('recovery  disclosed 2026-05-12, platforms need what was released by 2026-05-13')
    expect(out).toContain('2026-06-23 (6 weeks) to 2027-05-12 (12 months)')
  })

  test('behavior: exit 0 when nothing is pending', async () => {
    server.answer((request) => site.reply({ ...request, path: request.path.replace('update=early', '') }))
    const { code, out } = await evidence('tcb-status', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      accepted: true,
      changes: false,
      recoveryPending: false,
      fmspc: '50a06f000000',
    })
  })

  test('error: exit 4 when a set does not verify', async () => {
    const { code, err } = await run([
      'evidence',
      'tcb-status',
      files.path('quote.bin'),
      '--source',
      server.url,
      '--json',
    ])
    expect([code, codeOf(err)]).toEqual([4, 'ENDORSEMENTS_NOT_VERIFIED'])
  })

  test('error: exit 4 when the source is away', async () => {
    server.answer(() => ({ status: 403 }))
    const { code, err } = await evidence('tcb-status', '--json')
    expect([code, codeOf(err)]).toEqual([4, 'ENDORSEMENTS_SOURCE_REFUSED'])
  })
})
