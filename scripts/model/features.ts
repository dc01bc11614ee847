import { BaseError } from '@spartan/errors'

/** Daily closes one prediction needs, oldest first. 256 returns cover the longest horizon and the volatilities. */
export const WINDOW = 257

/** Horizons of the momentum features, days. */
export const MOMENTUM_DAYS = [7, 14, 28, 56, 112, 224] as const
/** Averages the close is compared with, days. */
export const AVERAGE_DAYS = [50, 200] as const
/** Spans of the volatilities, days: short, the one that scales momentum, long. */
export const VOLATILITY_DAYS = [20, 60, 120] as const

/** Added to mean squared returns, so that constant prices give volatility 1e-6 and not 0. */
export const VARIANCE_FLOOR = 1e-12
/** Features are clipped to ± this: one wild day must not decide. */
export const FEATURE_LIMIT = 4

export const FEATURE_NAMES = [
  ...MOMENTUM_DAYS.map((days) => `momentum${days}`),
  ...AVERAGE_DAYS.map((days) => `overAverage${days}`),
  'volatilityRatio',
]

/**
 * Features of a window of closes, the same arithmetic as the ONNX graph:
 * ln(c/c[-h]) / (σ60 √h), ln(c / SMA[h]) / (σ60 √h), ln(σ20 / σ120); clipped.
 *
 * Throws `ANALYTICS_ARGUMENT_INVALID` for another length or a close that is not a positive finite number.
 */
export function trendFeatures(closes: readonly number[]): number[] {
  if (closes.length !== WINDOW || !closes.every((close) => Number.isFinite(close) && close > 0)) {
    throw new BaseError('ANALYTICS_ARGUMENT_INVALID', { metaMessages: [`expected ${WINDOW} positive finite closes`] })
  }
  const logs = closes.map(Math.log)
  const squares = logs.slice(1).map((value, i) => (value - (logs[i] ?? 0)) ** 2)
  const last = logs[WINDOW - 1] ?? 0
  const [short, scale, long] = VOLATILITY_DAYS.map((days) =>
    Math.sqrt(squares.slice(-days).reduce((sum, value) => sum + value / days, 0) + VARIANCE_FLOOR),
  ) as [number, number, number]
  const momentum = MOMENTUM_DAYS.map((days) => (last - (logs[WINDOW - 1 - days] ?? 0)) / (scale * Math.sqrt(days)))
  const average = AVERAGE_DAYS.map((days) => {
    const level = closes.slice(-days).reduce((sum, close) => sum + close / days, 0)
    return (last - Math.log(level)) / (scale * Math.sqrt(days))
  })
  return [...momentum, ...average, Math.log(short / long)].map((value) =>
    Math.min(FEATURE_LIMIT, Math.max(-FEATURE_LIMIT, value)),
  )
}
