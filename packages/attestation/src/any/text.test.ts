import { describe, expect, test } from 'vitest'
import { MalformedEvidenceError } from '../errors.ts'
import { decodeBase64, decodeEvidence } from './decode.ts'
import { parseUniqueJson } from './json.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const MIB = 1024 * 1024

describe('decodeBase64', () => {
  test('default: either alphabet, with or without padding', () => {
    expect(decodeBase64('-_8=')).toEqual(Uint8Array.of(0xfb, 0xff))
    expect(decodeBase64('+/8')).toEqual(Uint8Array.of(0xfb, 0xff))
  })

  test('error: padding stands at the end, twice at most', () => {
    for (const text of ['A=A', 'AAA=A', 'AA==A', 'AAA===', '=', '==']) expect(decodeBase64(text)).toBeUndefined()
  })
})

describe('decodeEvidence', () => {
  test('error: a text of equals signs takes no longer than any other', () => {
    const started = performance.now()
    expect(() => decodeEvidence(bytesOf(`${'='.repeat(3 * MIB)}a`))).toThrow(MalformedEvidenceError)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('parseUniqueJson', () => {
  const parse = (text: string) => parseUniqueJson(bytesOf(text), 'EVIDENCE_BUNDLE_MALFORMED', 32 * MIB)

  test('default: a string as long as the document', () => {
    const value = '\\n'.repeat(8 * MIB)
    expect(parse(`{"a":"${value}","b":1}`)).toMatchObject({ b: 1 })
  })

  test('error: a key twice, however it is written', () => {
    const doubles = ['{"a":1,"a":2}', '{"a":{"b":[1,{"c":"\\\\"}],"b":2}}', '{"a":"\\"","\\u0061":2}', '{"":1,"":2}']
    for (const text of doubles) expect(() => parse(text), text).toThrow(MalformedEvidenceError)
  })

  test('default: the same key in different objects, and text that looks like keys', () => {
    const fine = ['[{"a":1},{"a":2}]', '{"a":{"a":"a"}}', '{"a":"\\"a\\":1","b":["a","a"]}']
    for (const text of fine) expect(parse(text)).toEqual(JSON.parse(text))
  })
})
