'use client'
import {
  assetRegistryAbi,
  attestationRegistryAbi,
  PROVIDER_STATUSES,
  type ProviderStanding,
  type ReasonCode,
  readProducts,
  reasonFromBytes32,
  standingOf,
  type TeeKind,
} from '@spartan/sdk'
import { useQuery } from '@tanstack/react-query'
import { type Hex, type PublicClient, zeroAddress } from 'viem'
import { usePublicClient } from 'wagmi'
import type { PublicWorld } from '../../config/worldSchema.ts'
import { contractAddress, useWorld } from './WorldContext.tsx'

/** Names for people. */
const TEE_NAMES: Readonly<Record<TeeKind, string>> = {
  None: 'None',
  Tdx: 'Intel TDX',
  Sgx: 'Intel SGX',
  SevSnp: 'AMD SEV-SNP',
  Cca: 'Arm CCA',
  Nitro: 'AWS Nitro',
  NvidiaGpu: 'NVIDIA GPU',
}

/** Status of a registration. */
export type ProviderStatus = (typeof PROVIDER_STATUSES)[number]

const PAGE_SIZE = 100n
const REFRESH_MS = 8_000

/** A provider as the registry has it: the passport. The browser verifies the evidence itself before it pays. */
export interface Provider extends Omit<ProviderStanding, 'product'> {
  readonly providerId: Hex
  readonly status: ProviderStatus
  readonly teeName: string
  readonly teeKind: number
  /** Why it takes no new channels now, whatever the asset. */
  readonly reasonCode: ReasonCode | undefined
  readonly owner: Hex
  readonly operator: Hex
  readonly endpoint: string
  readonly workloadId: Hex
  readonly measurement: Hex
  readonly platformId: Hex
  readonly keysetDigest: Hex
  readonly receiptSigner: Hex
  readonly epoch: bigint
  /** Unix seconds. */
  readonly registeredAt: bigint
}

async function readProvider(client: PublicClient, address: Hex, providerId: Hex): Promise<Provider> {
  const registry = { address, abi: attestationRegistryAbi, args: [providerId] } as const
  const noAsset = { address, abi: attestationRegistryAbi, args: [providerId, 0n, zeroAddress] } as const
  const [record, status, gpus, [, reason]] = await Promise.all([
    client.readContract({ ...registry, functionName: 'recordOf' }),
    client.readContract({ ...registry, functionName: 'statusOf' }),
    client.readContract({ ...registry, functionName: 'gpusOf' }),
    client.readContract({ ...noAsset, functionName: 'canServe' }),
  ])
  const reasonCode = reasonFromBytes32(reason)
  const standing = standingOf(record, gpus, new Map())
  return {
    ...record,
    ...standing,
    providerId,
    status: PROVIDER_STATUSES[status] ?? 'None',
    teeName: TEE_NAMES[standing.tee],
    // The provider is judged before the asset, of which there is none.
    reasonCode: reasonCode === 'ASSET_UNKNOWN' ? undefined : reasonCode,
  }
}

async function readProviders(client: PublicClient, world: PublicWorld): Promise<Provider[]> {
  const address = contractAddress(world, 'attestationRegistry')
  const registry = { address, abi: attestationRegistryAbi } as const
  const count = await client.readContract({ ...registry, functionName: 'providerCount' })
  const ids: Hex[] = []
  for (let cursor = 0n; cursor < count; cursor += PAGE_SIZE) {
    ids.push(...(await client.readContract({ ...registry, functionName: 'providers', args: [cursor, PAGE_SIZE] })))
  }
  return Promise.all(ids.map((id) => readProvider(client, address, id)))
}

/** Every registered provider. */
export function useProviders() {
  const world = useWorld()
  const client = usePublicClient()
  return useQuery({
    queryKey: ['providers', world.chainId],
    queryFn: () => (client ? readProviders(client, world) : []),
    enabled: client !== undefined,
    refetchInterval: REFRESH_MS,
  })
}

const NO_PRODUCTS: ReadonlyMap<Hex, string> = new Map()

/** Products of a provider's platform and GPUs by platform id: from events, so read once per keyset and set of GPUs. */
export function useProducts({ providerId, epoch, teeKind, gpus }: Provider): ReadonlyMap<Hex, string> {
  const world = useWorld()
  const client = usePublicClient()
  const { data } = useQuery({
    queryKey: ['products', world.chainId, providerId, String(epoch), ...gpus.map(({ platformId }) => platformId)],
    queryFn: () => {
      const registry = contractAddress(world, 'attestationRegistry')
      return client ? readProducts(client, registry, providerId, { epoch, teeKind }) : NO_PRODUCTS
    },
    enabled: client !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return data ?? NO_PRODUCTS
}

/** The model that this deployment sells, as the asset registry has it. */
export interface ModelOffer {
  readonly assetId: bigint
  readonly version: number
  readonly name: string
  readonly contentRoot: Hex
  /** Token base units. */
  readonly pricePerUnitIn: bigint
  readonly pricePerUnitOut: bigint
  /** Share of the model's owner, basis points. */
  readonly ownerShareBps: number
  readonly retired: boolean
}

async function readOffer(client: PublicClient, world: PublicWorld, name: string): Promise<ModelOffer | null> {
  const listed = world.assets.find((asset) => asset.name === name) ?? world.assets[0]
  if (!listed) return null
  const registry = { address: contractAddress(world, 'assetRegistry'), abi: assetRegistryAbi } as const
  const assetId = BigInt(listed.assetId)
  const version = await client.readContract({ ...registry, functionName: 'latestVersion', args: [assetId] })
  const details = await client.readContract({ ...registry, functionName: 'versionOf', args: [assetId, version] })
  const { pricePerUnitIn, pricePerUnitOut, ownerShareBps } = details.terms
  return {
    assetId,
    version,
    name: listed.name,
    contentRoot: details.contentRoot,
    retired: details.retired,
    pricePerUnitIn,
    pricePerUnitOut,
    ownerShareBps,
  }
}

/** Offer of the asset with this name; null when the deployment lists none. */
export function useModelOffer(name: string) {
  const world = useWorld()
  const client = usePublicClient()
  return useQuery({
    queryKey: ['offer', world.chainId, name],
    queryFn: () => (client ? readOffer(client, world, name) : null),
    enabled: client !== undefined,
    refetchInterval: 30_000,
  })
}

/** Whether a provider may serve the asset now, by the registry's own word; a reason code when not. */
export function useCanServe(providerId: Hex | undefined, assetId: bigint | undefined) {
  const world = useWorld()
  const client = usePublicClient()
  return useQuery({
    queryKey: ['can-serve', world.chainId, providerId, String(assetId)],
    queryFn: async () => {
      if (!client || !providerId || assetId === undefined) return null
      const [ok, reason] = await client.readContract({
        address: contractAddress(world, 'attestationRegistry'),
        abi: attestationRegistryAbi,
        functionName: 'canServe',
        args: [providerId, assetId, zeroAddress],
      })
      return { ok, reasonCode: ok ? undefined : reasonFromBytes32(reason) }
    },
    enabled: client !== undefined && providerId !== undefined && assetId !== undefined,
    refetchInterval: REFRESH_MS,
  })
}
