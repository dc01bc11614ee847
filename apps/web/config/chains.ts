import { type Chain, defineChain } from 'viem'
import type { PublicWorld } from './worldSchema.ts'

const DEV_CHAIN_IDS = new Set([31337, 1337])

/** The one chain of this deployment, as viem and wallets want it described. */
export function chainOf(world: Pick<PublicWorld, 'chainId' | 'rpcUrl'>): Chain {
  return defineChain({
    id: world.chainId,
    name: DEV_CHAIN_IDS.has(world.chainId) ? 'Spartan local world' : `Chain ${world.chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [world.rpcUrl] } },
    testnet: DEV_CHAIN_IDS.has(world.chainId),
  })
}
