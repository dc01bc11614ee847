import {
  assetRegistryAbi,
  attestationRegistryAbi,
  PROVIDER_STATUSES,
  type ProviderStatus,
  reasonFromBytes32,
} from '@spartan/abi'
import type { ReasonCode } from '@spartan/errors'
import type { Address, ContractFunctionReturnType, Hex } from 'viem'
import { zeroAddress } from 'viem'
import type { ClientContext } from './clientContext.ts'
import { read } from './contractCall.ts'

/** Names of `IAssetRegistry.AssetKind`, by value. */
export const ASSET_KINDS = ['model', 'dataset', 'signal-feed'] as const
export type AssetKind = (typeof ASSET_KINDS)[number]

export type ProviderRecord = ContractFunctionReturnType<typeof attestationRegistryAbi, 'view', 'recordOf'>
export type AssetVersion = ContractFunctionReturnType<typeof assetRegistryAbi, 'view', 'versionOf'>

/** A provider as the registry has it. On-chain verification only: verify its evidence before sending anything. */
export interface ProviderListing {
  readonly providerId: Hex
  readonly status: ProviderStatus
  readonly record: ProviderRecord
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
  const providers = await Promise.all(ids.map((id) => listing(context, id, options)))
  const next = cursor + BigInt(ids.length)
  return { providers, nextCursor: ids.length > 0 && next < count ? next : undefined }
}

async function listing(context: ClientContext, providerId: Hex, options: DiscoverOptions): Promise<ProviderListing> {
  const { assetId, user = zeroAddress } = options
  const [provider, serves] = await Promise.all([
    readProvider(context, providerId),
    assetId === undefined ? undefined : canServe(context, providerId, assetId, user),
  ])
  return serves === undefined ? provider : { ...provider, canServe: serves }
}

/** Reads one provider's record and status. */
export async function readProvider(context: ClientContext, providerId: Hex): Promise<ProviderListing> {
  const registry = { address: context.contracts.attestationRegistry, abi: attestationRegistryAbi } as const
  const [record, status] = await Promise.all([
    read(context, { ...registry, functionName: 'recordOf', args: [providerId] }),
    read(context, { ...registry, functionName: 'statusOf', args: [providerId] }),
  ])
  return { providerId, record, status: PROVIDER_STATUSES[status] ?? 'None' }
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
