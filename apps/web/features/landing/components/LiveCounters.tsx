'use client'
import { assetRegistryAbi, channelEscrowAbi } from '@spartan/sdk'
import { useQuery } from '@tanstack/react-query'
import { type PublicClient, parseEventLogs } from 'viem'
import { usePublicClient } from 'wagmi'
import type { PublicWorld } from '../../../config/worldSchema.ts'
import { formatAmount, formatCount } from '../../../shared/format/number.ts'
import { Skeleton } from '../../../shared/ui/Skeleton.tsx'
import { useProviders } from '../../../shared/web3/registry.ts'
import { contractAddress, useWorld } from '../../../shared/web3/WorldContext.tsx'

const REFRESH_MS = 6_000

async function readCounters(client: PublicClient, world: PublicWorld) {
  const escrow = contractAddress(world, 'channelEscrow')
  const [assets, logs, block] = await Promise.all([
    client.readContract({
      address: contractAddress(world, 'assetRegistry'),
      abi: assetRegistryAbi,
      functionName: 'assetCount',
    }),
    client.getContractEvents({ address: escrow, abi: channelEscrowAbi, eventName: 'ChannelSettled', fromBlock: 0n }),
    client.getBlockNumber(),
  ])
  const settled = parseEventLogs({ abi: channelEscrowAbi, eventName: 'ChannelSettled', logs })
  return { assets, block, paid: settled.reduce((sum, { args }) => sum + args.paid, 0n), settlements: settled.length }
}

/** Numbers that come from the chain as they stand now; nothing is counted by us. */
export function LiveCounters() {
  const world = useWorld()
  const client = usePublicClient()
  const providers = useProviders()
  const counters = useQuery({
    queryKey: ['counters', world.chainId],
    queryFn: () => (client ? readCounters(client, world) : undefined),
    enabled: client !== undefined,
    refetchInterval: REFRESH_MS,
  })
  const active = providers.data?.filter((provider) => provider.status === 'Active').length
  const { data } = counters
  return (
    <section aria-label="Live from the chain">
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-4">
        <Counter label="Attested providers" value={active === undefined ? undefined : formatCount(active)} />
        <Counter label="Sealed assets" value={data && formatCount(data.assets)} />
        <Counter label="Settlements" value={data && formatCount(data.settlements)} />
        <Counter label={`Paid, ${world.token.symbol}`} value={data && formatAmount(data.paid, world.token.decimals)} />
      </dl>
      <p className="num mt-2 text-xs text-ink-3" aria-live="off">
        {counters.isError || providers.isError
          ? 'The chain does not answer right now.'
          : data
            ? `Read from chain ${world.chainId} at block ${formatCount(data.block)}.`
            : 'Reading the chain…'}
      </p>
    </section>
  )
}

function Counter({ label, value }: { readonly label: string; readonly value: string | undefined }) {
  return (
    <div className="bg-surface px-4 py-3">
      <dt className="text-xs text-ink-3">{label}</dt>
      <dd className="num mt-0.5 text-2xl font-semibold">{value ?? <Skeleton className="my-1 h-6 w-12" />}</dd>
    </div>
  )
}
