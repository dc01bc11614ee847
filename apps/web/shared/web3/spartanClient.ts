'use client'
import type { ProviderVerification, SpartanClient, SpartanClientOptions } from '@spartan/sdk'
import { useQuery } from '@tanstack/react-query'
import { type Hex, hexToBytes, type PublicClient } from 'viem'
import { useConfig, usePublicClient } from 'wagmi'
import type { PublicWorld } from '../../config/worldSchema.ts'
import { WebError } from '../errors/WebError.ts'
import { contractAddress, useWorld } from './WorldContext.tsx'

/** Options of the SDK for this deployment: it trusts the vendors, and the simulation root where the world is simulated. */
function clientOptions(
  world: PublicWorld,
  publicClient: PublicClient,
  vendorAnchors: NonNullable<SpartanClientOptions['trustAnchors']>,
): Omit<SpartanClientOptions, 'wallet'> {
  const simulation = world.simulationRootKey
    ? [{ publicKey: hexToBytes(world.simulationRootKey), simulated: true as const }]
    : []
  return {
    chainId: world.chainId,
    contracts: {
      attestationRegistry: contractAddress(world, 'attestationRegistry'),
      referenceValues: contractAddress(world, 'referenceValues'),
      assetRegistry: contractAddress(world, 'assetRegistry'),
      ledger: contractAddress(world, 'ledger'),
      channelEscrow: contractAddress(world, 'channelEscrow'),
    },
    publicClient,
    trustAnchors: [...vendorAnchors, ...simulation],
    dangerouslyAllowSimulated: world.simulated,
  }
}

/**
 * Makes the SDK's client. The verifier is loaded only when it is needed: it is the largest part of the dApp.
 *
 * @param wallet - For openings; reading, verifying and paying by session key need none.
 */
export async function makeSpartanClient(
  world: PublicWorld,
  publicClient: PublicClient | undefined,
  wallet?: SpartanClientOptions['wallet'],
): Promise<SpartanClient> {
  if (!publicClient) throw new WebError('WEB_CHAIN_UNREACHABLE')
  const { createSpartanClient, createWebStorage, VENDOR_TRUST_ANCHORS } = await import('@spartan/sdk')
  return createSpartanClient({
    ...clientOptions(world, publicClient, VENDOR_TRUST_ANCHORS),
    storage: createWebStorage(localStorage),
    ...(wallet ? { wallet } : {}),
  })
}

/** One client per world and page: it remembers which providers it has verified. */
const clients = new WeakMap<object, Promise<SpartanClient>>()

/** Gives the page's client without wallet. */
export function useSpartanClient(): () => Promise<SpartanClient> {
  const world = useWorld()
  const config = useConfig()
  const publicClient = usePublicClient()
  return () => {
    const known = clients.get(config)
    if (known) return known
    const made = makeSpartanClient(world, publicClient)
    clients.set(config, made)
    return made
  }
}

/**
 * Verifies a provider's evidence in this browser: fresh challenge, background check (RFC 9334), comparison with the registry.
 * Asked for by `enabled`; asked again by `refetch`.
 */
export function useProviderVerification(providerId: Hex | undefined, enabled: boolean) {
  const world = useWorld()
  const client = useSpartanClient()
  return useQuery<ProviderVerification | null>({
    queryKey: ['verification', world.chainId, providerId],
    queryFn: async () => (providerId ? (await client()).verifyProvider(providerId) : null),
    enabled: enabled && providerId !== undefined,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    retry: false,
    // Bytes and bigints inside: comparing them field by field would cost more than painting again.
    structuralSharing: false,
  })
}
