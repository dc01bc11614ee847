import { assetRegistryAbi, enumNumber, TEE_KINDS, type TeeKind } from '@spartan/abi'
import { type Address, type Hex, keccak256, toHex } from 'viem'
import type { Actor } from './actor.ts'

/** What a listing says; an asset whose content nobody fetches needs no digests. */
export interface Listing {
  readonly registry: Address
  readonly token: Address
  readonly workloadId: Hex
  readonly pricePerUnitIn: bigint
  readonly pricePerUnitOut: bigint
  readonly ownerShareBps: number
  /** Default TDX. */
  readonly teeKinds?: readonly TeeKind[]
  readonly manifestHash?: Hex
  readonly contentRoot?: Hex
  readonly manifestUri?: string
}

/** Lists a model, version 1, for TDX providers that run one workload. */
export async function listAsset(owner: Actor, listing: Listing) {
  const { registry, token, workloadId, pricePerUnitIn, pricePerUnitOut, ownerShareBps, teeKinds = ['Tdx'] } = listing
  const contentRoot = listing.contentRoot ?? keccak256(toHex('content'))
  const version = {
    manifestHash: listing.manifestHash ?? keccak256(toHex('manifest')),
    contentRoot,
    manifestUri: listing.manifestUri ?? 'http://127.0.0.1:1/manifest.json',
    terms: { token, pricePerUnitIn, pricePerUnitOut, ownerShareBps },
    acceptedTeeKinds: teeKinds.reduce((bits, kind) => bits | (1 << enumNumber(TEE_KINDS, kind)), 0),
    acceptedWorkloads: [workloadId],
    publishedAt: 0n,
    retired: false,
  }
  await owner.send({ address: registry, abi: assetRegistryAbi, functionName: 'list', args: [0, 'trend', version] })
  const call = { address: registry, abi: assetRegistryAbi, functionName: 'assetCount' } as const
  return { assetId: await owner.client.readContract(call), version: 1, contentRoot }
}
