export { type AnalyticsCode, AnalyticsError } from './analyticsError.ts'
export {
  type Alpha,
  alphaOf,
  type BacktestOptions,
  type BacktestResult,
  backtest,
  type Performance,
  performanceOf,
} from './backtest.ts'
export {
  aggregateCandles,
  type Candle,
  checkCandles,
  closesOf,
  DAY_SECONDS,
  HOUR_SECONDS,
  parseCandlesCsv,
} from './candles.ts'
export {
  logReturns,
  mean,
  rollingVolatility,
  simpleMovingAverage,
  simpleReturns,
  standardDeviation,
} from './indicators.ts'
export { type SeededRandom, seededRandom } from './random.ts'
export { averageCross, buyAndHold, momentumSign, priceAboveAverage, type WeightRule } from './rules.ts'
export {
  SYNTHETIC_SYMBOLS,
  type SyntheticMarketOptions,
  type SyntheticSymbol,
  syntheticMarket,
} from './syntheticMarket.ts'
export { checkNoLookAhead, type Fold, type WalkForwardOptions, walkForwardFolds } from './walkForward.ts'
