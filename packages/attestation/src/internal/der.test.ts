import { describe, expect, test } from 'vitest'
import { type DerDocument, readElement, readTime, readUnsigned, unixSecondsOf } from './der.ts'

const document = (...bytes: readonly number[]): DerDocument => ({
  bytes: Uint8Array.from(bytes),
  code: 'DCAP_PCK_MALFORMED',
})
const malformed = 'DCAP_PCK_MALFORMED'
const text = (tag: number, value: string) => document(tag, value.length, ...new TextEncoder().encode(value))

describe('readElement', () => {
  test.each([
    ['an indefinite length', [0x30, 0x80, 0, 0]],
    ['a long form where the short one fits', [0x04, 0x81, 1, 0]],
    ['a leading zero in the length', [0x04, 0x82, 0, 1, 0]],
    ['a length past the end', [0x04, 2, 0]],
    ['a tag of several bytes', [0x1f, 0x21, 0]],
    ['a head alone', [0x30]],
  ])('error: refuses %s', (_, bytes) => {
    const der = document(...bytes)
    expect(() => readElement(der, 0, der.bytes.length)).toThrow(malformed)
  })
})

describe('readUnsigned', () => {
  test('drops the sign byte', () => {
    expect(readUnsigned(document(2, 2, 0, 0x80), 0, 4).value).toEqual(Uint8Array.of(0x80))
    expect(readUnsigned(document(2, 1, 0), 0, 3).value).toEqual(Uint8Array.of(0))
  })

  test.each([
    ['a negative one', [2, 1, 0x80]],
    ['a padded one', [2, 2, 0, 0x7f]],
    ['an empty one', [2, 0]],
    ['33 bytes', [2, 33, ...new Array<number>(33).fill(1)]],
  ])('error: refuses %s', (_, bytes) => {
    const der = document(...bytes)
    expect(() => readUnsigned(der, 0, der.bytes.length)).toThrow(malformed)
  })
})

describe('readTime', () => {
  test('reads UTCTime around 1950 and 2050 and GeneralizedTime', () => {
    const read = (der: DerDocument) => readTime(der, 0, der.bytes.length).value
    expect(read(text(0x17, '490101000000Z'))).toBe(Date.UTC(2049, 0, 1) / 1000)
    expect(read(text(0x17, '700101000000Z'))).toBe(0)
    expect(read(text(0x18, '20500101000000Z'))).toBe(Date.UTC(2050, 0, 1) / 1000)
  })

  test.each([
    ['an offset', 0x17, '490101000000+0000'],
    ['no seconds', 0x17, '4901010000Z'],
    ['30 February', 0x17, '260230000000Z'],
    ['hour 24', 0x18, '20260101240000Z'],
    ['before 1970', 0x17, '500101000000Z'],
  ])('error: refuses %s', (_, tag, value) => {
    const der = text(tag, value)
    expect(() => readTime(der, 0, der.bytes.length)).toThrow(malformed)
  })
})

test('unixSecondsOf refuses days that do not exist', () => {
  expect(unixSecondsOf('2024-02-29T12:00:00Z')).toBe(Date.UTC(2024, 1, 29, 12) / 1000)
  expect(unixSecondsOf('2026-02-29T12:00:00Z')).toBeUndefined()
  expect(unixSecondsOf('2026-01-01T00:00:00.000Z')).toBeUndefined()
})
