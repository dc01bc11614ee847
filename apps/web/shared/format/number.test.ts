import { describe, expect, test } from 'vitest'
import { formatAmount, formatAmountExact, formatChange, formatPrice, parseAmount } from './number.ts'

describe('formatAmount', () => {
  test('keeps every digit of amounts that a float would lose', () => {
    expect(formatAmountExact(123456789012345678901234567n, 18)).toBe('123,456,789.012345678901234567')
  })

  test('behavior: cuts instead of rounding up', () => {
    expect(formatAmount(1_999_999n, 6, 2)).toBe('1.99')
  })

  test('behavior: an amount below the shown digits is never shown as zero', () => {
    expect(formatAmount(1n, 18, 4)).toBe('< 0.0001')
    expect(formatAmount(0n, 18, 4)).toBe('0')
  })
})

describe('parseAmount', () => {
  test('reads points and a single decimal comma', () => {
    expect(parseAmount(' 1.5 ', 6)).toEqual({ ok: true, amount: 1_500_000n })
    expect(parseAmount('1,5', 6)).toEqual({ ok: true, amount: 1_500_000n })
    expect(parseAmount('.5', 6)).toEqual({ ok: true, amount: 500_000n })
  })

  test.each([
    ['', 'empty'],
    ['1e3', 'not-a-number'],
    ['-1', 'not-a-number'],
    ['1,000.5', 'not-a-number'],
    ['0.0000001', 'too-many-decimals'],
    ['0', 'zero'],
  ] as const)('refuses %j: %s', (text, problem) => {
    expect(parseAmount(text, 6)).toEqual({ ok: false, problem })
  })
})

describe('market figures', () => {
  test('price digits follow the size', () => {
    expect(formatPrice(64123.4)).toBe('$64,123')
    expect(formatPrice(12.345)).toBe('$12.35')
    expect(formatPrice(0.123456)).toBe('$0.12346')
  })

  test('changes carry their sign, zero does not', () => {
    expect(formatChange(0.0123)).toBe('+1.23%')
    expect(formatChange(-0.0123)).toBe('−1.23%')
    expect(formatChange(0)).toBe('0.00%')
  })
})
