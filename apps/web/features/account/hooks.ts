'use client'
import { channelEscrowAbi } from '@spartan/sdk'
import { useQuery } from '@tanstack/react-query'
import { type Address, type Hex, type PublicClient, parseEventLogs } from 'viem'
import { usePublicClient } from 'wagmi'
import type { PublicWorld } from '../../config/worldSchema.ts'
import type { TxStep } from '../../shared/tx/useTxFlow.ts'
import { useWallet } from '../../shared/web3/useWallet.ts'
import { contractAddress, useWorld } from '../../shared/web3/WorldContext.tsx'

const REFRESH_MS = 5_000
const STATUSES = ['none', 'open', 'closing', 'closed'] as const

/** A payment channel of the connected account. Amounts in token base units, instants in Unix seconds. */
export interface ChannelRow {
  readonly channelId: Hex
  readonly status: (typeof STATUSES)[number]
  readonly providerId: Hex
  readonly deposit: bigint
  readonly settled: bigint
  readonly expiresAt: bigint
  /** When the refund can be taken; null while nobody asked to close. */
  readonly refundableAt: bigint | null
}

/** What closing a channel gives back at most: vouchers already signed may still be settled first. */
export function refundable(channel: ChannelRow): bigint {
  return channel.status === 'open' || channel.status === 'closing' ? channel.deposit - channel.settled : 0n
}

async function readChannels(client: PublicClient, world: PublicWorld, payer: Address): Promise<ChannelRow[]> {
  const address = contractAddress(world, 'channelEscrow')
  const logs = await client.getContractEvents({
    address,
    abi: channelEscrowAbi,
    eventName: 'ChannelOpened',
    args: { payer },
    fromBlock: 0n,
  })
  const opened = parseEventLogs({ abi: channelEscrowAbi, eventName: 'ChannelOpened', logs })
  const rows = await Promise.all(
    opened.map(async ({ args: { channelId } }): Promise<ChannelRow> => {
      const channel = await client.readContract({
        address,
        abi: channelEscrowAbi,
        functionName: 'channelOf',
        args: [channelId],
      })
      const asked = channel.closeRequestedAt
      return {
        channelId,
        status: STATUSES[channel.status] ?? 'none',
        providerId: channel.providerId,
        deposit: channel.deposit,
        settled: channel.settled,
        expiresAt: channel.expiresAt,
        refundableAt: asked === 0n ? null : asked + BigInt(channel.closeDelaySeconds),
      }
    }),
  )
  return rows.reverse()
}

/** Channels that the connected account opened, newest first. */
export function useChannels() {
  const world = useWorld()
  const client = usePublicClient()
  const { address } = useWallet()
  return useQuery({
    queryKey: ['channels', world.chainId, address],
    queryFn: () => (client && address ? readChannels(client, world, address) : []),
    enabled: client !== undefined && address !== undefined,
    refetchInterval: REFRESH_MS,
  })
}

/** Chain time, Unix seconds: deadlines of contracts run on it, not on the reader's clock. */
export function useChainTime() {
  const client = usePublicClient()
  const query = useQuery({
    queryKey: ['chain-time'],
    queryFn: async () => (client ? (await client.getBlock()).timestamp : 0n),
    enabled: client !== undefined,
    refetchInterval: REFRESH_MS,
  })
  return query.data
}

/** Step that closes a channel, or takes the refund once the delay is over. */
export function closeStep(world: PublicWorld, channel: ChannelRow): TxStep {
  const call = { address: contractAddress(world, 'channelEscrow'), abi: channelEscrowAbi, args: [channel.channelId] }
  return channel.status === 'open'
    ? { label: 'Ask to close the channel', call: { ...call, functionName: 'requestClose' } }
    : { label: 'Take the refund', call: { ...call, functionName: 'finalizeClose' } }
}
