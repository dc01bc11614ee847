import { type Candle, checkCandles, DAY_SECONDS } from '@spartan/analytics'
import { BaseError } from '@spartan/errors'

/** What the feed needs of an exchange client; ccxt's exchanges have it. Rows: [ms, open, high, low, close, volume]. */
export interface ExchangeClient {
  fetchOHLCV(pair: string, timeframe: string, since: undefined, limit: number): Promise<(number | undefined)[][]>
}

export const LIVE_SYMBOLS = ['BTC', 'ETH', 'SOL', 'XRP', 'LTC', 'DOGE'] as const
const LIVE_CANDLES = 500

/** Newest state of one market: complete days, and the price of the day still forming. */
export interface LiveMarket {
  readonly candles: readonly Candle[]
  readonly price: number
}

/**
 * Binance's public prices through ccxt, which is no dependency of this project: `npm install --no-save ccxt`.
 * Throws `FEED_LIVE_UNAVAILABLE` when it is not installed.
 */
export async function openExchange(): Promise<ExchangeClient> {
  try {
    // A variable keeps the compiler and bundlers from looking for an optional package.
    const name: string = 'ccxt'
    const { binance } = (await import(name)) as { binance: new (options: object) => ExchangeClient }
    return new binance({ enableRateLimit: true, timeout: 15_000 })
  } catch (cause) {
    throw new BaseError('FEED_LIVE_UNAVAILABLE', { metaMessages: ['ccxt is not installed'], cause })
  }
}

/** Reads one market. Throws `FEED_LIVE_UNAVAILABLE` when the exchange does not answer or answers nonsense. */
export async function readLiveMarket(exchange: ExchangeClient, symbol: string, now: number): Promise<LiveMarket> {
  try {
    const rows = await exchange.fetchOHLCV(`${symbol}/USDT`, '1d', undefined, LIVE_CANDLES)
    const all = rows.map((row): Candle => {
      const [time, open, high, low, close, volume] = row.map(Number) as [number, number, number, number, number, number]
      return { time: Math.floor(time / 1000), open, high, low, close, volume }
    })
    checkCandles(all)
    const last = all.at(-1)
    if (last === undefined) throw new BaseError('FEED_LIVE_UNAVAILABLE', { metaMessages: [`${symbol}: no candles`] })
    return { candles: all.filter((candle) => candle.time + DAY_SECONDS <= now), price: last.close }
  } catch (cause) {
    if (cause instanceof BaseError && cause.code === 'FEED_LIVE_UNAVAILABLE') throw cause
    const details = cause instanceof Error ? cause.message : String(cause)
    throw new BaseError('FEED_LIVE_UNAVAILABLE', { metaMessages: [symbol], details, cause })
  }
}
