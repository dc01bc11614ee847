import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alphaOf, backtest, performanceOf } from './backtest.ts'
import { closesOf, parseCandlesCsv } from './candles.ts'
import { averageCross, buyAndHold, momentumSign, priceAboveAverage, type WeightRule } from './rules.ts'

const prices = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 3, maxLength: 80 })

describe('backtest', () => {
  it('holds the weight of close t until close t + 1 and charges |Δw|', () => {
    const result = backtest([100, 110, 99, 99], [1, -1, 0.5, 9], { costBps: 100 })
    expect(result.returns).toEqual([
      expect.closeTo(0.1 - 0.01, 12),
      expect.closeTo(0.1 - 0.02, 12),
      expect.closeTo(-0.015, 12),
    ])
    expect(result.turnover).toBe(4.5)
  })

  it('refuses unequal lengths, NaN weights and one close', () => {
    expect(() => backtest([1, 2], [1], { costBps: 0 })).toThrow('ANALYTICS_ARGUMENT_INVALID')
    expect(() => backtest([1, 2], [1, Number.NaN], { costBps: 0 })).toThrow('ANALYTICS_ARGUMENT_INVALID')
    expect(() => backtest([1, 2], [1, 1], { costBps: -1 })).toThrow('ANALYTICS_ARGUMENT_INVALID')
    expect(() => backtest([1], [1], { costBps: 0 })).toThrow('ANALYTICS_SERIES_TOO_SHORT')
  })

  it('property: buy and hold without cost ends where the price ends', () => {
    fc.assert(
      fc.property(prices, (closes) => {
        const total = performanceOf(backtest(closes, buyAndHold(closes), { costBps: 0 }).returns).totalReturn
        const expected = (closes.at(-1) ?? 0) / (closes[0] ?? 1)
        return Math.abs(1 + total - expected) <= 1e-9 * expected
      }),
    )
  })

  it('property: cost only takes away, in proportion to turnover', () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 100 }), (closes, costBps) => {
        const weights = momentumSign(1, true)(closes)
        const [free, paid] = [backtest(closes, weights, { costBps: 0 }), backtest(closes, weights, { costBps })]
        const lost = free.returns.reduce((sum, value, i) => sum + value - (paid.returns[i] ?? 0), 0)
        const scale = 1 + free.returns.reduce((sum, value) => sum + Math.abs(value), 0)
        return Math.abs(lost - (paid.turnover * costBps) / 10_000) < 1e-9 * scale
      }),
    )
  })
})

describe('performanceOf and alphaOf', () => {
  it('computes drawdown and Sharpe by hand', () => {
    const figures = performanceOf([0.1, -0.5, 0.2], 4)
    expect(figures.maxDrawdown).toBeCloseTo(0.5, 12)
    expect(figures.totalReturn).toBeCloseTo(1.1 * 0.5 * 1.2 - 1, 12)
    expect(figures.sharpe).toBeCloseTo((-0.2 / 3 / 0.378593889720018) * 2, 12)
    expect(figures.cagr).toBeCloseTo(0.66 ** (4 / 3) - 1, 12)
  })

  it('finds no alpha in a multiple of the asset and the right one in a known line', () => {
    const asset = [0.01, -0.02, 0.03, 0.005, -0.01, 0.02]
    const twice = alphaOf(
      asset.map((value) => 2 * value),
      asset,
    )
    expect([twice.beta, twice.tStatistic]).toEqual([expect.closeTo(2, 12), 0])
    const noise = [1e-4, -1e-4, 1e-4, -1e-4, 1e-4, -1e-4]
    const line = alphaOf(
      asset.map((value, i) => 0.002 + 0.5 * value + (noise[i] ?? 0)),
      asset,
    )
    expect(line.alpha).toBeCloseTo(0.002, 4)
    expect(line.beta).toBeCloseTo(0.5, 2)
    expect(line.tStatistic).toBeGreaterThan(10)
  })
})

const fixtures = process.env.SPARTAN_FIXTURES
const file = fixtures ? join(fixtures, 'market/daily/binance_api/BTCUSDT_1d.csv') : ''

describe.skipIf(!existsSync(file))('golden backtests on daily BTC (SPARTAN_FIXTURES/market)', () => {
  const end = Date.UTC(2024, 5, 30) / 1000
  const read = () => closesOf(parseCandlesCsv(readFileSync(file, 'utf8')).filter((candle) => candle.time <= end))

  it.each<[string, WeightRule, number, number, number, number, number]>([
    ['buy and hold', buyAndHold, 0.906432, 0.90622, 0.477513, 0.831871, 1],
    ['SMA20 > SMA100', averageCross(20, 100), 0.894106, 0.887437, 0.384923, 0.697737, 24],
    ['price > SMA50', priceAboveAverage(50), 1.42944, 1.393843, 0.774418, 0.637329, 122],
    ['28 day momentum, long/short', momentumSign(28, true), 0.96209, 0.882222, 0.460083, 0.848407, 393],
    ['28 day momentum, long/flat', momentumSign(28, false), 1.356172, 1.300362, 0.706392, 0.756245, 196],
  ])('%s', (_, rule, sharpeFree, sharpe, cagr, maxDrawdown, turnover) => {
    const closes = read()
    expect(closes).toHaveLength(2510)
    const weights = rule(closes)
    const free = performanceOf(backtest(closes, weights, { costBps: 0 }).returns)
    const result = backtest(closes, weights, { costBps: 10 })
    const paid = performanceOf(result.returns)
    const rounded = [free.sharpe, paid.sharpe, paid.cagr, paid.maxDrawdown].map((value) => Number(value.toFixed(6)))
    expect([...rounded, result.turnover]).toEqual([sharpeFree, sharpe, cagr, maxDrawdown, turnover])
  })
})
