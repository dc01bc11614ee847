import { BaseError } from '@spartan/errors'
import {
  type AssetFile,
  type HpkeKeyPair,
  MAX_MANIFEST_BYTES,
  type Manifest,
  openRecords,
  openSealedContentKey,
  parseManifest,
} from '@spartan/protocol'
import type { Hex } from 'viem'
import { AssetError } from '../errors.ts'
import type { AssetVersion, Chain } from './ports.ts'

/** Reads one file of a sealed asset, at most `maxBytes`. Failures: `NODE_ASSET_FETCH_FAILED`, `NODE_ASSET_TOO_LARGE`. */
export type FetchBytes = (uri: string, maxBytes: number) => Promise<Uint8Array>

/** AES-GCM tag behind each record. */
const TAG_BYTES = 16
const PARALLEL_RECORDS = 8

export interface SealedAsset {
  readonly version: AssetVersion
  readonly manifest: Manifest
  readonly records: readonly Uint8Array[]
}

/** Basis points of a whole payment. */
const ALL_BPS = 10_000

/**
 * Refuses an asset of which the provider earns nothing because owner and protocol take the whole payment.
 *
 * Does not prove: that the price covers the provider's costs.
 *
 * @throws {AssetError} `NODE_ASSET_UNPAID`.
 */
export async function assertProviderPaid(chain: Chain, { ownerShareBps }: AssetVersion): Promise<void> {
  const protocolShareBps = await chain.protocolShareBps()
  if (ownerShareBps + protocolShareBps < ALL_BPS) return
  throw new AssetError('NODE_ASSET_UNPAID', {
    metaMessages: [`owner ${ownerShareBps} and protocol ${protocolShareBps} of ${ALL_BPS} basis points`],
  })
}

/**
 * `<base>/manifest.json` of a manifest URI that may name the folder or the file.
 *
 * @throws {AssetError} `NODE_ASSET_FETCH_FAILED` for a query or fragment, which would swallow the rest of the path.
 */
export function manifestUriOf(uri: string): { readonly manifest: string; readonly record: (index: number) => string } {
  if (/[?#]/.test(uri))
    throw new AssetError('NODE_ASSET_FETCH_FAILED', { metaMessages: [uri, 'neither query nor fragment is allowed'] })
  const manifest = uri.endsWith('/manifest.json') ? uri : `${uri.replace(/\/+$/, '')}/manifest.json`
  const base = manifest.slice(0, -'manifest.json'.length)
  return { manifest, record: (index) => `${base}records/${index}.bin` }
}

/**
 * Fetches manifest and records of an asset that pays the provider (`NODE_ASSET_UNPAID`). The manifest is checked against the hash on-chain before its numbers are believed.
 *
 * Does not prove: that the records are the published ones; {@link openSealedAsset} checks them against the root.
 */
export async function fetchSealedAsset(
  chain: Chain,
  fetchBytes: FetchBytes,
  asset: { readonly id: bigint; readonly version: number },
  maxBytes: number,
): Promise<SealedAsset> {
  const version = await chain.assetVersion(asset.id, asset.version)
  await assertProviderPaid(chain, version)
  const uris = manifestUriOf(version.manifestUri)
  const manifest = await orMismatch(async () =>
    parseManifest(await fetchBytes(uris.manifest, MAX_MANIFEST_BYTES), version.manifestHash),
  )
  const total = manifest.files.reduce((sum, file) => sum + file.size, 0) + manifest.recordCount * TAG_BYTES
  if (total > maxBytes)
    throw new AssetError('NODE_ASSET_TOO_LARGE', { metaMessages: [`${total} bytes, at most ${maxBytes}`] })
  const records: Uint8Array[] = []
  for (let first = 0; first < manifest.recordCount; first += PARALLEL_RECORDS) {
    const count = Math.min(PARALLEL_RECORDS, manifest.recordCount - first)
    const batch = Array.from({ length: count }, (_, i) =>
      fetchBytes(uris.record(first + i), manifest.recordSize + TAG_BYTES),
    )
    records.push(...(await Promise.all(batch)))
  }
  return { version, manifest, records }
}

/** The content key released to a keyset; undefined while nothing was released. */
export async function releasedContentKey(
  chain: Chain,
  assetId: bigint,
  manifest: Manifest,
  digest: Hex,
  keyPair: HpkeKeyPair,
): Promise<Uint8Array | undefined> {
  const sealedKey = await chain.sealedKey(assetId, manifest.keyEpoch, digest)
  if (sealedKey === undefined) return undefined
  const context = {
    chainId: chain.chainId,
    keyReleases: chain.keyReleases,
    assetId,
    keyEpoch: manifest.keyEpoch,
    keysetDigest: digest,
  }
  return await openSealedContentKey({ sealedKey, keyPair, context })
}

/** Checks all records against the root on-chain and decrypts them in memory. Failure: `NODE_ASSET_MISMATCH`. */
export function openSealedAsset(
  sealed: SealedAsset,
  asset: { readonly id: bigint; readonly version: number },
  contentKey: Uint8Array,
): Promise<readonly AssetFile[]> {
  return orMismatch(() =>
    openRecords({
      manifest: sealed.manifest,
      expectedRoot: sealed.version.contentRoot,
      asset: { assetId: asset.id, version: asset.version },
      contentKey,
      records: sealed.records,
    }),
  )
}

async function orMismatch<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof BaseError) || cause instanceof AssetError) throw cause
    throw new AssetError('NODE_ASSET_MISMATCH', { metaMessages: [cause.code, ...cause.metaMessages], cause })
  }
}
