import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  assetRegistryAbi,
  attestationRegistryAbi,
  keyReleasesAbi,
  referenceValuesAbi,
  tdxMeasurement,
  testTokenAbi,
} from '@spartan/abi'
import { encodeManifest, parseKeyConfig, type SealedAsset, sealAsset, sealContentKey } from '@spartan/protocol'
import type { SpartanContracts } from '@spartan/sdk'
import { type Abi, type Address, bytesToHex, type Hex, keccak256, toHex, zeroHash } from 'viem'
import { parseConfig } from '../../apps/node/src/config.ts'
import { type RunningNode, startNode } from '../../apps/node/src/startNode.ts'
import { clientsFor, indexOf, type Role, startChain, worldAccounts } from '../../scripts/demo/chain.ts'
import { createWorldSimulator, quoteFor, serveSimulator, WORLD_WORKLOAD } from '../../scripts/demo/simulatorServer.ts'
import { type DeployedWorld, deployWorld } from '../../scripts/deploy/deploy.ts'

const PLATFORM = 'machine-a'
const WORKLOAD_ID = keccak256(toHex(WORLD_WORKLOAD))
const ASSET = { assetId: 1n, version: 1 }
export const PRICES = { pricePerUnitIn: 3n, pricePerUnitOut: 50n }
export const TRADER_FUNDS = 1_000_000_000n

/** A chain, every contract, the simulator, one real node that serves the trend model. */
export interface SdkWorld {
  readonly rpcUrl: string
  readonly contracts: SpartanContracts
  readonly deployed: DeployedWorld
  readonly token: Address
  readonly simulationRoot: Uint8Array
  readonly node: RunningNode
  readonly assetId: bigint
  /** Restarts the node process' state: new keys, new epoch, same journal. */
  readonly restartNode: () => Promise<void>
  readonly send: (role: Role, call: Call) => Promise<void>
  readonly stop: () => Promise<void>
}

interface Call {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

/**
 * Starts everything on 127.0.0.1 at `port` and the two ports behind it.
 *
 * @param channelCacheSeconds - For how long the node believes a channel; 0 shows it every change at once, 4 is its default.
 */
export async function startSdkWorld(port: number, channelCacheSeconds = 0): Promise<SdkWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'spartan-sdk-'))
  const chain = await startChain(port)
  const root = await createWorldSimulator([PLATFORM])
  const simulator = await serveSimulator(root, port + 1)
  const { rpcUrl } = chain
  const deployed = await deployWorld({
    ...clientsFor(rpcUrl, indexOf('deployer')),
    devMode: true,
    simulationRootKey: root.publicKey,
  })
  const token = deployed.TestToken
  if (token === undefined) throw new Error('no test token')
  const send = sender(rpcUrl)
  await prepareRegistry(send, deployed, tdxMeasurement(await quoteFor(root, PLATFORM, new Uint8Array(64))))
  await send('trader', {
    address: token,
    abi: testTokenAbi,
    functionName: 'faucet',
    args: [addressOf('trader'), TRADER_FUNDS],
  })
  const sealed = await publishModel(send, deployed, token, folder)
  const start = async () => {
    const started = await startNode(
      await nodeConfig(rpcUrl, deployed, simulator.url, folder, port + 2, channelCacheSeconds),
    )
    await releaseKey(rpcUrl, send, deployed, started, sealed)
    await ready(started)
    return started
  }
  let node = await start()
  return {
    rpcUrl,
    contracts: {
      attestationRegistry: deployed.AttestationRegistry,
      referenceValues: deployed.ReferenceValues,
      assetRegistry: deployed.AssetRegistry,
      ledger: deployed.Ledger,
      channelEscrow: deployed.ChannelEscrow,
    },
    deployed,
    token,
    simulationRoot: root.publicKey,
    get node() {
      return node
    },
    assetId: ASSET.assetId,
    restartNode: async () => {
      await node.stop()
      node = await start()
    },
    send,
    stop: async () => {
      await node.stop()
      await simulator.close()
      await chain.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Address of a role's funded account. */
export function addressOf(role: Role): Address {
  const account = worldAccounts().find((candidate) => candidate.role === role)
  if (account === undefined) throw new Error(`no account ${role}`)
  return account.address
}

function sender(rpcUrl: string) {
  return async (role: Role, call: Call) => {
    const { walletClient, publicClient, account } = clientsFor(rpcUrl, indexOf(role))
    const { request } = await publicClient.simulateContract({ ...call, account })
    const receipt = await publicClient.waitForTransactionReceipt({ hash: await walletClient.writeContract(request) })
    if (receipt.status !== 'success') throw new Error(`${call.functionName} reverted`)
  }
}

type Send = ReturnType<typeof sender>

async function prepareRegistry(send: Send, deployed: DeployedWorld, measurement: Hex): Promise<void> {
  await send('deployer', {
    address: deployed.ReferenceValues,
    abi: referenceValuesAbi,
    functionName: 'propose',
    args: [measurement, WORKLOAD_ID, zeroHash, keccak256(toHex('artefact'))],
  })
  await send('providerOwnerA', {
    address: deployed.AttestationRegistry,
    abi: attestationRegistryAbi,
    functionName: 'approveOperator',
    args: [addressOf('operatorA'), true],
  })
}

async function publishModel(send: Send, deployed: DeployedWorld, token: Address, folder: string): Promise<SealedAsset> {
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
  const version = {
    manifestHash: sealed.manifestHash,
    contentRoot: sealed.contentRoot,
    manifestUri: pathToFileURL(join(base, 'manifest.json')).href,
    terms: { token, ...PRICES, ownerShareBps: 7000 },
    acceptedTeeKinds: 1 << 1,
    acceptedWorkloads: [WORKLOAD_ID],
    publishedAt: 0n,
    retired: false,
  }
  const call = { address: deployed.AssetRegistry, abi: assetRegistryAbi, functionName: 'list' }
  await send('assetOwner', { ...call, args: [0, 'trend', version] })
  return sealed
}

async function nodeConfig(
  rpcUrl: string,
  deployed: DeployedWorld,
  simulatorUrl: string,
  folder: string,
  port: number,
  channelCacheSeconds: number,
) {
  const keyFile = join(folder, 'operator.key')
  const operator = worldAccounts().find(({ role }) => role === 'operatorA')
  await writeFile(keyFile, `${operator?.privateKey}\n`, { mode: 0o600 })
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
      chain: { rpcUrl, chainId: 31337, contracts, pollSeconds: 1, maxClockSkewSeconds: 600 },
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

async function releaseKey(
  rpcUrl: string,
  send: Send,
  deployed: DeployedWorld,
  node: RunningNode,
  sealed: SealedAsset,
): Promise<void> {
  const { publicClient } = clientsFor(rpcUrl, 0)
  const record = await until('registration', async () => {
    const call = {
      address: deployed.AttestationRegistry,
      abi: attestationRegistryAbi,
      args: [node.providerId],
    } as const
    const found = await publicClient.readContract({ ...call, functionName: 'recordOf' }).catch(() => undefined)
    const keys = await fetch(`${node.url}/v1/ohttp-keys`)
    return found !== undefined && keys.ok ? { ...found, keys: new Uint8Array(await keys.arrayBuffer()) } : undefined
  })
  const [{ publicKey }] = parseKeyConfig(record.keys)
  const sealedKey = await sealContentKey({
    contentKey: sealed.contentKey,
    publicKey,
    context: {
      chainId: 31337n,
      keyReleases: deployed.KeyReleases,
      assetId: ASSET.assetId,
      keyEpoch: 1,
      keysetDigest: record.keysetDigest,
    },
  })
  await send('assetOwner', {
    address: deployed.KeyReleases,
    abi: keyReleasesAbi,
    functionName: 'release',
    args: [ASSET.assetId, 1, node.providerId, record.keysetDigest, bytesToHex(sealedKey)],
  })
}

async function ready(node: RunningNode): Promise<void> {
  await until(`readiness (${node.url}/readyz)`, async () => ((await fetch(`${node.url}/readyz`)).ok ? true : undefined))
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 60_000
  while (Date.now() < end) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`no ${what} within a minute`)
}
