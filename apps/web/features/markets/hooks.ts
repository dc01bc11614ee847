'use client'
import { useQuery } from '@tanstack/react-query'
import type { Candle, MarketList } from './market.ts'

const REFRESH_MS = 10_000

async function read<T>(path: string): Promise<T> {
  const response = await fetch(path)
  if (!response.ok) throw new MarketUnreachableError(response.status)
  return (await response.json()) as T
}

/** The dApp's own proxy could not read the feed. */
export class MarketUnreachableError extends Error {
  override readonly name = 'MarketUnreachableError'
  readonly status: number

  constructor(status: number) {
    super(`the price feed did not answer (${status})`)
    this.status = status
  }
}

/** Every market; refreshed while the page is open. */
export function useMarkets(initial?: MarketList) {
  return useQuery({
    queryKey: ['markets'],
    queryFn: () => read<MarketList>('/api/market/list'),
    refetchInterval: REFRESH_MS,
    ...(initial ? { initialData: initial } : {}),
  })
}

/** Candles of one market, oldest first. */
export function useCandles(symbol: string, limit: number, initial?: readonly Candle[]) {
  return useQuery({
    queryKey: ['candles', symbol, limit],
    queryFn: () => read<readonly Candle[]>(`/api/market/candles/${encodeURIComponent(symbol)}?limit=${limit}`),
    refetchInterval: REFRESH_MS,
    ...(initial ? { initialData: initial } : {}),
  })
}
