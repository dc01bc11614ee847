import { describe, expect, test } from 'vitest'
import { leaning, TREND_CLOSES, trendFee, trendInput, trendOf } from './trend.ts'

const output = (name: string, data: readonly number[]) => ({ name, datatype: 'FP64', shape: [1, data.length], data })
const GOOD = [output('position', [0.25]), output('probabilities', [0.2, 0.5, 0.3])]

describe('trendFee', () => {
  test('price times 257 inputs and 4 outputs', () => {
    expect(trendFee({ pricePerUnitIn: 10n, pricePerUnitOut: 100n })).toBe(2_970n)
  })
})

describe('trendInput', () => {
  test('takes the newest closes', () => {
    const input = trendInput(Array.from({ length: 300 }, (_, day) => day))
    expect(input.shape).toEqual([1, TREND_CLOSES])
    expect(Array.from(input.data).at(-1)).toBe(299)
    expect(input.data[0]).toBe(300 - TREND_CLOSES)
  })

  test('error: WEB_HISTORY_TOO_SHORT', () => {
    expect(() => trendInput([1, 2])).toThrow(expect.objectContaining({ code: 'WEB_HISTORY_TOO_SHORT' }))
  })
})

describe('trendOf', () => {
  test('reads position and probabilities by name', () => {
    expect(trendOf([...GOOD].reverse())).toEqual({ position: 0.25, down: 0.2, flat: 0.5, up: 0.3 })
  })

  test.each([
    ['missing tensor', [output('position', [0.25])]],
    ['wrong size', [output('position', [0.25]), output('probabilities', [0.5, 0.5])]],
    ['not finite', [output('position', [Number.NaN]), output('probabilities', [0.2, 0.5, 0.3])]],
    ['outside its range', [output('position', [1.5]), output('probabilities', [0.2, 0.5, 0.3])]],
  ])('error: WEB_ANSWER_MALFORMED on %s', (_, outputs) => {
    expect(() => trendOf(outputs)).toThrow(expect.objectContaining({ code: 'WEB_ANSWER_MALFORMED' }))
  })
})

describe('leaning', () => {
  test('behavior: small positions are no leaning', () => {
    expect([0.5, -0.5, 0.05].map(leaning)).toEqual(['up', 'down', 'none'])
  })
})
