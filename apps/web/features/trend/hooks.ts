'use client'
import { CHANNEL_STATUSES, type ChannelState, type InferResult } from '@spartan/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Hex } from 'viem'
import { archiveReceipt } from '../../shared/web3/receiptArchive.ts'
import { useSpartanClient } from '../../shared/web3/spartanClient.ts'
import { useWallet } from '../../shared/web3/useWallet.ts'
import { useWorld } from '../../shared/web3/WorldContext.tsx'
import { noteRequest } from './requestNotes.ts'
import { TREND_CLOSES, TREND_MODEL, type Trend, trendInput, trendOf } from './trend.ts'

const CHANNEL_OPEN = CHANNEL_STATUSES.indexOf('Open')
const REFRESH_MS = 6_000

/** A channel whose session key is in this browser. Amounts in token base units. */
export interface UsableChannel {
  readonly channelId: Hex
  readonly deposit: bigint
  readonly spent: bigint
}

const usable = (state: ChannelState): UsableChannel => ({
  channelId: state.channelId,
  deposit: state.deposit,
  spent: state.lastReceipt?.receipt.cumulativeFee ?? 0n,
})

/** Open channel of the connected account with this provider for this asset that still covers `fee`. */
export function useUsableChannel(providerId: Hex | undefined, assetId: bigint | undefined, fee: bigint) {
  const world = useWorld()
  const client = useSpartanClient()
  const { address } = useWallet()
  return useQuery({
    queryKey: ['usable-channel', world.chainId, address, providerId, String(assetId), String(fee)],
    queryFn: async () => {
      const spartan = await client()
      const own = (await spartan.channels()).filter(
        (state) =>
          state.opened &&
          state.payer.toLowerCase() === address?.toLowerCase() &&
          state.params.providerId === providerId &&
          state.params.assetId === assetId,
      )
      for (const state of own) {
        const { deposit, spent } = usable(state)
        if (deposit - spent < fee) continue
        const { status } = await spartan.channelOnChain(state.channelId)
        if (status === CHANNEL_OPEN) return usable(state)
      }
      return null
    },
    enabled: address !== undefined && providerId !== undefined && assetId !== undefined && fee > 0n,
    refetchInterval: REFRESH_MS,
  })
}

/** What was bought. */
export interface TrendPurchase {
  readonly trend: Trend
  readonly result: InferResult
  /** Id in the receipt archive. */
  readonly receiptId: Hex
  /** Unix seconds; open of the newest candle that the model read. */
  readonly asOf: number
}

async function readCloses(symbol: string): Promise<{ closes: number[]; asOf: number }> {
  const response = await fetch(`/api/market/candles/${encodeURIComponent(symbol)}?limit=${TREND_CLOSES}`)
  const candles = response.ok ? ((await response.json()) as { time: number; close: number }[]) : []
  return { closes: candles.map((candle) => candle.close), asOf: candles.at(-1)?.time ?? 0 }
}

/** Buys one analysis: encrypted request, paid by voucher of the session key, receipt verified and kept. */
export function useBuyTrend(symbol: string) {
  const world = useWorld()
  const client = useSpartanClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ channelId, maxFee }: { channelId: Hex; maxFee: bigint }): Promise<TrendPurchase> => {
      const { closes, asOf } = await readCloses(symbol)
      const inputs = [trendInput(closes)]
      noteRequest(world, channelId, { symbol, asOf })
      const result = await (await client()).infer({ channelId, model: TREND_MODEL, inputs, maxFee })
      const signed = { receipt: result.receipt, signature: result.receiptSignature }
      // Kept before the answer is read: what was paid for has its receipt even if the page cannot show it.
      const receiptId = archiveReceipt(world, signed, `Trend of ${symbol}`, Math.floor(Date.now() / 1000))
      return { trend: trendOf(result.outputs), result, receiptId, asOf }
    },
    onSettled: () => queries.invalidateQueries(),
  })
}
