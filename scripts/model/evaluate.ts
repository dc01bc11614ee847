import {
  type Alpha,
  aggregateCandles,
  alphaOf,
  averageCross,
  backtest,
  buyAndHold,
  type Candle,
  closesOf,
  HOUR_SECONDS,
  mean,
  type Performance,
  performanceOf,
  priceAboveAverage,
  standardDeviation,
  walkForwardFolds,
} from '@spartan/analytics'
import { type Network, trainNetwork } from './network.ts'
import { FIRST, LABEL_DAYS, predictAt, samplesUntil } from './samples.ts'

export const COST_BPS = 10
/** Two years of samples before the first test, half-year tests. Set before the first run. */
export const WALK_FORWARD = { initialTrain: 730, test: 182, embargo: LABEL_DAYS } as const
/** The model of the cross-asset test has seen nothing of the span it is tested on. */
export const CROSS_ASSET_TRAIN_END = Date.UTC(2024, 0, 1) / 1000
const CROSS_ASSET_SECONDS = 8 * HOUR_SECONDS

export interface StrategyFigures extends Performance {
  readonly turnover: number
}

export interface Comparison {
  readonly from: string
  readonly to: string
  readonly model: StrategyFigures
  readonly buyAndHold: StrategyFigures
  readonly priceAbove50: StrategyFigures
  readonly cross20over100: StrategyFigures
  /** Regression of the model's net returns on the asset's. */
  readonly alpha: Alpha
  /** t-statistic of the mean difference of daily net returns, model less the other. */
  readonly tOverBuyAndHold: number
  readonly tOverPriceAbove50: number
}

export interface CrossAsset extends Comparison {
  readonly symbol: string
}

export interface Evaluation {
  readonly costBps: number
  readonly walkForward: { readonly folds: readonly Comparison[]; readonly total: Comparison; readonly accuracy: number }
  readonly crossAsset: readonly CrossAsset[]
  readonly edge: Edge
}

/** Whether the walk-forward test shows an edge. */
export interface Edge {
  /** True only when every one of the three t-statistics of the whole test is above {@link Edge.requiredT}. */
  readonly demonstrated: boolean
  /** Two-sided at 5 %. */
  readonly requiredT: number
}

const REQUIRED_T = 1.96

/** The one definition of a demonstrated edge: alpha, and the lead over buy and hold and over the 50-day average rule. */
export function edgeOf(total: Pick<Comparison, 'alpha' | 'tOverBuyAndHold' | 'tOverPriceAbove50'>): Edge {
  const figures = [total.alpha.tStatistic, total.tOverBuyAndHold, total.tOverPriceAbove50]
  return { demonstrated: figures.every((t) => t > REQUIRED_T), requiredT: REQUIRED_T }
}

/** Walk-forward on daily candles: a fresh network per fold, weights joined, costs carried over fold borders. */
export function walkForward(candles: readonly Candle[]): Evaluation['walkForward'] {
  const closes = closesOf(candles)
  const folds = walkForwardFolds(closes.length - FIRST - 1, WALK_FORWARD)
  const positions = closes.map(() => 0)
  let [hits, cases] = [0, 0]
  for (const fold of folds) {
    // A label may use closes up to the first test bar's eve: samplesUntil cuts the series before it makes labels.
    const network = trainNetwork(samplesUntil(closes, FIRST + fold.test[0]))
    for (let t = FIRST + fold.test[0]; t < FIRST + fold.test[1]; t += 1) {
      const { position } = predictAt(network, closes, t)
      positions[t] = position
      cases += 1
      if (position * ((closes[t + 1] ?? 0) - (closes[t] ?? 0)) > 0) hits += 1
    }
  }
  const range = (fold: (typeof folds)[number]) => [FIRST + fold.test[0], FIRST + fold.test[1]] as const
  const start = FIRST + (folds[0]?.test[0] ?? 0)
  const end = FIRST + (folds.at(-1)?.test[1] ?? 0)
  return {
    folds: folds.map((fold) => compare(candles, positions, ...range(fold), 365)),
    total: compare(candles, positions, start, end, 365),
    accuracy: hits / cases,
  }
}

/**
 * Figures of the bars `start`..`end` (decisions; the last earns until close `end`). Each strategy enters from its own
 * weight before `start`, so that folds add up to the total but for the model's first entry.
 */
function compare(
  candles: readonly Candle[],
  positions: readonly number[],
  start: number,
  end: number,
  periodsPerYear: number,
): Comparison {
  const closes = closesOf(candles)
  const run = (weights: readonly number[]) => {
    const span = closes.slice(start, end + 1)
    const held = [...weights.slice(start, end), 0]
    const result = backtest(span, held, { costBps: COST_BPS, initialWeight: weights[start - 1] ?? 0 })
    return { ...result, figures: { ...performanceOf(result.returns, periodsPerYear), turnover: result.turnover } }
  }
  const asset = run(buyAndHold(closes))
  const model = run(positions)
  const average = run(priceAboveAverage(50)(closes))
  const day = (index: number) => new Date((candles[index]?.time ?? 0) * 1000).toISOString().slice(0, 10)
  return {
    from: day(start),
    to: day(end),
    model: model.figures,
    buyAndHold: asset.figures,
    priceAbove50: average.figures,
    cross20over100: run(averageCross(20, 100)(closes)).figures,
    alpha: alphaOf(model.returns, asset.returns),
    tOverBuyAndHold: pairedT(model.returns, asset.returns),
    tOverPriceAbove50: pairedT(model.returns, average.returns),
  }
}

function pairedT(ours: readonly number[], theirs: readonly number[]): number {
  const difference = ours.map((value, i) => value - (theirs[i] ?? 0))
  const deviation = standardDeviation(difference)
  return deviation > 0 ? (mean(difference) / deviation) * Math.sqrt(difference.length) : 0
}

/**
 * Other assets, never trained on, in 8-hour bars: the hourly files hold 249 days, too few for one window of 257 daily
 * closes. Features are scaled by volatility, so the bar length may change; it is a harder test, not the intended use.
 */
export function crossAsset(daily: readonly Candle[], hourly: ReadonlyMap<string, readonly Candle[]>): CrossAsset[] {
  const network = crossAssetNetwork(daily)
  return [...hourly].map(([symbol, candles]) => {
    const bars = aggregateCandles(candles, CROSS_ASSET_SECONDS, CROSS_ASSET_SECONDS / HOUR_SECONDS)
    const closes = closesOf(bars)
    const positions = closes.map((_, t) => (t < FIRST ? 0 : predictAt(network, closes, t).position))
    return { symbol, ...compare(bars, positions, FIRST, bars.length - 1, 365 * 3) }
  })
}

function crossAssetNetwork(daily: readonly Candle[]): Network {
  const seen = closesOf(daily.filter((candle) => candle.time < CROSS_ASSET_TRAIN_END))
  return trainNetwork(samplesUntil(seen, seen.length))
}
