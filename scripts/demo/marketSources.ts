import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  aggregateCandles,
  type Candle,
  checkCandles,
  DAY_SECONDS,
  HOUR_SECONDS,
  parseCandlesCsv,
  syntheticMarket,
} from '@spartan/analytics'
import { BaseError } from '@spartan/errors'

/** Daily candles per symbol, and how many of them are visible when the replay starts. */
export interface MarketSeries {
  readonly candles: ReadonlyMap<string, readonly Candle[]>
  /** The replay starts when this instant (Unix seconds) is reached: candles that close by then are visible. */
  readonly start: number
  /** Last instant of the replay. */
  readonly end: number
}

/** Visible candles of every symbol at the start: the model needs 257, charts like a year. */
export const CANDLES_AT_START = 400
/** Days left to replay when files allow it. */
const REPLAY_DAYS = 120
/** A longer hole starts a new series; exchanges have had outages of a day or two. */
const LONGEST_GAP_DAYS = 3
/** Symbols whose files end up to this much earlier than the newest file still take part. */
const END_TOLERANCE_DAYS = 7

const SYNTHETIC_START = Date.UTC(2023, 0, 1) / 1000
const SYNTHETIC_DAYS = 4000

/** The invented market of a world without price files. The same at every start. */
export function syntheticSeries(): MarketSeries {
  const candles = syntheticMarket({ seed: 'spartan-local-world', days: SYNTHETIC_DAYS, start: SYNTHETIC_START })
  return {
    candles,
    start: SYNTHETIC_START + (CANDLES_AT_START + 20) * DAY_SECONDS,
    end: SYNTHETIC_START + SYNTHETIC_DAYS * DAY_SECONDS,
  }
}

/** Folders under daily/ in the order in which they are believed when two hold the same day. Others follow by name. */
const PREFERRED = ['binance_api', 'binance']

/**
 * Real daily candles of a folder with `daily/<source>/<SYMBOL>.csv` (or `<SYMBOL>USDT_1d.csv`) and
 * `hourly/<SYMBOL>USDT_1h.csv`, hours made into days. Files without OHLCV columns are left out. A symbol takes part
 * when its newest unbroken series reaches the end of the replay and has `CANDLES_AT_START` candles before its start.
 *
 * Throws `ANALYTICS_DATA_MISSING` when no symbol does, and the codes of `parseCandlesCsv` for a broken file.
 */
export function fileSeries(folder: string): MarketSeries {
  const series = new Map([...readSymbols(folder)].map(([symbol, days]) => [symbol, unbroken(days)]))
  const ends = [...series.values()].map(endOf)
  const newest = Math.max(...ends)
  const current = [...series].filter(([, days]) => endOf(days) >= newest - END_TOLERANCE_DAYS * DAY_SECONDS)
  const long = current.filter(([, days]) => days.length >= CANDLES_AT_START)
  if (long.length === 0) {
    throw new BaseError('ANALYTICS_DATA_MISSING', {
      metaMessages: [`no symbol with ${CANDLES_AT_START} daily candles in daily/ and hourly/`],
    })
  }
  const end = Math.min(...long.map(([, days]) => endOf(days)))
  const spare = Math.max(...long.map(([, days]) => days.length)) - CANDLES_AT_START
  const start = end - Math.min(REPLAY_DAYS, spare) * DAY_SECONDS
  const chosen = long.filter(
    ([, days]) => days.filter((candle) => closeTime(candle) <= start).length >= CANDLES_AT_START,
  )
  return { candles: new Map(chosen.sort(byMarketOrder)), start, end }
}

/** Instant at which a daily candle is complete, Unix seconds. */
export function closeTime(candle: Candle): number {
  return candle.time + DAY_SECONDS
}

const MARKET_ORDER = ['BTC', 'ETH', 'SOL', 'XRP', 'LTC', 'DOGE']

function byMarketOrder([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  const rank = (symbol: string) => (MARKET_ORDER.indexOf(symbol) + MARKET_ORDER.length) % MARKET_ORDER.length
  const known = Number(MARKET_ORDER.includes(b)) - Number(MARKET_ORDER.includes(a))
  return known || rank(a) - rank(b) || a.localeCompare(b)
}

function endOf(candles: readonly Candle[]): number {
  const last = candles.at(-1)
  return last === undefined ? Number.NEGATIVE_INFINITY : closeTime(last)
}

/** All candles per symbol, the first source of a day wins. */
function readSymbols(folder: string): Map<string, Candle[]> {
  const bySymbol = new Map<string, Map<number, Candle>>()
  const add = (symbol: string, candles: readonly Candle[]) => {
    const days = bySymbol.get(symbol) ?? new Map<number, Candle>()
    for (const candle of candles) if (!days.has(candle.time)) days.set(candle.time, candle)
    bySymbol.set(symbol, days)
  }
  for (const source of dailyFolders(folder)) {
    for (const file of csvFiles(join(folder, 'daily', source))) {
      const symbol = /^([A-Z0-9]{2,12}?)(?:USDT)?(?:_1d)?\.csv$/.exec(file)?.[1]
      // Exchanges' own days first: an index of another origin fills only symbols that have nothing better.
      if (symbol === undefined || (!PREFERRED.includes(source) && bySymbol.has(symbol))) continue
      const text = readFileSync(join(folder, 'daily', source, file), 'utf8')
      if (hasCandleColumns(text)) add(symbol, parseCandlesCsv(text))
    }
  }
  for (const file of csvFiles(join(folder, 'hourly'))) {
    const symbol = /^([A-Z0-9]{2,12})USDT_1h\.csv$/.exec(file)?.[1]
    if (symbol === undefined) continue
    const hours = parseCandlesCsv(readFileSync(join(folder, 'hourly', file), 'utf8'))
    add(symbol, aggregateCandles(hours, DAY_SECONDS, DAY_SECONDS / HOUR_SECONDS))
  }
  return new Map([...bySymbol].map(([symbol, days]) => [symbol, [...days.values()].sort((a, b) => a.time - b.time)]))
}

function dailyFolders(folder: string): string[] {
  const daily = join(folder, 'daily')
  if (!existsSync(daily)) return []
  const names = readdirSync(daily, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const others = names.map((entry) => entry.name).sort()
  return [...new Set([...PREFERRED.filter((name) => others.includes(name)), ...others])]
}

function csvFiles(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.csv'))
        .sort()
    : []
}

function hasCandleColumns(text: string): boolean {
  const header = text.slice(0, text.indexOf('\n')).trim().split(',')
  return ['open', 'high', 'low', 'close', 'volume'].every((name) => header.includes(name))
}

/** The newest part without a gap longer than `LONGEST_GAP_DAYS`. */
function unbroken(candles: readonly Candle[]): readonly Candle[] {
  checkCandles(candles)
  const start = candles.findLastIndex(
    (candle, i) => i > 0 && candle.time - (candles[i - 1]?.time ?? 0) > LONGEST_GAP_DAYS * DAY_SECONDS,
  )
  return candles.slice(Math.max(0, start))
}
