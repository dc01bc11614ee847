'use client'
import { priceFeedAbi } from '@spartan/sdk'
import { useReadContracts } from 'wagmi'
import { formatPrice } from '../format/number.ts'
import { formatInstant } from '../format/time.ts'
import { Skeleton } from '../ui/Skeleton.tsx'
import { useWorld } from './WorldContext.tsx'

/** Price that contracts see, beside the one of the feed; says so when the deployment has none. */
export function PriceFeedValue({ symbol }: { readonly symbol: string }) {
  const world = useWorld()
  const address = world.priceFeeds[symbol]
  const feed = { address, abi: priceFeedAbi } as const
  const read = useReadContracts({
    contracts: [
      { ...feed, functionName: 'latestRoundData' },
      { ...feed, functionName: 'decimals' },
    ],
    allowFailure: false,
    query: { enabled: address !== undefined, refetchInterval: 5_000 },
  })
  return (
    <dl className="min-w-40 border-l-2 border-line pl-3 text-sm" data-testid="onchain-price">
      <dt className="text-xs text-ink-3">On-chain price feed</dt>
      {address === undefined && <dd className="text-ink-2">None in this deployment</dd>}
      {address !== undefined && read.isPending && <Skeleton className="mt-1 h-5 w-24" />}
      {read.isError && <dd className="text-warn">Not readable right now</dd>}
      {read.data && (
        <>
          <dd className="num text-lg font-medium">{formatPrice(Number(read.data[0][1]) / 10 ** read.data[1])}</dd>
          <dd className="num text-xs text-ink-3">
            round {String(read.data[0][0])} · {formatInstant(read.data[0][3])}
          </dd>
        </>
      )}
    </dl>
  )
}
