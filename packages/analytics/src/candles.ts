import { AnalyticsError, requireArgument } from './analyticsError.ts'

/** One bar. `time` is its opening time, Unix seconds, UTC. Prices in quote units, `volume` in base units. */
export interface Candle {
  readonly time: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

export const DAY_SECONDS = 86_400
export const HOUR_SECONDS = 3_600

/**
 * Reads a market CSV: a header with `date` (YYYY-MM-DD) or `time` (ISO 8601, UTC), `open`, `high`, `low`, `close`,
 * `volume` in any order; other columns are ignored. Rows must be oldest first, without duplicates; gaps are allowed.
 *
 * Throws `ANALYTICS_FILE_MALFORMED`, `ANALYTICS_CANDLE_INVALID` or `ANALYTICS_SERIES_UNORDERED` with the line number.
 */
export function parseCandlesCsv(text: string): Candle[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const header = (lines[0] ?? '').split(',').map((cell) => cell.trim())
  const timeColumn = header.includes('time') ? header.indexOf('time') : header.indexOf('date')
  const columns = ['open', 'high', 'low', 'close', 'volume'].map((name) => header.indexOf(name))
  if (timeColumn === -1 || columns.includes(-1)) {
    throw new AnalyticsError('ANALYTICS_FILE_MALFORMED', {
      metaMessages: [`header: ${header.join(',').slice(0, 200)}`],
    })
  }
  const candles: Candle[] = []
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (line === '' && index === lines.length - 1) continue
    const cells = line.split(',')
    if (cells.length !== header.length) throw malformed(index, `${cells.length} cells, expected ${header.length}`)
    const [open, high, low, close, volume] = columns.map((column) => readNumber(cells[column] ?? '', index))
    candles.push({
      time: readTime(cells[timeColumn] ?? '', index),
      open: open ?? Number.NaN,
      high: high ?? Number.NaN,
      low: low ?? Number.NaN,
      close: close ?? Number.NaN,
      volume: volume ?? Number.NaN,
    })
  }
  checkCandles(candles, 2)
  return candles
}

function malformed(index: number, why: string): AnalyticsError {
  return new AnalyticsError('ANALYTICS_FILE_MALFORMED', { metaMessages: [`line ${index + 1}: ${why}`] })
}

function readNumber(cell: string, index: number): number {
  if (!/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(cell.trim()))
    throw malformed(index, `${JSON.stringify(cell)} is no number`)
  return Number(cell)
}

function readTime(cell: string, index: number): number {
  const match = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(\.\d+)?Z)?$/.exec(cell.trim())
  const milliseconds =
    match === null ? Number.NaN : Date.parse(match[2] === undefined ? `${cell.trim()}T00:00:00Z` : cell)
  // Date.parse accepts 2023-02-30 in some engines: the round trip does not.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(0, 10) !== match?.[1]) {
    throw malformed(index, `${JSON.stringify(cell)} is no UTC date or time`)
  }
  return Math.floor(milliseconds / 1000)
}

/**
 * Checks order and shape of candles: ascending times, positive finite prices, low ≤ open, close ≤ high, volume ≥ 0.
 * `firstLine` is the number shown for the first candle. Throws `ANALYTICS_CANDLE_INVALID`, `ANALYTICS_SERIES_UNORDERED`.
 */
export function checkCandles(candles: readonly Candle[], firstLine = 0): void {
  let previous = Number.NEGATIVE_INFINITY
  candles.forEach((candle, i) => {
    const { time, open, high, low, close, volume } = candle
    const finite = [open, high, low, close, volume].every(Number.isFinite) && Number.isSafeInteger(time)
    if (!finite || low <= 0 || volume < 0 || Math.min(open, close) < low || Math.max(open, close) > high) {
      throw new AnalyticsError('ANALYTICS_CANDLE_INVALID', { metaMessages: [`row ${firstLine + i}`] })
    }
    if (time <= previous) {
      throw new AnalyticsError('ANALYTICS_SERIES_UNORDERED', { metaMessages: [`row ${firstLine + i}`] })
    }
    previous = time
  })
}

/**
 * Groups candles into longer ones of `seconds` (bucket edges at multiples of it since 1970, so days are UTC days):
 * first open, highest high, lowest low, last close, sum of volumes.
 *
 * With `perBucket` (24 for hours into days) only buckets with exactly that many candles are kept, so that a candle
 * still forming, or one with a gap, never counts as complete.
 */
export function aggregateCandles(candles: readonly Candle[], seconds: number, perBucket?: number): Candle[] {
  requireArgument(Number.isSafeInteger(seconds) && seconds > 0, `seconds ${seconds}: expected a whole number above 0`)
  checkCandles(candles)
  const buckets = Map.groupBy(candles, (candle) => Math.floor(candle.time / seconds) * seconds)
  const result: Candle[] = []
  for (const [time, bucket] of buckets) {
    const [first, last] = [bucket[0], bucket.at(-1)]
    if (first === undefined || last === undefined) continue
    if (perBucket !== undefined && bucket.length !== perBucket) continue
    result.push({
      time,
      open: first.open,
      high: bucket.reduce((high, candle) => Math.max(high, candle.high), first.high),
      low: bucket.reduce((low, candle) => Math.min(low, candle.low), first.low),
      close: last.close,
      volume: bucket.reduce((sum, candle) => sum + candle.volume, 0),
    })
  }
  return result
}

/** Closing prices. */
export function closesOf(candles: readonly Candle[]): number[] {
  return candles.map((candle) => candle.close)
}
