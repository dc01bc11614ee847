import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseModelDescription } from '@spartan/inference'
import { encodeManifest, type SealedAsset, sealAsset } from '@spartan/protocol'
import { bytesToHex, type Hex } from 'viem'
import { listModel, nextAssetId, retireVersion } from '../adapters/chain/brokerChain.ts'
import { ChainError, UsageError } from '../errors.ts'
import { connectOwner, type OwnerOptions } from './broker.ts'
import { type Output, toJson } from './output.ts'

export interface PublishOptions extends OwnerOptions {
  readonly model: string
  /** JSON `{ engine, inputs, outputs, units }`: the `model` object of the manifest. */
  readonly description: string
  readonly name: string
  readonly licence: string
  readonly out: string
  /** Where the folder will be reachable; file:// of it by default. */
  readonly baseUri?: string
  readonly ownerFile: string
  readonly token: string
  readonly priceIn: string
  readonly priceOut: string
  readonly ownerShareBps: string
  readonly workload: readonly string[]
}

/** Bit of TeeKind.Tdx. */
const TDX_ONLY = 1 << 1
const FIRST_VERSION = 1
/** KeyReleases counts from one. */
const FIRST_KEY_EPOCH = 1

function readInput(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(resolve(path)))
  } catch (cause) {
    throw new UsageError('CLI_INPUT_UNREADABLE', { metaMessages: [resolve(path)], cause })
  }
}

function checkArguments(options: PublishOptions): void {
  const faults: string[] = []
  for (const name of ['priceIn', 'priceOut', 'ownerShareBps'] as const)
    if (!/^\d{1,39}$/.test(options[name])) faults.push(`${name}: expected a decimal number`)
  if (Number(options.ownerShareBps) > 10_000) faults.push('ownerShareBps: at most 10000')
  if (!/^0x[0-9a-fA-F]{40}$/.test(options.token)) faults.push('token: expected an address')
  if (options.workload.length === 0) faults.push('workload: at least one')
  for (const id of options.workload)
    if (!/^0x[0-9a-fA-F]{64}$/.test(id)) faults.push(`workload ${id}: expected 0x and 64 digits`)
  if (faults.length > 0) throw new UsageError('CLI_USAGE_INVALID', { metaMessages: faults })
  for (const path of [resolve(options.out), resolve(options.ownerFile)])
    if (existsSync(path)) throw new UsageError('CLI_OUTPUT_EXISTS', { metaMessages: [path] })
}

/** Writes manifest and records in the layout of docs/architecture.md, "Sealed assets". */
function writeSealed(folder: string, sealed: SealedAsset): void {
  mkdirSync(join(folder, 'records'), { recursive: true })
  writeFileSync(join(folder, 'manifest.json'), encodeManifest(sealed.manifest))
  for (const [index, record] of sealed.records.entries()) writeFileSync(join(folder, 'records', `${index}.bin`), record)
}

/**
 * `spartan asset publish`: seals a model under a fresh key, writes the sealed folder and the owner file (0600, the only
 * copy of the key), and lists the model.
 *
 * The records are bound to the asset id, so the id is read first; when somebody lists in between, the listing is retired
 * and nothing is left behind.
 */
export async function publishAsset(options: PublishOptions, output: Output): Promise<void> {
  checkArguments(options)
  const { clients, contracts } = await connectOwner(options)
  const assetId = await nextAssetId(clients, contracts.assetRegistry)
  const description = parseModelDescription(JSON.parse(new TextDecoder().decode(readInput(options.description))))
  const sealed = await sealAsset([{ path: 'model.onnx', bytes: readInput(options.model) }], {
    assetId,
    version: FIRST_VERSION,
    name: options.name,
    kind: 'model',
    licence: options.licence,
    keyEpoch: FIRST_KEY_EPOCH,
    model: description,
  })
  const folder = resolve(options.out)
  const manifestUri = `${(options.baseUri ?? pathToFileURL(folder).href).replace(/\/+$/, '')}/manifest.json`
  const listing = {
    name: options.name,
    manifestHash: sealed.manifestHash,
    contentRoot: sealed.contentRoot,
    manifestUri,
    token: options.token as Hex,
    pricePerUnitIn: BigInt(options.priceIn),
    pricePerUnitOut: BigInt(options.priceOut),
    ownerShareBps: Number(options.ownerShareBps),
    acceptedTeeKinds: TDX_ONLY,
    acceptedWorkloads: options.workload as Hex[],
  }
  if (options.dryRun === true) {
    await listModel(clients, contracts.assetRegistry, listing, true)
    output.result({ assetId, ...listing, published: false }, `Would publish ${options.name} as asset ${assetId}.`)
    return
  }
  // Owner file first: a listed asset whose key is lost could never be served.
  const owned = { assetId: assetId.toString(), version: FIRST_VERSION, keyEpoch: FIRST_KEY_EPOCH }
  const secret = { ...owned, name: options.name, manifestUri, contentKey: bytesToHex(sealed.contentKey) }
  writeFileSync(resolve(options.ownerFile), `${toJson(secret)}\n`, { flag: 'wx', mode: 0o600 })
  writeSealed(folder, sealed)
  const listed = await listModel(clients, contracts.assetRegistry, listing, false)
  if (listed?.assetId !== assetId) {
    if (listed !== undefined) await retireVersion(clients, contracts.assetRegistry, listed.assetId, FIRST_VERSION)
    throw new ChainError('NODE_CHAIN_TRANSACTION_REVERTED', {
      metaMessages: [`another asset was listed as ${assetId} meanwhile; ours was retired, publish again elsewhere`],
    })
  }
  output.result(
    { ...owned, ...listing, folder, ownerFile: resolve(options.ownerFile), ...listed, published: true },
    [
      `Published ${options.name} as asset ${assetId}, version ${FIRST_VERSION}: ${sealed.records.length} sealed records`,
      `Sealed folder  ${folder}  (serve it at ${manifestUri})`,
      `Owner file     ${resolve(options.ownerFile)}  (the only copy of the content key; keep it secret)`,
      'Next: `spartan broker run` releases the key to attested providers.',
    ].join('\n'),
  )
}
