import {
  assetRegistryAbi,
  attestationRegistryAbi,
  PROVIDER_STATUSES,
  type ProviderStatus,
  reasonFromBytes32,
  type TrustTierName,
} from '@spartan/abi'
import type { ReasonCode } from '@spartan/errors'
import type { Address, ContractFunctionReturnType, Hex } from 'viem'
import { zeroAddress } from 'viem'
import type { ClientContext } from './clientContext.ts'
import { read } from './contractCall.ts'
import {
  meetsTier,
  type Products,
  type ProviderRecord,
  type ProviderStanding,
  readProducts,
  standingOf,
} from './standing.ts'

/** Names of `IAssetRegistry.AssetKind`, by value. */
export const ASSET_KINDS = ['model', 'dataset', 'signal-feed'] as const
export type AssetKind = (typeof ASSET_KINDS)[number]

export type AssetVersion = ContractFunctionReturnType<typeof assetRegistryAbi, 'view', 'versionOf'>

/** A provider as the registry has it. On-chain verification only: verify its evidence before sending anything. */
export interface ProviderListing extends ProviderStanding {
  readonly providerId: Hex
  readonly status: ProviderStatus
  readonly record: ProviderRecord
  /** Why the registry lets it take no new channels now, whatever the asset; undefined when it may. */
  readonly reasonCode: ReasonCode | undefined
  /** Present when `assetId` was asked for. */
  readonly canServe?: CanServe
}

export type CanServe = { readonly ok: true } | { readonly ok: false; readonly reasonCode: ReasonCode | undefined }

/** One page of providers; `nextCursor` is undefined on the last. */
export interface ProviderPage {
  readonly providers: readonly ProviderListing[]
  readonly nextCursor: bigint | undefined
}

export interface DiscoverOptions {
  /** Adds `canServe` for this asset. */
  readonly assetId?: bigint
  /** The user for whom `canServe` is asked; the zero address unless given. */
  readonly user?: Address
  /** Only providers whose platform is of this tier or a higher one. A page may then hold fewer, and `nextCursor` still goes on. */
  readonly minTier?: TrustTierName
  readonly cursor?: bigint
  /** 1 to 100; 50 unless given. */
  readonly limit?: number
}

/** Reads one page of providers from the registry. Failures: `SDK_CHAIN_UNREACHABLE`, `REGISTRY_REASON_UNKNOWN`. */
export async function discover(context: ClientContext, options: DiscoverOptions = {}): Promise<ProviderPage> {
  const registry = { address: context.contracts.attestationRegistry, abi: attestationRegistryAbi } as const
  const cursor = options.cursor ?? 0n
  const limit = BigInt(Math.min(Math.max(options.limit ?? 50, 1), 100))
  const [count, ids] = await Promise.all([
    read(context, { ...registry, functionName: 'providerCount', args: [] }),
    read(context, { ...registry, functionName: 'providers', args: [cursor, limit] }),
  ])
  const found = await Promise.all(ids.map((id) => listing(context, id, options)))
  const { minTier = 'None' } = options
  const providers = found.filter(({ tier }) => meetsTier(tier, minTier))
  const next = cursor + BigInt(ids.length)
  return { providers, nextCursor: ids.length > 0 && next < count ? next : undefined }
}

async function listing(context: ClientContext, providerId: Hex, options: DiscoverOptions): Promise<ProviderListing> {
  const { assetId, user = zeroAddress } = options
  const [provider, serves] = await Promise.all([
    describeProvider(context, providerId),
    assetId === undefined ? undefined : canServe(context, providerId, assetId, user),
  ])
  return serves === undefined ? provider : { ...provider, canServe: serves }
}

const NO_PRODUCTS: Products = new Map()
/** No asset has it: the registry then judges the provider alone. */
const NO_ASSET = 0n

/** Reads one provider's record, status and GPUs. Products are left out. */
export async function readProvider(context: ClientContext, providerId: Hex): Promise<ProviderListing> {
  const registry = { address: context.contracts.attestationRegistry, abi: attestationRegistryAbi } as const
  const [record, status, gpus, anyAsset] = await Promise.all([
    read(context, { ...registry, functionName: 'recordOf', args: [providerId] }),
    read(context, { ...registry, functionName: 'statusOf', args: [providerId] }),
    read(context, { ...registry, functionName: 'gpusOf', args: [providerId] }),
    canServe(context, providerId, NO_ASSET, zeroAddress),
  ])
  // The status is judged before the asset, and only then is it missed.
  const reasonCode = anyAsset.ok || anyAsset.reasonCode === 'ASSET_UNKNOWN' ? undefined : anyAsset.reasonCode
  const standing = standingOf(record, gpus, NO_PRODUCTS)
  return { ...standing, providerId, record, status: PROVIDER_STATUSES[status] ?? 'None', reasonCode }
}

/** The same with the products of platform and GPUs, which stand in events alone. */
export async function describeProvider(context: ClientContext, providerId: Hex): Promise<ProviderListing> {
  const listed = await readProvider(context, providerId)
  if (listed.status === 'None') return listed
  const { attestationRegistry } = context.contracts
  const products = await readProducts(context.publicClient, attestationRegistry, providerId, listed.record)
  const gpus = listed.gpus.map((gpu) => ({ ...gpu, product: products.get(gpu.platformId) }))
  return { ...listed, gpus, product: products.get(listed.record.platformId) }
}

/** Asks the registry whether a provider may serve an asset to a user now. */
export async function canServe(
  context: ClientContext,
  providerId: Hex,
  assetId: bigint,
  user: Address,
): Promise<CanServe> {
  const [ok, reason] = await read(context, {
    address: context.contracts.attestationRegistry,
    abi: attestationRegistryAbi,
    functionName: 'canServe',
    args: [providerId, assetId, user],
  })
  return ok ? { ok } : { ok, reasonCode: reasonFromBytes32(reason) }
}

/** An asset with one of its versions. */
export interface AssetListing {
  readonly assetId: bigint
  readonly name: string
  readonly kind: AssetKind
  readonly version: number
  readonly details: AssetVersion
}

/** Reads assets `from` to `from + limit - 1` (ids start at 1). Failures: `SDK_CHAIN_UNREACHABLE`. */
export async function listAssets(context: ClientContext, from = 1n, limit = 50): Promise<readonly AssetListing[]> {
  const registry = { address: context.contracts.assetRegistry, abi: assetRegistryAbi } as const
  const count = await read(context, { ...registry, functionName: 'assetCount', args: [] })
  const ids: bigint[] = []
  for (let id = from; id <= count && ids.length < limit; id++) ids.push(id)
  return Promise.all(ids.map((id) => readAsset(context, id)))
}

/** Reads one asset with one version, the newest unless given. Failures: `ASSET_UNKNOWN`, `ASSET_VERSION_UNKNOWN`, `SDK_CHAIN_UNREACHABLE`. */
export async function readAsset(context: ClientContext, assetId: bigint, chosen?: number): Promise<AssetListing> {
  const registry = { address: context.contracts.assetRegistry, abi: assetRegistryAbi } as const
  const [name, kind, version] = await Promise.all([
    read(context, { ...registry, functionName: 'nameOf', args: [assetId] }),
    read(context, { ...registry, functionName: 'kindOf', args: [assetId] }),
    chosen ?? read(context, { ...registry, functionName: 'latestVersion', args: [assetId] }),
  ])
  const details = await read(context, { ...registry, functionName: 'versionOf', args: [assetId, version] })
  return { assetId, name, kind: ASSET_KINDS[kind] ?? 'model', version, details }
}
