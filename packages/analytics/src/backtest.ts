import { AnalyticsError, requireArgument } from './analyticsError.ts'
import { mean, standardDeviation } from './indicators.ts'

export interface BacktestOptions {
  /** Cost per unit of |Δweight|, in basis points of the portfolio. */
  readonly costBps: number
  /** Weight held before the first decision. Default 0. */
  readonly initialWeight?: number | undefined
}

/** One period of a backtest: the weight decided at close t and what it earned until close t + 1. */
export interface BacktestResult {
  /** Net returns, one per period, `closes.length - 1` of them. */
  readonly returns: readonly number[]
  /** Sum of |Δweight|. */
  readonly turnover: number
}

/**
 * Close-to-close backtest. The weight decided with data up to close t is held from t to t + 1:
 * r = w[t] · (close[t+1] / close[t] - 1) - |w[t] - w[t-1]| · cost.
 *
 * It is a calculation on closes: no spread, slippage beyond `costBps`, funding or borrowing cost, no partial fills.
 * Throws `ANALYTICS_SERIES_TOO_SHORT` below two closes, `ANALYTICS_ARGUMENT_INVALID` for unequal lengths or weights
 * that are not finite.
 */
export function backtest(
  closes: readonly number[],
  weights: readonly number[],
  options: BacktestOptions,
): BacktestResult {
  requireArgument(closes.length === weights.length, `${closes.length} closes and ${weights.length} weights`)
  requireArgument(weights.every(Number.isFinite), 'weights: expected finite numbers')
  requireArgument(Number.isFinite(options.costBps) && options.costBps >= 0, 'costBps: expected 0 or more')
  if (closes.length < 2) throw new AnalyticsError('ANALYTICS_SERIES_TOO_SHORT', { metaMessages: ['two closes needed'] })
  const returns: number[] = []
  let [previous, turnover] = [options.initialWeight ?? 0, 0]
  for (let t = 0; t + 1 < closes.length; t += 1) {
    const weight = weights[t] ?? 0
    const change = Math.abs(weight - previous)
    const asset = (closes[t + 1] ?? Number.NaN) / (closes[t] ?? Number.NaN) - 1
    returns.push(weight * asset - (change * options.costBps) / 10_000)
    turnover += change
    previous = weight
  }
  return { returns, turnover }
}

/** Figures of a return series. Fractions, not percent. */
export interface Performance {
  readonly periods: number
  /** Mean / standard deviation (ddof 1) · √periodsPerYear, no risk-free rate. 0 when nothing varies. */
  readonly sharpe: number
  /** Standard error of `sharpe` under independent returns (Lo 2002), annualised. */
  readonly sharpeStandardError: number
  /** Compound growth per year. */
  readonly cagr: number
  readonly totalReturn: number
  /** Largest fall from a peak of the equity curve, 0..1. */
  readonly maxDrawdown: number
  /** Mean over its standard error: tests mean return = 0 under independent returns. */
  readonly tStatistic: number
}

/** Figures of net returns per period. Throws `ANALYTICS_SERIES_TOO_SHORT` below two returns. */
export function performanceOf(returns: readonly number[], periodsPerYear = 365): Performance {
  if (returns.length < 2)
    throw new AnalyticsError('ANALYTICS_SERIES_TOO_SHORT', { metaMessages: ['two returns needed'] })
  const n = returns.length
  let [equity, peak, maxDrawdown] = [1, 1, 0]
  for (const value of returns) {
    equity *= 1 + value
    peak = Math.max(peak, equity)
    maxDrawdown = Math.max(maxDrawdown, 1 - equity / peak)
  }
  const deviation = standardDeviation(returns)
  const perPeriod = deviation > 0 ? mean(returns) / deviation : 0
  return {
    periods: n,
    sharpe: perPeriod * Math.sqrt(periodsPerYear),
    sharpeStandardError: Math.sqrt(((1 + perPeriod ** 2 / 2) * periodsPerYear) / n),
    cagr: equity <= 0 ? -1 : equity ** (periodsPerYear / n) - 1,
    totalReturn: equity - 1,
    maxDrawdown,
    tStatistic: perPeriod * Math.sqrt(n),
  }
}

/** Ordinary least squares of strategy on asset returns: what is left once its exposure to the asset is taken out. */
export interface Alpha {
  /** Per period. */
  readonly alpha: number
  readonly beta: number
  /** alpha over its standard error (homoskedastic). 0 when nothing is left to explain. */
  readonly tStatistic: number
  /** 95 % interval of alpha per period, normal approximation. */
  readonly interval: readonly [number, number]
}

/** Regression alpha of `strategy` against `asset`. Throws `ANALYTICS_ARGUMENT_INVALID`, `ANALYTICS_SERIES_TOO_SHORT`. */
export function alphaOf(strategy: readonly number[], asset: readonly number[]): Alpha {
  requireArgument(strategy.length === asset.length, `${strategy.length} strategy and ${asset.length} asset returns`)
  const n = strategy.length
  if (n < 3) throw new AnalyticsError('ANALYTICS_SERIES_TOO_SHORT', { metaMessages: ['three returns needed'] })
  const [meanX, meanY] = [mean(asset), mean(strategy)]
  let [sxx, sxy, syy] = [0, 0, 0]
  for (let i = 0; i < n; i += 1) {
    const [dx, dy] = [(asset[i] ?? 0) - meanX, (strategy[i] ?? 0) - meanY]
    sxx += dx * dx
    sxy += dx * dy
    syy += dy * dy
  }
  const beta = sxx > 0 ? sxy / sxx : 0
  const alpha = meanY - beta * meanX
  const residual = Math.max(0, syy - beta * sxy)
  // A strategy that is a constant multiple of the asset leaves rounding noise only: no evidence of skill.
  if (residual <= 1e-12 * syy) return { alpha, beta, tStatistic: 0, interval: [alpha, alpha] }
  const error = Math.sqrt((residual / (n - 2)) * (1 / n + (sxx > 0 ? meanX ** 2 / sxx : 0)))
  return { alpha, beta, tStatistic: alpha / error, interval: [alpha - 1.96 * error, alpha + 1.96 * error] }
}
