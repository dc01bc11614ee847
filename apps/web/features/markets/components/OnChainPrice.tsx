'use client'
import dynamic from 'next/dynamic'
import { Skeleton } from '../../../shared/ui/Skeleton.tsx'

/** The price that contracts see. Loaded after the page: it needs the chain client, which the prices do not. */
export const OnChainPrice = dynamic(
  async () => (await import('../../../shared/web3/PriceFeedValue.tsx')).PriceFeedValue,
  { ssr: false, loading: () => <Skeleton className="h-15 w-40" /> },
)
