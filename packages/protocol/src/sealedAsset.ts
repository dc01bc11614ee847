import { bytesToHex, type Hex } from 'viem'
import { type Bytes, concatBytes, copyBytes, uintBytes, utf8 } from './bytes.ts'
import { ProtocolError } from './errors.ts'
import {
  MANIFEST_FORMAT,
  MAX_RECORD_BYTES,
  type Manifest,
  type ManifestModel,
  MIN_RECORD_BYTES,
  manifestHash,
  type Provenance,
  recordsOf,
} from './manifest.ts'
import { merkleRoot, recordLeaf } from './merkle.ts'

const CONTENT_KEY_BYTES = 32
const TAG_BYTES = 16
const RECORD_DOMAIN = utf8('spartan/asset/v1')

/** Which asset version the records belong to; part of every record's additional data. */
export interface AssetRef {
  readonly assetId: bigint
  readonly version: number
}

export interface SealOptions extends AssetRef {
  readonly name: string
  readonly kind: Manifest['kind']
  readonly licence: string
  readonly keyEpoch: number
  /** Plaintext bytes per record, 64 KiB to 2 MiB. */
  readonly recordSize?: number
  readonly inputs?: readonly Provenance[]
  readonly model?: ManifestModel
}

export interface SealedAsset {
  readonly manifest: Manifest
  readonly manifestHash: Hex
  readonly contentRoot: Hex
  /** Ciphertexts by record index; store them as `<base>/records/<index>.bin`. */
  readonly records: readonly Bytes[]
  /** 32 bytes, fresh. Belongs to this asset, version and key epoch alone. */
  readonly contentKey: Bytes
}

/** One file before sealing, or after opening. */
export interface AssetFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * Encrypts files into records under a fresh content key and describes them in a manifest.
 *
 * The key is always fresh: record numbers are the IVs, so one key must never seal two sets of records. A new version
 * therefore needs a new key epoch.
 *
 * @throws {ProtocolError} `SEALED_INPUT_INVALID`, `SEALED_MANIFEST_MALFORMED`.
 */
export async function sealAsset(files: readonly AssetFile[], options: SealOptions): Promise<SealedAsset> {
  const recordSize = options.recordSize ?? MIN_RECORD_BYTES
  assertSealable(files, recordSize)
  const contentKey = crypto.getRandomValues(new Uint8Array(CONTENT_KEY_BYTES))
  const key = await importContentKey(contentKey)
  const plain = files.flatMap(({ bytes }) => splitRecords(bytes, recordSize))
  const place = { ...options, recordCount: plain.length }
  const records: Bytes[] = []
  for (const [index, record] of plain.entries()) {
    const sealed = await crypto.subtle.encrypt(recordParameters(place, index), key, record)
    records.push(new Uint8Array(sealed))
  }
  const contentRoot = bytesToHex(await contentRootOf(records))
  const manifest: Manifest = {
    format: MANIFEST_FORMAT,
    name: options.name,
    kind: options.kind,
    licence: options.licence,
    files: await Promise.all(files.map((file) => describeFile(file, recordSize))),
    recordSize,
    recordCount: records.length,
    contentRoot,
    keyEpoch: options.keyEpoch,
    inputs: [...(options.inputs ?? [])],
    ...(options.model === undefined ? {} : { model: options.model }),
  }
  return { manifest, manifestHash: manifestHash(manifest), contentRoot, records, contentKey }
}

/** Merkle root over sealed records, in order of their index. */
export async function contentRootOf(records: readonly Uint8Array[]): Promise<Bytes> {
  return merkleRoot(await Promise.all(records.map((record, index) => recordLeaf(index, record))))
}

/**
 * Verifies every sealed record against the content root, and only then decrypts them into files.
 *
 * Proves: the records are those of the manifest, and the files have the hashes the owner stated.
 * Does not prove: that the manifest is the one on-chain; `parseManifest` does. `expectedRoot` comes from the chain.
 *
 * @throws {ProtocolError} `SEALED_RECORD_MISSING`, `SEALED_CONTENT_ROOT_MISMATCH`, `SEALED_KEY_MALFORMED`,
 *   `SEALED_RECORD_OPEN_FAILED`, `SEALED_FILE_HASH_MISMATCH`.
 */
export async function openRecords(options: {
  readonly manifest: Manifest
  readonly expectedRoot: Hex
  readonly asset: AssetRef
  readonly contentKey: Uint8Array
  readonly records: readonly Uint8Array[]
}): Promise<readonly AssetFile[]> {
  const { manifest, records } = options
  await assertRecords(manifest, options.expectedRoot, records)
  const key = await importContentKey(options.contentKey)
  const files: AssetFile[] = []
  let index = 0
  for (const file of manifest.files) {
    const parts: Bytes[] = []
    for (const end = index + file.records; index < end; index++) {
      parts.push(await openVerifiedRecord(key, { ...options.asset, recordCount: manifest.recordCount }, index, records))
    }
    const bytes = concatBytes(...parts)
    if ((await sha256Hex(bytes)) !== file.sha256) {
      throw new ProtocolError('SEALED_FILE_HASH_MISMATCH', { metaMessages: [`file ${file.path}`] })
    }
    files.push({ path: file.path, bytes })
  }
  return files
}

async function assertRecords(manifest: Manifest, expectedRoot: Hex, records: readonly Uint8Array[]): Promise<void> {
  const lengths = manifest.files.flatMap((file) => recordLengths(file.size, manifest.recordSize))
  if (records.length !== lengths.length) {
    throw new ProtocolError('SEALED_RECORD_MISSING', {
      metaMessages: [`expected ${lengths.length} records, got ${records.length}`],
    })
  }
  for (const [index, length] of lengths.entries()) {
    if (records[index]?.length !== length + TAG_BYTES) {
      throw new ProtocolError('SEALED_RECORD_MISSING', { metaMessages: [`record ${index}`] })
    }
  }
  const root = bytesToHex(await contentRootOf(records))
  if (root !== expectedRoot.toLowerCase() || root !== manifest.contentRoot) {
    throw new ProtocolError('SEALED_CONTENT_ROOT_MISMATCH', { metaMessages: [`expected ${expectedRoot}, got ${root}`] })
  }
}

interface RecordPlace extends AssetRef {
  readonly recordCount: number
}

async function openVerifiedRecord(key: CryptoKey, place: RecordPlace, index: number, records: readonly Uint8Array[]) {
  try {
    const plain = await crypto.subtle.decrypt(
      recordParameters(place, index),
      key,
      copyBytes(records[index] ?? new Uint8Array()),
    )
    return new Uint8Array(plain)
  } catch (cause) {
    throw new ProtocolError('SEALED_RECORD_OPEN_FAILED', { metaMessages: [`record ${index}`], cause })
  }
}

/** IV = u96 index; AAD = domain ‖ u256 assetId ‖ u32 version ‖ u32 index ‖ u32 recordCount. */
function recordParameters(place: RecordPlace, index: number) {
  const additionalData = concatBytes(
    RECORD_DOMAIN,
    uintBytes(place.assetId, 32),
    uintBytes(place.version, 4),
    uintBytes(index, 4),
    uintBytes(place.recordCount, 4),
  )
  return { name: 'AES-GCM', iv: uintBytes(index, 12), additionalData }
}

async function importContentKey(contentKey: Uint8Array): Promise<CryptoKey> {
  if (contentKey.length !== CONTENT_KEY_BYTES) throw new ProtocolError('SEALED_KEY_MALFORMED')
  return crypto.subtle.importKey('raw', copyBytes(contentKey), 'AES-GCM', false, ['encrypt', 'decrypt'])
}

function splitRecords(bytes: Uint8Array, recordSize: number): Bytes[] {
  return Array.from({ length: recordsOf(bytes.length, recordSize) }, (_, i) =>
    copyBytes(bytes.subarray(i * recordSize, (i + 1) * recordSize)),
  )
}

function recordLengths(size: number, recordSize: number): number[] {
  const count = recordsOf(size, recordSize)
  return Array.from({ length: count }, (_, i) => (i < count - 1 ? recordSize : size - recordSize * (count - 1)))
}

async function describeFile(file: AssetFile, recordSize: number): Promise<Manifest['files'][number]> {
  const size = file.bytes.length
  return { path: file.path, size, records: recordsOf(size, recordSize), sha256: await sha256Hex(file.bytes) }
}

async function sha256Hex(bytes: Uint8Array): Promise<Hex> {
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', copyBytes(bytes))))
}

function assertSealable(files: readonly AssetFile[], recordSize: number): void {
  const sizeOk = Number.isInteger(recordSize) && recordSize >= MIN_RECORD_BYTES && recordSize <= MAX_RECORD_BYTES
  const filesOk = files.length > 0 && files.every(({ bytes }) => bytes.length > 0)
  if (!sizeOk || !filesOk) {
    throw new ProtocolError('SEALED_INPUT_INVALID', {
      metaMessages: [`record size ${recordSize}, ${files.length} files`],
    })
  }
}
