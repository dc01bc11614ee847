import { describe, expect, it } from 'vitest'
import { aggregateCandles, type Candle, checkCandles, DAY_SECONDS, HOUR_SECONDS, parseCandlesCsv } from './candles.ts'

const HEADER = 'date,open,high,low,close,volume'
const codeOf = (text: string) => {
  try {
    parseCandlesCsv(text)
    return 'accepted'
  } catch (error) {
    return (error as { code: unknown }).code
  }
}

describe('parseCandlesCsv', () => {
  it('reads dates, times, extra columns in any order, CRLF and a byte order mark', () => {
    const daily = parseCandlesCsv(`\uFEFF${HEADER}\r\n2024-01-01,1,3,0.5,2,10\r\n2024-01-02,2,2,2,2,0\r\n`)
    expect(daily).toEqual([
      { time: 1_704_067_200, open: 1, high: 3, low: 0.5, close: 2, volume: 10 },
      { time: 1_704_153_600, open: 2, high: 2, low: 2, close: 2, volume: 0 },
    ])
    const hourly = parseCandlesCsv('trades,volume,close,low,high,open,time\n5,10,2,0.5,3,1,2024-01-01T00:00:00Z')
    expect(hourly).toEqual(daily.slice(0, 1))
  })

  it.each([
    ['ANALYTICS_FILE_MALFORMED', 'date,open,high,low,close\n2024-01-01,1,1,1,1'],
    ['ANALYTICS_FILE_MALFORMED', `${HEADER}\n2024-01-01,1,1,1,1`],
    ['ANALYTICS_FILE_MALFORMED', `${HEADER}\n2024-01-01,1,1,1,,1`],
    ['ANALYTICS_FILE_MALFORMED', `${HEADER}\n2024-01-01,1,1,1,NaN,1`],
    ['ANALYTICS_FILE_MALFORMED', `${HEADER}\n2024-02-30,1,1,1,1,1`],
    ['ANALYTICS_FILE_MALFORMED', `${HEADER}\n01/02/2024,1,1,1,1,1`],
    ['ANALYTICS_FILE_MALFORMED', `${HEADER}\n\n2024-01-01,1,1,1,1,1`],
    ['ANALYTICS_CANDLE_INVALID', `${HEADER}\n2024-01-01,0,1,0,1,1`],
    ['ANALYTICS_CANDLE_INVALID', `${HEADER}\n2024-01-01,1,1,1,2,1`],
    ['ANALYTICS_CANDLE_INVALID', `${HEADER}\n2024-01-01,1,2,1,1,-1`],
    ['ANALYTICS_CANDLE_INVALID', `${HEADER}\n2024-01-01,1,1e999,1,1,1`],
    ['ANALYTICS_SERIES_UNORDERED', `${HEADER}\n2024-01-02,1,1,1,1,1\n2024-01-01,1,1,1,1,1`],
    ['ANALYTICS_SERIES_UNORDERED', `${HEADER}\n2024-01-01,1,1,1,1,1\n2024-01-01,1,1,1,1,1`],
  ])('refuses with %s', (code, text) => expect(codeOf(text)).toBe(code))

  it('names the line', () => {
    expect(() => parseCandlesCsv(`${HEADER}\n2024-01-01,1,1,1,1,1\n2024-01-02,1,1,1,2,1\n`)).toThrow('row 3')
  })
})

describe('aggregateCandles', () => {
  const start = 1_704_067_200
  const hours: Candle[] = Array.from({ length: 60 }, (_, i) => ({
    time: start + i * HOUR_SECONDS,
    open: 100 + i,
    high: 103 + i,
    low: 98 + i,
    close: 101 + i,
    volume: 2,
  }))

  it('makes UTC days and drops the day that is still forming', () => {
    const days = aggregateCandles(hours, DAY_SECONDS, 24)
    expect(days).toEqual([
      { time: start, open: 100, high: 126, low: 98, close: 124, volume: 48 },
      { time: start + DAY_SECONDS, open: 124, high: 150, low: 122, close: 148, volume: 48 },
    ])
    expect(aggregateCandles(hours, DAY_SECONDS)).toHaveLength(3)
    checkCandles(days)
  })

  it('drops a day with a gap', () => {
    const gap = hours.filter((_, i) => i !== 5)
    expect(aggregateCandles(gap, DAY_SECONDS, 24).map((candle) => candle.time)).toEqual([start + DAY_SECONDS])
  })

  it('aggregating twice equals aggregating once', () => {
    const fourHours = aggregateCandles(hours, 4 * HOUR_SECONDS, 4)
    expect(aggregateCandles(fourHours, DAY_SECONDS, 6)).toEqual(aggregateCandles(hours, DAY_SECONDS, 24))
  })
})
