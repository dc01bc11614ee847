import { type Candle, DAY_SECONDS } from '@spartan/analytics'

export type { Candle } from '@spartan/analytics'

/** Where prices come from: generated, files being replayed, or an exchange. */
export interface FeedStatus {
  readonly source: 'synthetic' | 'files' | 'live'
  /** Unix seconds; the instant that the feed has reached. */
  readonly replayTime: number
}

/** One line of the list of markets. Changes are shares (0.01 = 1 %); null when the history is too short. */
export interface MarketRow {
  readonly symbol: string
  readonly price: number
  readonly change24h: number | null
  readonly change7d: number | null
  readonly change30d: number | null
  /** Closes of the last 30 days, oldest first. */
  readonly spark: readonly number[]
  /** Unix seconds of the newest candle. */
  readonly asOf: number
}

/** Answer of `/api/market/list`. */
export interface MarketList {
  readonly markets: readonly MarketRow[]
  readonly status: FeedStatus
}

/** Days of history that a market's page reads first. */
export const DEFAULT_RANGE_DAYS = 365

const SPARK_DAYS = 30

/** Change of the close against the last candle at least `days` older than the newest one. */
export function changeOver(candles: readonly Candle[], days: number): number | null {
  const last = candles.at(-1)
  if (!last) return null
  const before = candles.findLast((candle) => candle.time <= last.time - days * DAY_SECONDS)
  return before && before.close > 0 ? last.close / before.close - 1 : null
}

/** Summary of one market from its candles, oldest first. Undefined without candles. */
export function marketRow(symbol: string, candles: readonly Candle[]): MarketRow | undefined {
  const last = candles.at(-1)
  if (!last) return undefined
  return {
    symbol,
    price: last.close,
    change24h: changeOver(candles, 1),
    change7d: changeOver(candles, 7),
    change30d: changeOver(candles, 30),
    spark: candles.filter((candle) => candle.time > last.time - SPARK_DAYS * DAY_SECONDS).map((candle) => candle.close),
    asOf: last.time,
  }
}

/** What the feed's source means, in a sentence that stands beside every price. */
export const SOURCE_TEXT: Record<FeedStatus['source'], string> = {
  synthetic: 'Synthetic prices, generated for this local world. They are not market data.',
  files: 'Real past prices, replayed from files.',
  live: 'Live prices from an exchange.',
}
