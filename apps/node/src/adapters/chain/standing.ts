import { attestationRegistryAbi, productNames, reasonFromBytes32 } from '@spartan/abi'
import type { Address } from 'viem'
import type { Chain } from '../../services/ports.ts'
import type { ChainClients } from './clients.ts'
import { guardedCall } from './contractCall.ts'

/** What the registry says of a provider beside its record. */
export function createStandingReads(
  clients: ChainClients,
  address: Address,
): Pick<Chain, 'gpus' | 'objectionTo' | 'products'> {
  const registry = { address, abi: attestationRegistryAbi } as const
  return {
    gpus: (providerId) =>
      guardedCall('reading the GPUs', () =>
        clients.public.readContract({ ...registry, functionName: 'gpusOf', args: [providerId] }),
      ),
    objectionTo: (providerId, assetId, version) =>
      guardedCall('asking whether the provider may serve', async () => {
        const args = [providerId, assetId, version] as const
        const [ok, reason] = await clients.public.readContract({ ...registry, functionName: 'canServeVersion', args })
        return ok ? undefined : reasonFromBytes32(reason)
      }),
    products: async (providerId, { epoch, teeKind }) => {
      const search = { ...registry, args: { providerId, epoch }, fromBlock: 0n } as const
      try {
        const [registered, bound] = await Promise.all([
          clients.public.getContractEvents({ ...search, eventName: 'ProviderRegistered', strict: true }),
          clients.public.getContractEvents({ ...search, eventName: 'GpuBound', strict: true }),
        ])
        return productNames(teeKind, registered, bound)
      } catch {
        // Words for people: an endpoint that does not search far back takes nothing else away.
        return new Map()
      }
    },
  }
}
