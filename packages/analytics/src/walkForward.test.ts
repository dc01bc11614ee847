import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkCandles, closesOf } from './candles.ts'
import { mean, rollingVolatility, simpleMovingAverage, simpleReturns } from './indicators.ts'
import { averageCross, buyAndHold, momentumSign, priceAboveAverage, type WeightRule } from './rules.ts'
import { SYNTHETIC_SYMBOLS, syntheticMarket } from './syntheticMarket.ts'
import { checkNoLookAhead, walkForwardFolds } from './walkForward.ts'

const START = Date.UTC(2022, 0, 1) / 1000
const market = syntheticMarket({ seed: 'test', days: 300, start: START })
const closes = closesOf(market.get('BTC') ?? [])

describe('walkForwardFolds', () => {
  it('property: test windows follow each other, training ends before the embargo', () => {
    const positive = (max: number) => fc.integer({ min: 1, max })
    fc.assert(
      fc.property(
        positive(200),
        positive(60),
        fc.integer({ min: 0, max: 20 }),
        positive(400),
        (train, test, gap, more) => {
          const samples = train + test + gap + more
          const folds = walkForwardFolds(samples, { initialTrain: train, test, embargo: gap })
          folds.forEach((fold, i) => {
            expect(fold.train[0]).toBe(0)
            expect(fold.test[0] - fold.train[1]).toBe(gap)
            expect(fold.test[0]).toBe(i === 0 ? train + gap : folds[i - 1]?.test[1])
            expect(fold.test[1]).toBeLessThanOrEqual(samples)
            expect(fold.test[1] - fold.test[0]).toBeGreaterThanOrEqual(test / 2)
          })
        },
      ),
    )
  })

  it('refuses a series that holds no fold', () => {
    expect(() => walkForwardFolds(100, { initialTrain: 100, test: 10, embargo: 5 })).toThrow(
      'ANALYTICS_SERIES_TOO_SHORT',
    )
  })
})

describe('checkNoLookAhead', () => {
  it.each<[string, WeightRule]>([
    ['buy and hold', buyAndHold],
    ['price > average', priceAboveAverage(20)],
    ['average cross', averageCross(5, 20)],
    ['momentum', momentumSign(10, true)],
  ])('passes %s', (_, rule) => checkNoLookAhead(rule, closes))

  it('catches the next day and a mean over the whole series', () => {
    const nextDay: WeightRule = (series) => series.map((close, t) => ((series[t + 1] ?? close) > close ? 1 : 0))
    const wholeMean: WeightRule = (series) => series.map((close) => (close > mean(series) ? 1 : 0))
    expect(() => checkNoLookAhead(nextDay, closes)).toThrow('ANALYTICS_LOOK_AHEAD')
    expect(() => checkNoLookAhead(wholeMean, closes)).toThrow('ANALYTICS_LOOK_AHEAD')
  })
})

describe('syntheticMarket', () => {
  it('makes valid candles for every symbol, without gaps', () => {
    expect([...market.keys()]).toEqual(SYNTHETIC_SYMBOLS)
    for (const candles of market.values()) {
      checkCandles(candles)
      expect(candles.map((candle) => candle.time)).toEqual(candles.map((_, i) => START + i * 86_400))
    }
  })

  it('gives the same candles for the same seed, others for another, and only appends with more days', () => {
    const longer = syntheticMarket({ seed: 'test', days: 400, start: START })
    expect(longer.get('SOL')?.slice(0, 300)).toEqual(market.get('SOL'))
    const other = syntheticMarket({ seed: 'other', days: 300, start: START })
    expect(other.get('SOL')).not.toEqual(market.get('SOL'))
  })

  it('property: any seed and length give valid candles', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 500 }), (seed, days) => {
        const candles = syntheticMarket({ seed, days, start: START, symbols: ['DOGE'] }).get('DOGE') ?? []
        checkCandles(candles)
        expect(candles).toHaveLength(days)
      }),
      { numRuns: 30 },
    )
  })

  it('has the volatility of its profile and moves together', () => {
    const long = syntheticMarket({ seed: 'long', days: 3000, start: START })
    const returns = (symbol: 'BTC' | 'ETH') => simpleReturns(closesOf(long.get(symbol) ?? [])).slice(1)
    const volatility = rollingVolatility(returns('BTC'), 2999).at(-1)
    expect(volatility).toBeGreaterThan(0.015)
    expect(volatility).toBeLessThan(0.05)
    const [btc, eth] = [returns('BTC'), returns('ETH')]
    const together = btc.filter((value, i) => value > 0 === (eth[i] ?? 0) > 0).length / btc.length
    expect(together).toBeGreaterThan(0.65)
  })
})

describe('simpleMovingAverage', () => {
  it('is the mean of the last values and NaN before', () => {
    expect(simpleMovingAverage([1, 2, 3, 6], 3)).toEqual([Number.NaN, Number.NaN, 2, 11 / 3])
    expect(() => simpleMovingAverage([1], 0)).toThrow('ANALYTICS_ARGUMENT_INVALID')
  })
})
