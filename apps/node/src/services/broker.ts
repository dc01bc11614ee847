import type { ProviderStatus } from '@spartan/abi'
import type { TrustAnchor } from '@spartan/attestation'
import { sealContentKey } from '@spartan/protocol'
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { failureFields, type Log } from '../telemetry/log.ts'
import type { AssetVersion, ProviderRecord } from './ports.ts'
import { freshChallenge, type Get, verifiedHpkeKey } from './providerEvidence.ts'

/** The contracts as the key broker uses them. */
export interface BrokerChain {
  readonly chainId: bigint
  readonly keyReleases: Hex
  providerIds(): Promise<readonly Hex[]>
  providerStatus(providerId: Hex): Promise<ProviderStatus>
  providerRecord(providerId: Hex): Promise<ProviderRecord>
  assetVersion(assetId: bigint, version: number): Promise<AssetVersion>
  keyEpoch(assetId: bigint): Promise<number>
  sealedKey(assetId: bigint, keyEpoch: number, keysetDigest: Hex): Promise<Uint8Array | undefined>
  release(call: {
    readonly assetId: bigint
    readonly keyEpoch: number
    readonly providerId: Hex
    readonly keysetDigest: Hex
    readonly sealedKey: Hex
  }): Promise<Hex>
  /** Unix seconds of the newest block. */
  now(): Promise<number>
}

/** What the owner keeps about one sealed version. The content key never leaves the owner in clear. */
export interface OwnedAsset {
  readonly assetId: string
  readonly version: number
  readonly keyEpoch: number
  readonly contentKey: Hex
}

export interface BrokerOptions {
  readonly chain: BrokerChain
  readonly asset: OwnedAsset
  readonly trustAnchor: TrustAnchor
  readonly get: Get
  readonly log: Log
  /** True: verify, release nothing. */
  readonly dryRun: boolean
}

/** What one round did with one provider. */
export interface BrokerDecision {
  readonly providerId: Hex
  readonly outcome: 'released' | 'would release' | 'already released' | 'not accepted' | 'refused'
  readonly detail: string
}

/**
 * One round of the key broker: every registered provider that the asset's policy accepts and that has no key yet is
 * verified by ourselves, and only then gets the content key, sealed to its keyset.
 *
 * A provider that fails is refused and does not keep the others from being served.
 */
export async function brokerRound(options: BrokerOptions): Promise<readonly BrokerDecision[]> {
  const { chain, asset, log } = options
  const assetId = BigInt(asset.assetId)
  const version = await chain.assetVersion(assetId, asset.version)
  const decisions: BrokerDecision[] = []
  for (const providerId of await chain.providerIds()) {
    try {
      decisions.push(await decide(options, version, providerId))
    } catch (error) {
      const { code, detail } = failureFields(error)
      log.warn('provider refused', { providerId, code, detail })
      decisions.push({ providerId, outcome: 'refused', detail: [code, detail].filter(Boolean).join(': ') })
    }
  }
  return decisions
}

async function decide(options: BrokerOptions, version: AssetVersion, providerId: Hex): Promise<BrokerDecision> {
  const { chain, asset } = options
  const assetId = BigInt(asset.assetId)
  const status = await chain.providerStatus(providerId)
  if (status !== 'Active') return { providerId, outcome: 'not accepted', detail: `status ${status}` }
  const record = await chain.providerRecord(providerId)
  const workloadAccepted = version.acceptedWorkloads.includes(record.workloadId)
  if (!workloadAccepted || (version.acceptedTeeKinds & (1 << record.teeKind)) === 0)
    return { providerId, outcome: 'not accepted', detail: 'workload or TEE kind is not accepted by the asset' }
  const { keysetDigest } = record
  if ((await chain.sealedKey(assetId, asset.keyEpoch, keysetDigest)) !== undefined)
    return { providerId, outcome: 'already released', detail: `keyset ${keysetDigest}` }
  const { get, trustAnchor } = options
  const publicKey = await verifiedHpkeKey({
    get,
    record,
    trustAnchor,
    challenge: freshChallenge(),
    at: await chain.now(),
  })
  if (options.dryRun) return { providerId, outcome: 'would release', detail: `keyset ${keysetDigest}` }
  const sealedKey = await sealContentKey({
    contentKey: hexToBytes(asset.contentKey),
    publicKey,
    context: {
      chainId: chain.chainId,
      keyReleases: chain.keyReleases,
      assetId,
      keyEpoch: asset.keyEpoch,
      keysetDigest,
    },
  })
  const call = { assetId, keyEpoch: asset.keyEpoch, providerId, keysetDigest, sealedKey: bytesToHex(sealedKey) }
  const transactionHash = await chain.release(call)
  options.log.info('key released', { providerId, keysetDigest, transactionHash, assetId })
  return { providerId, outcome: 'released', detail: transactionHash }
}
