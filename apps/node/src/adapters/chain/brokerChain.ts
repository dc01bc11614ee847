import { ASSET_KINDS, assetRegistryAbi, attestationRegistryAbi, enumNumber, keyReleasesAbi } from '@spartan/abi'
import { type Hex, parseEventLogs } from 'viem'
import type { NodeConfig } from '../../config.ts'
import { ChainError } from '../../errors.ts'
import type { BrokerChain } from '../../services/broker.ts'
import { createChain } from './chain.ts'
import type { ChainClients } from './clients.ts'
import { guardedCall } from './contractCall.ts'

const PAGE = 100n

/** Registry, assets and key releases, as the owner of an asset uses them. */
export function createBrokerChain(clients: ChainClients, contracts: NodeConfig['chain']['contracts']): BrokerChain {
  const { chainId, keyReleases, providerStatus, providerRecord, assetVersion, sealedKey, head } = createChain(
    clients,
    contracts,
  )
  const releases = { address: contracts.keyReleases, abi: keyReleasesAbi } as const
  return {
    chainId,
    keyReleases,
    providerStatus,
    providerRecord,
    assetVersion,
    sealedKey,
    now: async () => (await head()).timestamp,
    providerIds: () => guardedCall('listing providers', () => listProviders(clients, contracts.attestationRegistry)),
    keyEpoch: (assetId) =>
      guardedCall('reading the key epoch', () =>
        clients.public.readContract({ ...releases, functionName: 'keyEpochOf', args: [assetId] }),
      ),
    release: ({ assetId, keyEpoch, providerId, keysetDigest, sealedKey: sealed }) =>
      clients.send('releasing a key', {
        ...releases,
        functionName: 'release',
        args: [assetId, keyEpoch, providerId, keysetDigest, sealed],
      }),
  }
}

async function listProviders(clients: ChainClients, address: Hex): Promise<readonly Hex[]> {
  const registry = { address, abi: attestationRegistryAbi } as const
  const count = await clients.public.readContract({ ...registry, functionName: 'providerCount' })
  const ids: Hex[] = []
  for (let cursor = 0n; cursor < count; cursor += PAGE)
    ids.push(...(await clients.public.readContract({ ...registry, functionName: 'providers', args: [cursor, PAGE] })))
  return ids
}

/** Terms and policy of a first version, as `AssetRegistry.list` takes them. */
export interface Listing {
  readonly name: string
  readonly manifestHash: Hex
  readonly contentRoot: Hex
  readonly manifestUri: string
  readonly token: Hex
  readonly pricePerUnitIn: bigint
  readonly pricePerUnitOut: bigint
  readonly ownerShareBps: number
  readonly acceptedTeeKinds: number
  readonly acceptedWorkloads: readonly Hex[]
}

/** The id that the next listing gets, if nobody lists before. */
export function nextAssetId(clients: ChainClients, assetRegistry: Hex): Promise<bigint> {
  return guardedCall('counting assets', async () => {
    const count = await clients.public.readContract({
      address: assetRegistry,
      abi: assetRegistryAbi,
      functionName: 'assetCount',
    })
    return count + 1n
  })
}

/** Lists a model. Returns the id it got and the transaction. With `dryRun` only simulates. */
export async function listModel(
  clients: ChainClients,
  assetRegistry: Hex,
  listing: Listing,
  dryRun: boolean,
): Promise<{ readonly assetId: bigint; readonly transactionHash: Hex } | undefined> {
  const { token, pricePerUnitIn, pricePerUnitOut, ownerShareBps, name, ...rest } = listing
  const first = {
    ...rest,
    terms: { token, pricePerUnitIn, pricePerUnitOut, ownerShareBps },
    publishedAt: 0n,
    retired: false,
  }
  const write = {
    address: assetRegistry,
    abi: assetRegistryAbi,
    functionName: 'list',
    args: [enumNumber(ASSET_KINDS, 'Model'), name, first],
  } as const
  if (dryRun) {
    await clients.simulate('listing the asset', write)
    return undefined
  }
  const transactionHash = await clients.send('listing the asset', write)
  const { logs } = await guardedCall('reading the listing', () =>
    clients.public.getTransactionReceipt({ hash: transactionHash }),
  )
  const [listed] = parseEventLogs({ abi: assetRegistryAbi, eventName: 'AssetListed', logs })
  if (listed === undefined)
    throw new ChainError('NODE_CHAIN_TRANSACTION_REVERTED', { metaMessages: [`no AssetListed in ${transactionHash}`] })
  return { assetId: listed.args.assetId, transactionHash }
}

/** Withdraws a version that was listed by mistake. */
export function retireVersion(clients: ChainClients, assetRegistry: Hex, assetId: bigint, version: number) {
  const args = [assetId, version]
  return clients.send('retiring the version', {
    address: assetRegistry,
    abi: assetRegistryAbi,
    functionName: 'retireVersion',
    args,
  })
}
