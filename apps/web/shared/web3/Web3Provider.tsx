'use client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { WagmiProvider } from 'wagmi'
import type { PublicWorld } from '../../config/worldSchema.ts'
import { ConnectRequestProvider } from './ConnectRequest.tsx'
import { WorldProvider } from './WorldContext.tsx'
import { makeWagmiConfig } from './wagmiConfig.ts'

const STALE_MS = 5_000

/** World, wallet and query cache for everything below. */
export function Web3Provider({ world, children }: { readonly world: PublicWorld; readonly children: ReactNode }) {
  const [config] = useState(() => makeWagmiConfig(world))
  const [queries] = useState(
    () =>
      new QueryClient({ defaultOptions: { queries: { staleTime: STALE_MS, retry: 1, refetchOnWindowFocus: true } } }),
  )
  return (
    <WorldProvider world={world}>
      <WagmiProvider config={config} reconnectOnMount={false}>
        <QueryClientProvider client={queries}>
          <ConnectRequestProvider>{children}</ConnectRequestProvider>
        </QueryClientProvider>
      </WagmiProvider>
    </WorldProvider>
  )
}
