import { requireArgument } from './analyticsError.ts'
import { type Candle, DAY_SECONDS } from './candles.ts'
import { type SeededRandom, seededRandom } from './random.ts'

/** Symbols of the synthetic market with a start price, daily volatility and share of the common factor. */
const PROFILES = {
  BTC: { price: 16_500, volatility: 0.026, common: 0.9, volume: 40_000 },
  ETH: { price: 1_200, volatility: 0.033, common: 0.8, volume: 350_000 },
  SOL: { price: 10, volatility: 0.05, common: 0.65, volume: 9_000_000 },
  XRP: { price: 0.34, volatility: 0.038, common: 0.55, volume: 400_000_000 },
  LTC: { price: 70, volatility: 0.036, common: 0.7, volume: 1_200_000 },
  DOGE: { price: 0.07, volatility: 0.048, common: 0.55, volume: 900_000_000 },
  ADA: { price: 0.25, volatility: 0.042, common: 0.7, volume: 300_000_000 },
  LINK: { price: 5.6, volatility: 0.042, common: 0.65, volume: 9_000_000 },
} as const

export type SyntheticSymbol = keyof typeof PROFILES

/** Symbols that `syntheticMarket` knows. */
export const SYNTHETIC_SYMBOLS = Object.keys(PROFILES) as readonly SyntheticSymbol[]

/** Regimes of the common factor: drift per day and a factor on volatility. They last 60 days on average. */
const REGIMES = [
  { drift: 0.0022, volatility: 0.9 },
  { drift: 0.0002, volatility: 0.6 },
  { drift: -0.0024, volatility: 1.3 },
] as const

export interface SyntheticMarketOptions {
  readonly seed: string
  readonly days: number
  /** Opening time of the first candle, Unix seconds, a UTC midnight. */
  readonly start: number
  readonly symbols?: readonly SyntheticSymbol[] | undefined
}

/**
 * Daily candles of an invented market: geometric random walks with a common factor, three regimes and fat tails. The
 * same options give the same candles, and more days only append. It looks like a market and says nothing about one.
 *
 * Throws `ANALYTICS_ARGUMENT_INVALID`.
 */
export function syntheticMarket(options: SyntheticMarketOptions): ReadonlyMap<SyntheticSymbol, readonly Candle[]> {
  const { days, start } = options
  requireArgument(Number.isSafeInteger(days) && days > 0 && days <= 20_000, `days ${days}: expected 1 to 20000`)
  requireArgument(Number.isSafeInteger(start) && start % DAY_SECONDS === 0, `start ${start}: expected a UTC midnight`)
  const symbols = options.symbols ?? SYNTHETIC_SYMBOLS
  requireArgument(
    symbols.every((symbol) => Object.hasOwn(PROFILES, symbol)),
    `symbols: expected some of ${SYNTHETIC_SYMBOLS.join(', ')}`,
  )
  const factor = commonFactor(seededRandom(`${options.seed}/market`), days)
  return new Map(
    symbols.map((symbol) => [symbol, walk(symbol, seededRandom(`${options.seed}/${symbol}`), factor, start)]),
  )
}

interface FactorDay {
  readonly shock: number
  readonly drift: number
  readonly volatility: number
}

function commonFactor(random: SeededRandom, days: number): FactorDay[] {
  let regime: (typeof REGIMES)[number] = REGIMES[0]
  return Array.from({ length: days }, () => {
    if (random.uniform() < 1 / 60) regime = REGIMES[Math.floor(random.uniform() * REGIMES.length)] ?? REGIMES[0]
    // One day in fifty is three times as wild: the tails of daily returns are fat.
    const tail = random.uniform() < 0.02 ? 3 : 1
    return { shock: random.normal() * tail, drift: regime.drift, volatility: regime.volatility }
  })
}

function walk(
  symbol: SyntheticSymbol,
  random: SeededRandom,
  factor: readonly FactorDay[],
  start: number,
): readonly Candle[] {
  const profile = PROFILES[symbol]
  const own = Math.sqrt(1 - profile.common ** 2)
  let price: number = profile.price
  return factor.map((day, i) => {
    const volatility = profile.volatility * day.volatility
    const open = price
    const step = day.drift + volatility * (profile.common * day.shock + own * random.normal())
    // Seven significant digits, as an exchange quotes; a floor keeps a long fall above zero.
    const close = quote(Math.max(open * Math.exp(step), profile.price * 1e-4))
    const high = quote(Math.max(open, close) * Math.exp(Math.abs(random.normal()) * volatility * 0.5))
    const low = quote(Math.min(open, close) * Math.exp(-Math.abs(random.normal()) * volatility * 0.5))
    price = close
    const volume = quote(profile.volume * Math.exp(0.4 * random.normal() + 4 * Math.abs(step)))
    const time = start + i * DAY_SECONDS
    return { time, open, high: Math.max(high, open, close), low: Math.min(low, open, close), close, volume }
  })
}

function quote(value: number): number {
  return Number(value.toPrecision(7))
}
