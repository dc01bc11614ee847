import { createNvidiaSimulation, createSnpSimulation } from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { folder, run } from './test/run.ts'
import { NOW, tdxCase } from './test/tdxCase.ts'

let quote: Uint8Array
beforeAll(async () => {
  quote = (await tdxCase()).quote
})

describe('spartan evidence inspect', () => {
  test.each<[string, (bytes: Buffer) => string | Uint8Array, readonly string[]]>([
    ['binary', (bytes) => bytes, []],
    ['hex', (bytes) => `0x${bytes.toString('hex')}\n`, ['hex']],
    ['base64', (bytes) => bytes.toString('base64'), ['base64']],
    ['base64url without padding', (bytes) => bytes.toString('base64url'), ['base64']],
    ['PEM', (bytes) => `-----BEGIN TDX QUOTE-----\n${bytes.toString('base64')}\n-----END TDX QUOTE-----\n`, ['PEM']],
    ['JSON', (bytes) => JSON.stringify({ nonce: '00', quote: bytes.toString('hex') }), ['JSON .quote', 'hex']],
    ['JSON array of bytes', (bytes) => JSON.stringify({ quote: [...bytes] }), ['JSON .quote']],
  ])('behavior: reads %s', async (_, wrap, containers) => {
    const { code, out } = await run(['evidence', 'inspect', '-', '--json'], Buffer.from(wrap(Buffer.from(quote))))
    expect(code).toBe(0)
    const printed = JSON.parse(out)
    expect(printed).toMatchObject({ kind: 'tdx', containers, verified: false })
    const mrTd = printed.fields.find(({ name }: { name: string }) => name === 'report.measurements.mrTd')
    expect(mrTd.value).toBe(Buffer.from(quote.subarray(48 + 136, 48 + 184)).toString('hex'))
  })

  test('behavior: text says what is not verified and what a field means', async () => {
    const files = folder({ 'quote.bin': quote })
    const { code, out } = await run(['evidence', 'inspect', files.path('quote.bin')])
    expect(code).toBe(0)
    expect(out).toContain('verified     nothing')
    expect(out).toMatch(/measurements\.mrTd {2}[0-9a-f]{96} {2}\(48 bytes, SHA-384 of the initial contents/)
  })

  test('behavior: a quote names its platform', async () => {
    const { out } = await run(['evidence', 'inspect', '-'], quote)
    expect(out).toMatch(/^platform\.fmspc {2}[0-9a-f]{12} /m)
    expect(out).toMatch(/^platform\.ca {2}(?:platform|processor) /m)
  })

  test('behavior: an NVIDIA report is shown alone, and with its chain where that is given', async () => {
    const simulation = await createNvidiaSimulation({ now: NOW })
    const { report, certificateChain } = await (
      await simulation.createDevice({ chip: 'GH100', driverVersion: '590.12', vbiosVersion: '96.00.A5.00.01' })
    ).issueEvidence({ nonce: new Uint8Array(32) })
    const files = folder({ 'report.bin': report, 'chain.pem': certificateChain })
    const argv = ['evidence', 'inspect', files.path('report.bin')]
    const alone = await run(argv)
    expect({ code: alone.code, certificates: alone.out.includes('certificates[0]') }).toEqual({
      code: 0,
      certificates: false,
    })
    expect(alone.out).toContain('opaque.driverVersion')
    const both = await run([...argv, '--certificates', files.path('chain.pem')])
    expect(both.out).toContain('certificates[0].commonName')
    expect(both.out).not.toContain('MALFORMED')
  })

  test('behavior: an SNP report lists its TCBs by component', async () => {
    const simulation = await createSnpSimulation({ now: NOW, product: 'Milan' })
    const report = await (await simulation.createMachine()).issueReport()
    const { code, out } = await run(['evidence', 'inspect', '-'], report)
    expect(code).toBe(0)
    expect(out).toMatch(/^tcb\.reportedTcb {2}bl=\d+,tee=\d+,snp=\d+,ucode=\d+,fmc=\d+ /m)
  })

  test.each<[string, readonly string[], Uint8Array, number, string]>([
    ['EVIDENCE_KIND_UNKNOWN', [], Buffer.from('hello'), 4, 'EVIDENCE_KIND_UNKNOWN'],
    ['EVIDENCE_KIND_UNKNOWN for nothing', [], Buffer.alloc(0), 4, 'EVIDENCE_KIND_UNKNOWN'],
    ['EVIDENCE_CONTAINER_MALFORMED', [], Buffer.from('{"a":1,"a":2}'), 4, 'EVIDENCE_CONTAINER_MALFORMED'],
    ['CLI_INPUT_UNREADABLE', ['/nonexistent/quote.bin'], Buffer.alloc(0), 4, 'CLI_INPUT_UNREADABLE'],
  ])('error: %s', async (_, [file = '-'], stdin, code, reason) => {
    const result = await run(['evidence', 'inspect', file, '--json'], stdin)
    expect({ code: result.code, reason: JSON.parse(result.err).error.code }).toEqual({ code, reason })
  })

  test('error: EVIDENCE_CONTAINER_AMBIGUOUS when two fields hold evidence', async () => {
    const hex = Buffer.from(quote).toString('hex')
    const { code, err } = await run(['evidence', 'inspect', '-'], Buffer.from(JSON.stringify({ a: hex, b: hex })))
    expect(code).toBe(4)
    expect(err).toContain('JSON .a and JSON .b')
  })

  test('error: the parser’s own code, exit 3, for a quote that is cut', async () => {
    const { code, err } = await run(['evidence', 'inspect', '-', '--json'], quote.subarray(0, 700))
    expect(code).toBe(3)
    expect(JSON.parse(err).error.code).toBe('DCAP_QUOTE_MALFORMED')
  })

  test('error: usage exits 2', async () => {
    expect((await run(['evidence', 'inspect'])).code).toBe(2)
    expect((await run(['evidence', 'fly'])).code).toBe(2)
    expect((await run(['evidence', 'inspect', '--help'])).out).toContain('Examples:')
  })
})
