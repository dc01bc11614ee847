import { createServer, type Server } from 'node:http'
import { parseArgs } from 'node:util'
import { type Candle, DAY_SECONDS } from '@spartan/analytics'
import { BaseError } from '@spartan/errors'
import { type ExchangeClient, LIVE_SYMBOLS, openExchange, readLiveMarket } from './marketLive.ts'
import { closeTime, fileSeries, type MarketSeries, syntheticSeries } from './marketSources.ts'

/** Where the prices come from; shown wherever a price is. */
export type MarketSource = 'synthetic' | 'files' | 'live'

/** A new price, for on-chain price feeds. `time` is when it was true, Unix seconds. */
export interface MarketTick {
  readonly symbol: string
  readonly close: number
  readonly time: number
}

export interface MarketFeedOptions {
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number
  readonly mode: MarketSource
  /** Folder with price files, for mode `files`. */
  readonly dataDir?: string | undefined
  /** Replay: seconds per day, 0 stands still. Live: seconds between reads. Default 60. */
  readonly speed?: number | undefined
  /** Called for every symbol at start and whenever its price is new. What it throws ends nothing; it is reported. */
  readonly onTick?: ((tick: MarketTick) => void | Promise<void>) | undefined
  /** Live only; default Binance through ccxt. */
  readonly exchange?: ExchangeClient | undefined
}

export interface MarketFeed {
  readonly url: string
  status(): { readonly source: MarketSource; readonly replayTime: number }
  symbols(): string[]
  /** Complete daily candles, oldest first. Undefined for an unknown symbol. */
  candles(symbol: string): readonly Candle[] | undefined
  /** Goes one day on (replay) or reads the exchange (live), then waits for `onTick`. */
  advance(): Promise<void>
  close(): Promise<void>
}

/** State behind the HTTP server. */
interface Market {
  readonly source: MarketSource
  time(): number
  candles(): ReadonlyMap<string, readonly Candle[]>
  ticks(): MarketTick[]
  /** Returns the new ticks. */
  step(): Promise<MarketTick[]>
}

const DEFAULT_SPEED = 60
const DEFAULT_LIMIT = 400
const MAX_LIMIT = 5000

/**
 * Starts the market feed of the local world: `GET /markets`, `/candles/{symbol}?limit=`, `/status`.
 *
 * Throws `FEED_PORT_TAKEN`, `FEED_LIVE_UNAVAILABLE`, `ANALYTICS_DATA_MISSING` and the codes of `parseCandlesCsv`.
 */
export async function startMarketFeed(options: MarketFeedOptions): Promise<MarketFeed> {
  const market = options.mode === 'live' ? await liveMarket(options.exchange) : replay(options.mode, load(options))
  const server = createServer((request, response) => {
    const { status, body } = answer(market, request.method ?? '', request.url ?? '/')
    const type = status === 200 ? 'application/json' : 'application/problem+json'
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(JSON.stringify(body))
  })
  const url = await listen(server, options.port)
  const report = async (ticks: readonly MarketTick[]) => {
    for (const tick of ticks) {
      try {
        await options.onTick?.(tick)
      } catch (error) {
        console.error(`market feed: ${tick.symbol} could not be passed on: ${messageOf(error)}`)
      }
    }
  }
  const advance = async () => report(await market.step())
  await report(market.ticks())
  const stop = every(options.speed ?? DEFAULT_SPEED, advance)
  return {
    url,
    status: () => ({ source: market.source, replayTime: market.time() }),
    symbols: () => [...market.candles().keys()],
    candles: (symbol) => market.candles().get(symbol),
    advance,
    close: async () => {
      await stop()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function load(options: MarketFeedOptions): MarketSeries {
  if (options.mode === 'synthetic') return syntheticSeries()
  if (options.dataDir === undefined)
    throw new BaseError('ANALYTICS_DATA_MISSING', { metaMessages: ['no folder given'] })
  return fileSeries(options.dataDir)
}

/** A clock over fixed series: only candles complete at its time are visible. It stops at the end of the data. */
function replay(source: MarketSource, series: MarketSeries): Market {
  let time = series.start
  const visible = () =>
    new Map([...series.candles].map(([symbol, all]) => [symbol, all.filter((candle) => closeTime(candle) <= time)]))
  let candles = visible()
  const ticks = () =>
    [...candles].flatMap(([symbol, known]) => {
      const last = known.at(-1)
      return last === undefined ? [] : [{ symbol, close: last.close, time: closeTime(last) }]
    })
  return {
    source,
    time: () => time,
    candles: () => candles,
    ticks,
    step: async () => {
      if (time >= series.end) return []
      time += DAY_SECONDS
      candles = visible()
      return ticks().filter((tick) => tick.time === time)
    },
  }
}

/** Prices of an exchange; the last good read stays when a later one fails, and its time with it. */
async function liveMarket(client: ExchangeClient | undefined): Promise<Market> {
  const exchange = client ?? (await openExchange())
  let time = 0
  let candles = new Map<string, readonly Candle[]>()
  let prices: MarketTick[] = []
  const read = async () => {
    const now = Math.floor(Date.now() / 1000)
    const read = new Map<string, readonly Candle[]>()
    const seen: MarketTick[] = []
    for (const symbol of LIVE_SYMBOLS) {
      const market = await readLiveMarket(exchange, symbol, now)
      read.set(symbol, market.candles)
      seen.push({ symbol, close: market.price, time: now })
    }
    const changed = seen.filter((tick) => prices.find((old) => old.symbol === tick.symbol)?.close !== tick.close)
    candles = read
    prices = seen
    time = now
    return changed
  }
  await read()
  return { source: 'live', time: () => time, candles: () => candles, ticks: () => prices, step: read }
}

function answer(market: Market, method: string, target: string): { status: number; body: unknown } {
  const parsed = URL.parse(target, 'http://127.0.0.1')
  if (!parsed) return { status: 400, body: { title: 'Malformed request target', status: 400 } }
  const { pathname, searchParams } = parsed
  if (method !== 'GET') return { status: 405, body: { title: 'Method not allowed', status: 405 } }
  if (pathname === '/status') return { status: 200, body: { source: market.source, replayTime: market.time() } }
  if (pathname === '/markets') return { status: 200, body: marketsOf(market) }
  const symbol = /^\/candles\/([A-Za-z0-9]{1,15})$/.exec(pathname)?.[1]?.toUpperCase()
  const candles = symbol === undefined ? undefined : market.candles().get(symbol)
  if (symbol === undefined) return { status: 404, body: { title: 'Not found', status: 404 } }
  if (candles === undefined) return problem(404, new BaseError('FEED_SYMBOL_UNKNOWN', { metaMessages: [symbol] }))
  const limit = searchParams.get('limit') ?? String(DEFAULT_LIMIT)
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > MAX_LIMIT) {
    return problem(400, new BaseError('FEED_LIMIT_INVALID', { metaMessages: [`limit ${JSON.stringify(limit)}`] }))
  }
  return { status: 200, body: candles.slice(-Number(limit)) }
}

function marketsOf(market: Market) {
  return [...market.candles()].map(([symbol, candles]) => ({
    symbol,
    quote: market.source === 'synthetic' ? 'USD' : 'USDT',
    source: market.source,
    candles: candles.length,
    close: candles.at(-1)?.close ?? null,
    previousClose: candles.at(-2)?.close ?? null,
    time: candles.at(-1)?.time ?? null,
  }))
}

function problem(status: number, error: BaseError) {
  const detail = error.metaMessages.join('; ')
  return { status, body: { title: error.shortMessage, status, code: error.code, detail, action: error.action } }
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE' ? new BaseError('FEED_PORT_TAKEN', { metaMessages: [`port ${port}`] }) : cause,
      ),
    )
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`)
    })
  })
}

/** Runs `task` every so many seconds, never twice at once. The returned function stops it and waits for a running one. */
function every(seconds: number, task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  const run = () => {
    running ??= task()
      .catch((error: unknown) => console.error(`market feed: ${messageOf(error)}`))
      .finally(() => {
        running = undefined
      })
  }
  const timer = seconds > 0 ? setInterval(run, seconds * 1000) : undefined
  return async () => {
    clearInterval(timer)
    await running
  }
}

function messageOf(error: unknown): string {
  return error instanceof BaseError ? `${error.code}: ${error.metaMessages.join('; ')}` : String(error)
}

const HELP = `Market feed of the local world on 127.0.0.1.

  node scripts/demo/marketFeed.ts [--port N] [--data DIR | --live] [--speed SECONDS]

  --port N         default 3002
  --data DIR       replay the price files of this folder (default: MARKET_DATA, else a marked synthetic market)
  --live           prices of an exchange (npm install --no-save ccxt)
  --speed SECONDS  per replayed day, or between live reads; default 60, 0 stands still`

async function main(): Promise<void> {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const { values } = parseArgs({ options: { port: text, data: text, speed: text, live: flag, help: flag } })
  if (values.help) {
    console.log(HELP)
    return
  }
  const dataDir = values.data ?? process.env.MARKET_DATA
  const mode = values.live || process.env.MARKET === 'live' ? 'live' : dataDir ? 'files' : 'synthetic'
  const feed = await startMarketFeed({
    port: Number(values.port ?? 3002),
    mode,
    dataDir,
    speed: Number(values.speed ?? DEFAULT_SPEED),
  })
  console.log(`market feed (${mode}): ${feed.url}/markets, ${feed.symbols().join(', ')}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void feed.close())
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof BaseError ? error.message : error)
    process.exitCode = 1
  })
}
