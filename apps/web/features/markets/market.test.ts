import { describe, expect, test } from 'vitest'
import { type Candle, changeOver, marketRow } from './market.ts'

const DAY = 86_400
const candle = (day: number, close: number): Candle => ({
  time: day * DAY,
  open: close,
  high: close,
  low: close,
  close,
  volume: 1,
})

describe('changeOver', () => {
  const candles = [candle(0, 100), candle(1, 110), candle(9, 50), candle(10, 121)]

  test('compares with the newest candle that is old enough, over gaps too', () => {
    expect(changeOver(candles, 1)).toBeCloseTo(121 / 50 - 1)
    expect(changeOver(candles, 7)).toBeCloseTo(121 / 110 - 1)
  })

  test('behavior: a history that is too short gives null, not zero', () => {
    expect(changeOver(candles, 30)).toBeNull()
    expect(changeOver([], 1)).toBeNull()
  })
})

describe('marketRow', () => {
  test('keeps 30 days of closes', () => {
    const row = marketRow(
      'BTC',
      Array.from({ length: 90 }, (_, day) => candle(day, day + 1)),
    )
    expect(row?.spark).toHaveLength(30)
    expect(row?.spark.at(-1)).toBe(90)
    expect(row?.price).toBe(90)
  })

  test('a market without candles is no row', () => {
    expect(marketRow('BTC', [])).toBeUndefined()
  })
})
