import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { attestationRegistryAbi, keyReleasesAbi } from '@spartan/abi'
import { encodeManifest, parseKeyConfig, type SealedAsset, sealAsset, sealContentKey } from '@spartan/protocol'
import type { SpartanContracts } from '@spartan/sdk'
import { type Address, bytesToHex } from 'viem'
import { parseConfig } from '../../apps/node/src/config.ts'
import { type RunningNode, startNode } from '../../apps/node/src/startNode.ts'
import { accountOf, CHAIN_ID, type Role } from '../../scripts/demo/chain.ts'
import { serveSimulator } from '../../scripts/demo/simulatorServer.ts'
import { type Actor, actorOf } from './actor.ts'
import { mint } from './funding.ts'
import { type Ground, PLATFORM, startGround } from './ground.ts'
import { listAsset } from './listing.ts'
import { freePorts } from './ports.ts'
import { approveOperator } from './registration.ts'
import { until } from './wait.ts'

const ASSET = { assetId: 1n, version: 1 }
export const PRICES = { pricePerUnitIn: 3n, pricePerUnitOut: 50n }
const TRADER_FUNDS = 1_000_000_000n

/** A chain, every contract, the simulator, one real node that serves the trend model. */
export interface SdkWorld {
  readonly rpcUrl: string
  readonly contracts: SpartanContracts
  readonly token: Address
  readonly simulationRoot: Uint8Array
  /** Where quotes are made. */
  readonly simulatorUrl: string
  readonly node: RunningNode
  readonly assetId: bigint
  /** Restarts the node process' state: new keys, new epoch, same journal. */
  readonly restartNode: () => Promise<void>
  readonly stop: () => Promise<void>
}

/**
 * Starts everything on 127.0.0.1.
 *
 * @param channelCacheSeconds - For how long the node believes a channel; 0 shows it every change at once, 4 is its default.
 */
export async function startSdkWorld(channelCacheSeconds = 0): Promise<SdkWorld> {
  const port = await freePorts(3)
  const folder = await mkdtemp(join(tmpdir(), 'spartan-sdk-'))
  const ground = await startGround(port)
  const { rpcUrl, contracts, token, root } = ground
  const simulator = await serveSimulator(root, port + 1)
  await approveOperator(actorOf(rpcUrl, 'providerOwnerA'), contracts.AttestationRegistry, addressOf('operatorA'))
  await mint(actorOf(rpcUrl, 'trader'), token, TRADER_FUNDS)
  const sealed = await publishModel(ground, folder)
  const start = async () => {
    const started = await startNode(await nodeConfig(ground, simulator.url, folder, port + 2, channelCacheSeconds))
    await releaseKey(actorOf(rpcUrl, 'assetOwner'), ground, started, sealed)
    await until(`readiness (${started.url}/readyz)`, async () => (await fetch(`${started.url}/readyz`)).ok)
    return started
  }
  let node = await start()
  return {
    rpcUrl,
    contracts: {
      attestationRegistry: contracts.AttestationRegistry,
      referenceValues: contracts.ReferenceValues,
      assetRegistry: contracts.AssetRegistry,
      ledger: contracts.Ledger,
      channelEscrow: contracts.ChannelEscrow,
    },
    token,
    simulationRoot: root.publicKey,
    simulatorUrl: simulator.url,
    get node() {
      return node
    },
    assetId: ASSET.assetId,
    restartNode: async () => {
      await node.stop()
      node = await start()
    },
    stop: async () => {
      await node.stop()
      await simulator.close()
      await ground.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Address of a role's funded account. */
export const addressOf = (role: Role): Address => accountOf(role).address

async function publishModel(ground: Ground, folder: string): Promise<SealedAsset> {
  const models = new URL('../../models/trend/', import.meta.url)
  const bytes = new Uint8Array(await readFile(new URL('trend.onnx', models)))
  const model = JSON.parse(await readFile(new URL('model.json', models), 'utf8'))
  const sealed = await sealAsset([{ path: 'trend.onnx', bytes }], {
    ...ASSET,
    name: 'trend',
    kind: 'model',
    licence: 'Apache-2.0',
    keyEpoch: 1,
    model,
  })
  const base = join(folder, 'asset')
  await mkdir(join(base, 'records'), { recursive: true })
  await writeFile(join(base, 'manifest.json'), encodeManifest(sealed.manifest))
  for (const [index, record] of sealed.records.entries()) await writeFile(join(base, 'records', `${index}.bin`), record)
  await listAsset(actorOf(ground.rpcUrl, 'assetOwner'), {
    registry: ground.contracts.AssetRegistry,
    token: ground.token,
    workloadId: ground.workloadId,
    manifestHash: sealed.manifestHash,
    contentRoot: sealed.contentRoot,
    manifestUri: pathToFileURL(join(base, 'manifest.json')).href,
    ...PRICES,
    ownerShareBps: 7000,
  })
  return sealed
}

async function nodeConfig(
  { rpcUrl, contracts: deployed }: Ground,
  simulatorUrl: string,
  folder: string,
  port: number,
  channelCacheSeconds: number,
) {
  const keyFile = join(folder, 'operator.key')
  await writeFile(keyFile, `${accountOf('operatorA').privateKey}\n`, { mode: 0o600 })
  const contracts = {
    attestationRegistry: deployed.AttestationRegistry,
    endorsementStore: deployed.EndorsementStore,
    referenceValues: deployed.ReferenceValues,
    assetRegistry: deployed.AssetRegistry,
    keyReleases: deployed.KeyReleases,
    ledger: deployed.Ledger,
    channelEscrow: deployed.ChannelEscrow,
  }
  return parseConfig(
    {
      dataDir: join(folder, 'node'),
      // A block per transaction, each a second later at least: a burst of them runs ahead of the clock.
      chain: { rpcUrl, chainId: CHAIN_ID, contracts, pollSeconds: 1, maxClockSkewSeconds: 600 },
      owner: addressOf('providerOwnerA'),
      operatorKeyFile: keyFile,
      listen: { port },
      tee: { kind: 'simulator', url: simulatorUrl, platform: PLATFORM },
      asset: { id: '1', version: 1, allowFiles: true },
      limits: { channelCacheSeconds },
      logLevel: 'silent',
    },
    {},
    folder,
  )
}

async function releaseKey(owner: Actor, { contracts }: Ground, node: RunningNode, sealed: SealedAsset): Promise<void> {
  const registry = { address: contracts.AttestationRegistry, abi: attestationRegistryAbi } as const
  const keys = await until('registration', async () => {
    const answer = await fetch(`${node.url}/v1/ohttp-keys`)
    return answer.ok && new Uint8Array(await answer.arrayBuffer())
  })
  const read = { ...registry, functionName: 'recordOf', args: [node.providerId] } as const
  const { keysetDigest } = await owner.client.readContract(read)
  const [{ publicKey }] = parseKeyConfig(keys)
  const { assetId } = ASSET
  const context = {
    chainId: BigInt(CHAIN_ID),
    keyReleases: contracts.KeyReleases,
    assetId,
    keyEpoch: 1,
    keysetDigest,
  }
  const sealedKey = await sealContentKey({ contentKey: sealed.contentKey, publicKey, context })
  await owner.send({
    address: contracts.KeyReleases,
    abi: keyReleasesAbi,
    functionName: 'release',
    args: [assetId, 1, node.providerId, keysetDigest, bytesToHex(sealedKey)],
  })
}
