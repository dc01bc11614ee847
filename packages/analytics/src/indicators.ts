import { requireArgument } from './analyticsError.ts'

/** Simple returns: element t is close[t] / close[t-1] - 1; the first is NaN, so that indices match the closes. */
export function simpleReturns(closes: readonly number[]): number[] {
  return closes.map((close, t) => (t === 0 ? Number.NaN : close / (closes[t - 1] ?? Number.NaN) - 1))
}

/** Log returns: element t is ln(close[t] / close[t-1]); the first is NaN. */
export function logReturns(closes: readonly number[]): number[] {
  return closes.map((close, t) => (t === 0 ? Number.NaN : Math.log(close / (closes[t - 1] ?? Number.NaN))))
}

/** Mean of the last `period` values at each index, NaN until there are that many. */
export function simpleMovingAverage(values: readonly number[], period: number): number[] {
  requirePeriod(period)
  return values.map((_, t) => (t + 1 < period ? Number.NaN : mean(values.slice(t + 1 - period, t + 1))))
}

/** Standard deviation (ddof 1) of the last `period` values at each index, NaN until there are that many. */
export function rollingVolatility(values: readonly number[], period: number): number[] {
  requirePeriod(period)
  return values.map((_, t) => (t + 1 < period ? Number.NaN : standardDeviation(values.slice(t + 1 - period, t + 1))))
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Sample standard deviation (ddof 1); NaN below two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

function requirePeriod(period: number): void {
  requireArgument(Number.isSafeInteger(period) && period > 0, `period ${period}: expected a whole number above 0`)
}
