'use client'
import type { ChannelState } from '@spartan/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Hex } from 'viem'
import { archiveReceipt } from '../../shared/web3/receiptArchive.ts'
import { useSpartanClient } from '../../shared/web3/spartanClient.ts'
import { useWallet } from '../../shared/web3/useWallet.ts'
import { useWorld } from '../../shared/web3/WorldContext.tsx'
import type { TrendPurchase } from './hooks.ts'
import { requestNote } from './requestNotes.ts'
import { trendOf } from './trend.ts'

const REFRESH_MS = 6_000
const NONE = 0
const OPEN = 1

/** Something that was begun and not brought to its end: by a reload, a crash, or a closed tab. */
export type Unfinished =
  /** `onChain`: the escrow holds the channel already, only this browser has not seen it. */
  | { readonly kind: 'opening'; readonly state: ChannelState; readonly onChain: boolean }
  | { readonly kind: 'answer'; readonly state: ChannelState; readonly symbol: string | undefined }

/** Openings and paid requests of the connected account that this browser has not finished. */
export function useUnfinished() {
  const world = useWorld()
  const client = useSpartanClient()
  const { address } = useWallet()
  return useQuery({
    queryKey: ['unfinished', world.chainId, address],
    queryFn: async (): Promise<readonly Unfinished[]> => {
      const spartan = await client()
      const own = (await spartan.channels()).filter(({ payer }) => payer.toLowerCase() === address?.toLowerCase())
      const found = await Promise.all(
        own.map(async (state): Promise<Unfinished | undefined> => {
          if (state.pending) {
            return { kind: 'answer', state, symbol: requestNote(world, state.channelId)?.symbol }
          }
          if (state.opened) return undefined
          const { status } = await spartan.channelOnChain(state.channelId)
          // A channel that is closing or closed has nothing left to open.
          return status === NONE || status === OPEN ? { kind: 'opening', state, onChain: status === OPEN } : undefined
        }),
      )
      return found.filter((entry) => entry !== undefined)
    },
    enabled: address !== undefined,
    refetchInterval: REFRESH_MS,
    // Channel states hold bytes and bigints.
    structuralSharing: false,
  })
}

/** An answer that was paid for earlier. `purchase` is missing when nobody noted what it was about. */
export interface RecoveredAnswer {
  readonly receiptId: Hex
  readonly symbol: string | undefined
  readonly purchase: TrendPurchase | undefined
}

/** Repeats the interrupted request with its first voucher: the node answers again and charges once. */
export function useRecoverAnswer() {
  const world = useWorld()
  const client = useSpartanClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (channelId: Hex): Promise<RecoveredAnswer | null> => {
      const result = await (await client()).recoverPending(channelId)
      // Another tab of this browser was faster; the receipt is in the archive.
      if (!result) return null
      const note = requestNote(world, channelId)
      const signed = { receipt: result.receipt, signature: result.receiptSignature }
      const title = note ? `Trend of ${note.symbol}` : 'Recovered answer'
      const receiptId = archiveReceipt(world, signed, title, Math.floor(Date.now() / 1000))
      const purchase = note && { trend: trendOf(result.outputs), result, receiptId, asOf: note.asOf }
      return { receiptId, symbol: note?.symbol, purchase }
    },
    onSettled: () => queries.invalidateQueries(),
  })
}

/** Forgets an opening of which the chain knows nothing. */
export function useDiscardOpening() {
  const client = useSpartanClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (channelId: Hex) => (await client()).forgetChannel(channelId),
    onSettled: () => queries.invalidateQueries(),
  })
}
