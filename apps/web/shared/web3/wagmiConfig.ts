import { type Config, createConfig, createStorage, http, injected } from 'wagmi'
import { chainOf } from '../../config/chains.ts'
import type { PublicWorld } from '../../config/worldSchema.ts'

/**
 * wagmi for this deployment's one chain. Wallets come from EIP-6963 announcements; `injected` stays for old wallets that
 * only set `window.ethereum`.
 */
export function makeWagmiConfig(world: PublicWorld): Config {
  const chain = chainOf(world)
  return createConfig({
    chains: [chain],
    connectors: [injected()],
    multiInjectedProviderDiscovery: true,
    transports: { [chain.id]: http(world.rpcUrl, { batch: true }) },
    storage: createStorage({
      key: 'spartan',
      storage: typeof window === 'undefined' ? noStorage : window.localStorage,
    }),
    pollingInterval: 2_000,
    ssr: true,
  })
}

const noStorage = { getItem: () => null, setItem: () => {}, removeItem: () => {} }
