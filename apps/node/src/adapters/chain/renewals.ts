import { attestationRegistryAbi, encodeTdxEvidence, enumNumber, evidenceRouterAbi, TEE_KINDS } from '@spartan/abi'
import type { Address } from 'viem'
import type { Chain, RenewalCall } from '../../services/ports.ts'
import type { ChainClients, ContractWrite } from './clients.ts'
import { guardedCall } from './contractCall.ts'

/** `renew` of the registry, and what a node asks before it sends one. */
export function createRenewals(
  clients: ChainClients,
  address: Address,
): Pick<Chain, 'evidenceHash' | 'attestationTtlSeconds' | 'previewRenewal' | 'renew' | 'hasUnmined'> {
  const registry = { address, abi: attestationRegistryAbi } as const
  return {
    evidenceHash: (providerId, epoch) =>
      guardedCall('reading the evidence hash', () =>
        clients.public.readContract({ ...registry, functionName: 'evidenceHashOf', args: [providerId, epoch] }),
      ),
    attestationTtlSeconds: () => ttlSeconds(clients, address),
    previewRenewal: async (call, notAfter) => {
      await clients.simulate('renewing', renewWrite(address, call))
      const ttl = await ttlSeconds(clients, address)
      return guardedCall('previewing a renewal', async () => {
        const router = await clients.public.readContract({ ...registry, functionName: 'ROUTER' })
        const [[claims, moduleVersion, tier], { timestamp }] = await Promise.all([
          clients.public.readContract({
            address: router,
            abi: evidenceRouterAbi,
            functionName: 'appraise',
            args: [enumNumber(TEE_KINDS, 'Tdx'), encodeTdxEvidence(call.quote).evidence],
          }),
          clients.public.getBlock({ blockTag: 'latest' }),
        ])
        const ends = [Number(timestamp) + ttl, Number(notAfter), Number(claims.earliestExpiry)]
        return { activeUntil: Math.min(...ends), tier, tcbStatus: claims.tcbStatus, moduleVersion }
      })
    },
    renew: (call) => clients.send('renewing', renewWrite(address, call)),
    hasUnmined: () =>
      guardedCall('counting transactions', async () => {
        const count = (blockTag: 'latest' | 'pending') =>
          clients.public.getTransactionCount({ address: clients.account.address, blockTag })
        const [mined, all] = await Promise.all([count('latest'), count('pending')])
        return all > mined
      }),
  }
}

function ttlSeconds(clients: ChainClients, address: Address): Promise<number> {
  return guardedCall('reading the lifetime of a result', async () =>
    Number(await clients.public.readContract({ address, abi: attestationRegistryAbi, functionName: 'TTL_SECONDS' })),
  )
}

function renewWrite(address: Address, { providerId, quote, challengeBlock }: RenewalCall): ContractWrite {
  const args = [providerId, encodeTdxEvidence(quote).evidence, challengeBlock]
  return { address, abi: attestationRegistryAbi, functionName: 'renew', args }
}
