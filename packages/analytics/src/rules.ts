import { simpleMovingAverage } from './indicators.ts'

/** A rule maps closes up to each bar to the weight held after it. Same length as the closes. */
export type WeightRule = (closes: readonly number[]) => number[]

/** Fully invested, always. */
export const buyAndHold: WeightRule = (closes) => closes.map(() => 1)

/** Long while the close is above its own moving average, else flat; flat until the average exists. */
export function priceAboveAverage(period: number): WeightRule {
  return (closes) => {
    const average = simpleMovingAverage(closes, period)
    return closes.map((close, t) => (close > (average[t] ?? Number.NaN) ? 1 : 0))
  }
}

/** Long while the fast moving average is above the slow one, else flat; flat until both exist. */
export function averageCross(fast: number, slow: number): WeightRule {
  return (closes) => {
    const [quick, steady] = [simpleMovingAverage(closes, fast), simpleMovingAverage(closes, slow)]
    return closes.map((_, t) => ((quick[t] ?? Number.NaN) > (steady[t] ?? Number.NaN) ? 1 : 0))
  }
}

/** Sign of the return over `period` bars; with `short` false, 0 instead of -1. Flat until there are that many bars. */
export function momentumSign(period: number, short: boolean): WeightRule {
  return (closes) =>
    closes.map((close, t) => {
      const sign = t < period ? 0 : Math.sign(close / (closes[t - period] ?? Number.NaN) - 1)
      return short ? sign : Math.max(0, sign)
    })
}
