import { z } from 'zod'
import { readWorld } from '../../config/env.ts'
import { type Candle, type FeedStatus, type MarketList, type MarketRow, marketRow } from './market.ts'

const FEED_TIMEOUT_MS = 5_000
const LIST_CANDLES = 40
const SYMBOL = /^[A-Z0-9]{2,15}$/i

const candleSchema = z.object({
  time: z.number(),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number(),
})
const candlesSchema = z
  .union([z.array(candleSchema), z.object({ candles: z.array(candleSchema) })])
  .transform((answer) => (Array.isArray(answer) ? answer : answer.candles))
const marketSchema = z.union([z.string(), z.object({ symbol: z.string() }).transform((market) => market.symbol)])
const marketsSchema = z
  .union([z.array(marketSchema), z.object({ markets: z.array(marketSchema) })])
  .transform((answer) => (Array.isArray(answer) ? answer : answer.markets))
const statusSchema = z.object({
  source: z.enum(['synthetic', 'files', 'live']),
  replayTime: z.union([z.number(), z.iso.datetime().transform((text) => Date.parse(text) / 1000)]),
})

/** The market feed did not answer, or answered something else. Carries the cause for the log, not for the reader. */
export class MarketFeedError extends Error {
  override readonly name = 'MarketFeedError'
  readonly code = 'WEB_MARKET_UNREACHABLE'
  /** HTTP status, when the feed answered at all. */
  readonly status: number | undefined

  constructor(message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options)
    this.status = options.status
  }
}

/** Whether a path segment can be a symbol at all. */
export function isSymbol(text: string): boolean {
  return SYMBOL.test(text)
}

async function ask<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const url = new URL(path, readWorld().marketUrl)
  let response: Response
  try {
    response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(FEED_TIMEOUT_MS) })
  } catch (cause) {
    throw new MarketFeedError(`no answer from ${url.origin}`, { cause })
  }
  if (!response.ok)
    throw new MarketFeedError(`${url.pathname} answered ${response.status}`, { status: response.status })
  const parsed = schema.safeParse(await response.json())
  if (!parsed.success) throw new MarketFeedError(`${url.pathname}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

/** Newest candles of a market, oldest first. */
export function candlesOf(symbol: string, limit: number): Promise<Candle[]> {
  return ask(`/candles/${encodeURIComponent(symbol)}?limit=${limit}`, candlesSchema)
}

/** Source and time of the feed. */
export function feedStatus(): Promise<FeedStatus> {
  return ask('/status', statusSchema)
}

/** Every market with price, changes and a line of closes. */
export async function marketList(): Promise<MarketList> {
  const [symbols, status] = await Promise.all([ask('/markets', marketsSchema), feedStatus()])
  const rows = await Promise.all(
    symbols.map(async (symbol) => marketRow(symbol, await candlesOf(symbol, LIST_CANDLES))),
  )
  return { markets: rows.filter((row): row is MarketRow => row !== undefined), status }
}
