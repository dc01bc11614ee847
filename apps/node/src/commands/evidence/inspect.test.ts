import { beforeAll, describe, expect, test } from 'vitest'
import { folder, run } from './test/run.ts'
import { tdxCase } from './test/tdxCase.ts'

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
