import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Candle, checkCandles, DAY_SECONDS, syntheticMarket } from '@spartan/analytics'
import { afterEach, describe, expect, it } from 'vitest'
import { type MarketFeed, type MarketFeedOptions, type MarketTick, startMarketFeed } from './marketFeed.ts'
import { CANDLES_AT_START } from './marketSources.ts'

let feed: MarketFeed | undefined
let folder: string | undefined
afterEach(async () => {
  await feed?.close()
  feed = undefined
  if (folder) rmSync(folder, { recursive: true })
  folder = undefined
})

async function start(options: Omit<MarketFeedOptions, 'port'>): Promise<MarketFeed> {
  feed = await startMarketFeed({ port: 0, speed: 0, ...options })
  return feed
}

async function get<T>(path: string): Promise<{ status: number; body: T }> {
  const response = await fetch(`${feed?.url}${path}`)
  return { status: response.status, body: (await response.json()) as T }
}

const day = (candle: Candle) => new Date(candle.time * 1000).toISOString()
const rows = (candles: readonly Candle[], time: (candle: Candle) => string) =>
  candles.map((c) => [time(c), c.open, c.high, c.low, c.close, c.volume].join(','))

/** Writes daily and hourly files: BTC split over two sources and hours, OLD ended long ago, LTC too short. */
function writeFiles(days: number): readonly Candle[] {
  folder = mkdtempSync(join(tmpdir(), 'market-feed-'))
  const root = folder
  const from = Date.UTC(2022, 0, 1) / 1000
  const candles = syntheticMarket({ seed: 'files', days, start: from }).get('BTC') ?? []
  const put = (path: string, header: string, lines: readonly string[]) => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), `${[header, ...lines].join('\n')}\n`)
  }
  const daily = (part: readonly Candle[]) => rows(part, (candle) => day(candle).slice(0, 10))
  const header = 'date,open,high,low,close,volume'
  put('daily/binance_api/BTCUSDT_1d.csv', header, daily(candles.slice(0, -2)))
  put('daily/other/BTC.csv', header, daily(candles.map((candle) => ({ ...candle, close: candle.open }))))
  put('daily/other/OLD.csv', header, daily(candles.slice(0, 450)))
  put('daily/other/LTC.csv', header, daily(candles.slice(-50)))
  put('daily/other/onchain.csv', 'date,price_usd', ['2022-01-01,1'])
  const hours = candles
    .slice(-2)
    .flatMap((candle) =>
      Array.from({ length: 24 }, (_, i) => ({ ...candle, time: candle.time + i * 3600, volume: candle.volume / 24 })),
    )
  const hourText = (candle: Candle) => day(candle).replace('.000Z', 'Z')
  put('hourly/BTCUSDT_1h.csv', 'time,open,high,low,close,volume', rows(hours, hourText))
  return candles
}

describe('synthetic market feed', () => {
  it('answers the three routes, marked synthetic, with enough candles for every symbol', async () => {
    await start({ mode: 'synthetic' })
    const { body: markets } =
      await get<{ symbol: string; candles: number; source: string; close: number }[]>('/markets')
    expect(markets.map((market) => market.symbol)).toEqual(
      expect.arrayContaining(['BTC', 'ETH', 'SOL', 'XRP', 'LTC', 'DOGE']),
    )
    for (const market of markets) {
      expect(market.source).toBe('synthetic')
      expect(market.candles).toBeGreaterThanOrEqual(CANDLES_AT_START)
      const { body } = await get<Candle[]>(`/candles/${market.symbol}?limit=257`)
      checkCandles(body)
      expect(body).toHaveLength(257)
      expect(body.at(-1)?.close).toBe(market.close)
    }
    const { body: status } = await get<{ source: string; replayTime: number }>('/status')
    const { body: btc } = await get<Candle[]>('/candles/btc?limit=1')
    expect(status).toEqual({ source: 'synthetic', replayTime: (btc[0]?.time ?? 0) + DAY_SECONDS })
  })

  it('moves one day per step and tells the prices', async () => {
    const ticks: MarketTick[] = []
    const running = await start({ mode: 'synthetic', onTick: (tick) => void ticks.push(tick) })
    const symbols = running.symbols()
    expect(ticks.map((tick) => tick.symbol)).toEqual(symbols)
    const before = running.status().replayTime
    const known = running.candles('ETH') ?? []
    await running.advance()
    expect(running.status().replayTime).toBe(before + DAY_SECONDS)
    expect(running.candles('ETH')?.slice(0, -1)).toEqual(known)
    const eth = ticks.slice(symbols.length).find((tick) => tick.symbol === 'ETH')
    expect(eth).toEqual({ symbol: 'ETH', close: running.candles('ETH')?.at(-1)?.close, time: before + DAY_SECONDS })
  })

  it('goes on by itself at its speed, and a failing listener does not stop it', async () => {
    let calls = 0
    const fail = () => {
      calls += 1
      throw new Error('chain is down')
    }
    const running = await start({ mode: 'synthetic', speed: 0.02, onTick: fail })
    const before = running.status().replayTime
    await expect.poll(() => running.status().replayTime, { timeout: 5000 }).toBeGreaterThan(before + DAY_SECONDS)
    expect(calls).toBeGreaterThan(running.symbols().length)
  })

  it('refuses unknown symbols, bad limits, other methods, a taken port', async () => {
    const running = await start({ mode: 'synthetic' })
    expect(await get('/candles/NOPE')).toMatchObject({ status: 404, body: { code: 'FEED_SYMBOL_UNKNOWN' } })
    for (const limit of ['0', '-1', 'x', '5001', '1e3', '']) {
      const refused = await get(`/candles/BTC?limit=${limit}`)
      expect(refused).toMatchObject({ status: 400, body: { code: 'FEED_LIMIT_INVALID' } })
    }
    expect((await get('/other')).status).toBe(404)
    expect((await fetch(`${running.url}/markets`, { method: 'POST' })).status).toBe(405)
    const port = Number(new URL(running.url).port)
    await expect(startMarketFeed({ port, mode: 'synthetic' })).rejects.toMatchObject({ code: 'FEED_PORT_TAKEN' })
  })
})

describe('market feed from files', () => {
  it('joins daily and hourly files, prefers the first source, replays to the end and stays there', async () => {
    const candles = writeFiles(600)
    const running = await start({ mode: 'files', dataDir: folder })
    expect(running.symbols()).toEqual(['BTC'])
    expect(running.candles('BTC')).toEqual(candles.slice(0, 480))
    for (let i = 0; i < 130; i += 1) await running.advance()
    const seen = running.candles('BTC') ?? []
    expect(seen.slice(0, 598)).toEqual(candles.slice(0, 598))
    expect(seen).toHaveLength(600)
    expect(seen.at(-1)?.close).toBe(candles.at(-1)?.close)
    expect(running.status()).toEqual({ source: 'files', replayTime: (candles.at(-1)?.time ?? 0) + DAY_SECONDS })
  })

  it('replays fewer days when the files are short, and refuses when they are too short or absent', async () => {
    writeFiles(460)
    const running = await start({ mode: 'files', dataDir: folder })
    expect(running.candles('BTC')).toHaveLength(CANDLES_AT_START)
    const empty = startMarketFeed({ port: 0, mode: 'files', dataDir: join(folder ?? '', 'hourly') })
    await expect(empty).rejects.toMatchObject({ code: 'ANALYTICS_DATA_MISSING' })
    const unnamed = startMarketFeed({ port: 0, mode: 'files' })
    await expect(unnamed).rejects.toMatchObject({ code: 'ANALYTICS_DATA_MISSING' })
  })
})

describe('live market feed', () => {
  const today = Math.floor(Date.now() / 1000 / DAY_SECONDS) * DAY_SECONDS
  const exchangeRows = (price: number) =>
    Array.from({ length: 450 }, (_, i) => [(today - (449 - i) * DAY_SECONDS) * 1000, 10, 12, 9, price, 5])

  it('shows complete days only, passes the newest price on, keeps the last good read', async () => {
    let price: number | undefined = 11
    const exchange = {
      fetchOHLCV: async () => {
        if (price === undefined) throw new Error('rate limit')
        return exchangeRows(price)
      },
    }
    const ticks: MarketTick[] = []
    const running = await start({ mode: 'live', exchange, onTick: (tick) => void ticks.push(tick) })
    expect(running.candles('BTC')).toHaveLength(449)
    expect(running.candles('BTC')?.at(-1)?.time).toBe(today - DAY_SECONDS)
    await running.advance()
    expect(ticks).toHaveLength(6)
    price = 10.5
    await running.advance()
    expect(ticks.slice(6).map((tick) => tick.close)).toEqual([10.5, 10.5, 10.5, 10.5, 10.5, 10.5])
    price = undefined
    await expect(running.advance()).rejects.toMatchObject({ code: 'FEED_LIVE_UNAVAILABLE' })
    expect(running.candles('BTC')?.at(-1)?.close).toBe(10.5)
  })

  it('refuses impossible prices', async () => {
    const exchange = { fetchOHLCV: async () => exchangeRows(-1) }
    const live = startMarketFeed({ port: 0, mode: 'live', exchange })
    await expect(live).rejects.toMatchObject({ code: 'FEED_LIVE_UNAVAILABLE' })
  })
})

const fixtures = process.env.SPARTAN_FIXTURES
const market = fixtures ? join(fixtures, 'market') : ''

describe.skipIf(!existsSync(market))('market feed from real files (SPARTAN_FIXTURES/market)', () => {
  it('has the main symbols with 400 candles, at one common time', async () => {
    const running = await start({ mode: 'files', dataDir: market })
    expect(running.symbols()).toEqual(expect.arrayContaining(['BTC', 'ETH', 'SOL', 'XRP', 'DOGE']))
    for (const symbol of running.symbols()) {
      const candles = running.candles(symbol) ?? []
      expect(candles.length).toBeGreaterThanOrEqual(CANDLES_AT_START)
      expect((candles.at(-1)?.time ?? 0) + DAY_SECONDS).toBe(running.status().replayTime)
    }
  })
})
