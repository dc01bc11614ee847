import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedEvidenceError } from '../errors.ts'
import { fromHex } from './bytes.ts'
import { type CborItem, type CborRules, readCbor } from './cbor.ts'

const RULES: CborRules = { maxBytes: 4096, maxItems: 100, maxDepth: 4, heads: 'shortest', topMap: 'definite' }
const CODE = 'CCA_TOKEN_MALFORMED'

const read = (hex: string, rules: Partial<CborRules> = {}) =>
  readCbor({ bytes: fromHex(hex.replaceAll(' ', '')), code: CODE }, { ...RULES, ...rules })

const refusalOf = (hex: string, rules: Partial<CborRules> = {}): string => {
  try {
    read(hex, rules)
  } catch (error) {
    if (error instanceof MalformedEvidenceError) return `${error.offset}: ${error.expected}`
    throw error
  }
  return 'accepted'
}

/** Plain values of an item; maps as lists of pairs. */
function plain(item: CborItem): unknown {
  if (item.kind === 'array') return item.items.map(plain)
  if (item.kind === 'map') return [...item.entries].map(([key, value]) => [key, plain(value)])
  if (item.kind === 'tag') return { tag: item.tag, content: plain(item.content) }
  return item.value
}

describe('readCbor', () => {
  test.each([
    ['00', 0],
    ['1817', 23, 'any'],
    ['1818', 24],
    ['1903e8', 1000],
    ['1b0020000000000000', 2n ** 53n],
    ['1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['20', -1],
    ['3903e7', -1000],
    ['3bffffffffffffffff', -(2n ** 64n)],
    ['43010203', Uint8Array.of(1, 2, 3)],
    ['63e282ac', '€'],
    ['820180', [1, []]],
    [
      'a20102613103',
      [
        [1, 2],
        ['1', 3],
      ],
    ],
    ['d2f4', { tag: 18, content: false }],
    ['f5', true],
    ['f6', null],
    ['f7', 'other'],
    ['f93c00', 'other'],
    ['fb7ff0000000000000', 'other'],
    ['f8ff', 'other'],
  ] as const)('default: %s', (hex, expected, heads: CborRules['heads'] = 'shortest') => {
    expect(plain(read(hex, { heads }))).toEqual(expected)
  })

  test.each([
    ['an empty document', '', '0: a data item'],
    ['a trailing byte', '0000', '1: the end'],
    ['a key twice', 'a201000100', '3: each key once'],
    ['a text key twice', 'a2616100616101', '4: each key once'],
    ['a key of another kind', 'a1410000', '1: an integer or text as key'],
    ['a longer head than needed', '1817', '0: the shortest head'],
    ['a longer length than needed', '580100', '0: the shortest head'],
    ['a longer tag than needed', 'd81200', '0: the shortest head'],
    ['an 8-byte head for 4 bytes', '1b00000000ffffffff', '0: the shortest head'],
    ['a reserved head', '1c', '0: a head that RFC 8949 defines'],
    ['an indefinite byte string', '5f4100ff', '0: a definite length'],
    ['an indefinite text', '7f6161ff', '0: a definite length'],
    ['an indefinite array', '9fff', '0: a definite length'],
    ['an indefinite map', 'bfff', '0: a definite length'],
    ['a lone break', 'ff', '0: a data item'],
    ['a count beyond the end', '9affffffff', '0: a length of at most 0'],
    ['a count of 2^64 - 1', '9bffffffffffffffff', '0: a length of at most 0'],
    ['a map count beyond the end', 'ba0000ffff', '0: the shortest head'],
    ['a map count of more pairs than bytes', 'a20000', '0: a length of at most 1'],
    ['a string beyond the end', '4200', '0: a length of at most 1'],
    ['an argument beyond the end', '1900', '2: 2 bytes of argument'],
    ['a float beyond the end', 'f93c', '2: 2 bytes of float'],
    ['text that is not UTF-8', '61ff', '1: UTF-8'],
    ['a simple value in two bytes instead of one', 'f814', '1: a simple value from 32 on'],
    ['too deep nesting', '818181818100', '5: at most 4 levels'],
  ])('error: %s', (_, hex, expected) => {
    expect(refusalOf(hex)).toBe(expected)
  })

  test('behavior: longer heads only where the rules let them', () => {
    expect(plain(read('a11800190001', { heads: 'any' }))).toEqual([[0, 1]])
    // The same key in another width is the same key.
    expect(refusalOf('a20100180101', { heads: 'any' })).toBe('3: each key once')
  })

  test('behavior: only the outermost map may be indefinite, and only where the rules let it', () => {
    const topMap = 'indefinite-allowed'
    expect(plain(read('bf0102ff', { topMap }))).toEqual([[1, 2]])
    expect(refusalOf('bf01bfffff', { topMap })).toBe('2: a definite length')
    expect(refusalOf('9fff', { topMap })).toBe('0: a definite length')
    expect(refusalOf('bf0102', { topMap })).toBe('3: a data item')
    expect(refusalOf('bf01ff', { topMap })).toBe('2: a data item')
    expect(refusalOf('bf01000102ff', { topMap })).toBe('3: each key once')
  })

  test('error: bytes and items beyond the bounds, before they are read', () => {
    expect(refusalOf('00'.repeat(5000))).toBe('4096: at most 4096 bytes')
    expect(refusalOf(`9864${'00'.repeat(100)}`)).toBe('101: at most 100 items')
  })

  test('property: any bytes are read within the bounds or refused with an offset inside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, any) => {
        try {
          const rules = { ...RULES, heads: any ? ('any' as const) : ('shortest' as const) }
          const item = readCbor({ bytes, code: CODE }, rules)
          expect([item.at, item.stop]).toEqual([0, bytes.length])
        } catch (error) {
          if (!(error instanceof MalformedEvidenceError)) throw error
          expect(error.code).toBe(CODE)
          expect(error.offset).toBeLessThanOrEqual(bytes.length)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
