import { describe, expect, test } from 'vitest'
import { parseStrictJson } from './json.ts'

const parse = (text: string) => parseStrictJson(new TextEncoder().encode(text), 'DCAP_TCB_INFO_MALFORMED')

describe('parseStrictJson', () => {
  test('default: reads what JSON.parse reads', () => {
    expect(parse('{"a":[{"b":1},{}],"c":"x","d":[],"e":4294967295}')).toEqual(
      new Map<string, unknown>([
        ['a', [new Map([['b', 1]]), new Map()]],
        ['c', 'x'],
        ['d', []],
        ['e', 4294967295],
      ]),
    )
  })

  test.each([
    ['a key twice', '{"a":1,"a":1}'],
    ['white space', '{"a": 1}'],
    ['an escape', '{"a":"\\u0041"}'],
    ['a letter outside ASCII', '{"a":"é"}'],
    ['a leading zero', '{"a":01}'],
    ['a sign', '{"a":-1}'],
    ['a fraction', '{"a":1.5}'],
    ['an exponent', '{"a":1e3}'],
    ['a number of 33 bits', '{"a":4294967296}'],
    ['true', '{"a":true}'],
    ['null', '{"a":null}'],
    ['a trailing comma', '{"a":1,}'],
    ['a second value', '{"a":1}{}'],
    ['an open end', '{"a":1'],
    ['nothing', ''],
    ['too many levels', `${'['.repeat(20)}${']'.repeat(20)}`],
    ['a byte order mark', '\ufeff{}'],
  ])('error: refuses %s', (_, text) => {
    expect(() => parse(text)).toThrow('DCAP_TCB_INFO_MALFORMED')
  })
})
