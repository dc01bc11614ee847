import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MODEL_NAME, publishTrendModel, startBroker } from './asset.ts'
import { buildContracts, buildWeb, startWeb } from './builds.ts'
import { startChain, worldAccounts } from './chain.ts'
import {
  deployContracts,
  deployPriceFeeds,
  prepareAccounts,
  publishWorkload,
  WORKLOAD_ID,
  type WorldContracts,
} from './contracts.ts'
import { serveFolder } from './fileServer.ts'
import { startMarketFeed } from './marketFeed.ts'
import { portsFrom, type WorldOptions } from './options.ts'
import { requireFreePorts } from './ports.ts'
import { initProvider, startProvider, waitUntilReady } from './providers.ts'
import type { WorldSetting } from './setting.ts'
import { createWorldSimulator, serveSimulator } from './simulatorServer.ts'
import { Steps } from './steps.ts'
import type { World } from './world.ts'

const PLATFORMS = ['machine-a', 'machine-b'] as const
const PROVIDERS = [
  { name: 'provider-a', platform: 'machine-a', owner: 'providerOwnerA', operator: 'operatorA' },
  { name: 'provider-b', platform: 'machine-b', owner: 'providerOwnerB', operator: 'operatorB' },
] as const
const REPLAY_SECONDS_PER_DAY = 60

export interface StartedWorld {
  readonly world: World
  /** Settles with a sentence when a part of the world ends by itself. */
  readonly broken: Promise<string>
}

/**
 * Starts every part in order. Each part's stop function goes onto `cleanups` as soon as it runs, so that a failure
 * half-way leaves nothing behind.
 */
export async function startLocalWorld(options: WorldOptions, cleanups: (() => Promise<void>)[]): Promise<StartedWorld> {
  const ports = portsFrom(options.portBase)
  const logs = join(options.stateDir, 'logs')
  const assetsDir = join(options.stateDir, 'assets')
  mkdirSync(logs, { recursive: true })
  mkdirSync(assetsDir, { recursive: true })
  await requireFreePorts([ports.web, ports.chain, ports.market, ports.simulator, ports.assets, ...ports.providers])

  const steps = new Steps(9)
  // The page needs nothing of the chain to be built, so it is built while everything else starts.
  const webBuild = buildWeb(join(logs, 'web-build.log'), cleanups)
  webBuild.catch(() => {})
  await steps.run('Compile the contracts', () => buildContracts(join(logs, 'contracts-build.log'), cleanups))
  const chain = await steps.run('Start the chain', () => startChain(ports.chain))
  cleanups.push(chain.close)
  const root = await createWorldSimulator(PLATFORMS)
  const simulator = await serveSimulator(root, ports.simulator)
  cleanups.push(simulator.close)
  const contracts = await steps.run('Deploy the contracts under a fresh simulation root', async (note) => {
    const deployed = await deployContracts(chain.rpcUrl, root, note)
    await publishWorkload(chain.rpcUrl, deployed, root, PLATFORMS[0])
    await prepareAccounts(chain.rpcUrl, deployed)
    return deployed
  })
  const market = await steps.run('Replay the market into price feeds', async (note) => {
    const { feed, feeds } = await startMarket(options, chain.rpcUrl, ports.market)
    cleanups.push(feed.close)
    note(`(${feed.status().source}, ${feed.symbols().length} symbols)`)
    return { feed, feeds }
  })
  const assets = await serveFolder(assetsDir, ports.assets)
  cleanups.push(assets.close)
  const setting: WorldSetting = {
    rpcUrl: chain.rpcUrl,
    chainId: chain.chain.id,
    contracts,
    deploymentFile: writeDeploymentFile(options.stateDir, chain.chain.id, contracts.names),
    stateDir: options.stateDir,
    logs,
    cliLog: join(logs, 'cli.log'),
    assetsDir,
    assetsUrl: assets.url,
    simulatorUrl: simulator.url,
    simulationRootKey: `0x${Buffer.from(root.publicKey).toString('hex')}`,
  }
  const asset = await steps.run('Seal and publish the trend model', () => publishTrendModel(setting))
  const providers = await steps.run('Start and register two providers', async () => {
    const started = []
    for (const [index, provider] of PROVIDERS.entries()) {
      const port = ports.providers[index] ?? 0
      const node = startProvider(setting, await initProvider(setting, provider, port, asset), cleanups)
      started.push(node)
    }
    return started
  })
  const broker = await steps.run('Verify their evidence and release the model key to them', async () => {
    const broker = startBroker(setting, asset, cleanups)
    await Promise.all(providers.map((provider) => waitUntilReady(provider)))
    return broker
  })
  await steps.run('Build the dApp', () => webBuild)
  const world: World = {
    rpcUrl: chain.rpcUrl,
    chainId: chain.chain.id,
    contracts: contracts.names,
    providers: providers.map(({ url, providerId, operator, owner, pid, configFile }) => ({
      url,
      providerId,
      operator,
      owner,
      pid,
      configFile,
    })),
    assets: [
      { assetId: String(asset.assetId), version: asset.version, name: MODEL_NAME, manifestUri: asset.manifestUri },
    ],
    priceFeeds: market.feeds,
    webUrl: `http://127.0.0.1:${ports.web}`,
    marketUrl: market.feed.url,
    simulatorUrl: simulator.url,
    simulationRootKey: setting.simulationRootKey,
    workloadId: WORKLOAD_ID,
    token: { address: contracts.token, symbol: 'tUSD', decimals: 6 },
    accounts: worldAccounts(),
    logs,
  }
  const web = await steps.run('Start the dApp', () =>
    startWeb(world, options.stateDir, ports.web, join(logs, 'web.log'), cleanups),
  )
  return {
    world,
    broken: Promise.race([web.ended, broker.ended, ...providers.map((provider) => provider.broken)]),
  }
}

async function startMarket(options: WorldOptions, rpcUrl: string, port: number) {
  const { market } = options
  let push: ((symbol: string, price: number, time: number) => Promise<void>) | undefined
  const feed = await startMarketFeed({
    port,
    mode: market.mode,
    ...(market.dataDir ? { dataDir: market.dataDir } : {}),
    speed: REPLAY_SECONDS_PER_DAY,
    onTick: async ({ symbol, close, time }) => push?.(symbol, close, time),
  })
  const deployed = await deployPriceFeeds(rpcUrl, feed.symbols())
  for (const symbol of feed.symbols()) {
    const last = feed.candles(symbol)?.at(-1)
    if (last) await deployed.push(symbol, last.close, last.time)
  }
  push = deployed.push
  return { feed, feeds: deployed.feeds }
}

/** Contract addresses for `spartan` commands, which run before world.json can be complete. */
function writeDeploymentFile(stateDir: string, chainId: number, contracts: WorldContracts['names']): string {
  const file = join(stateDir, 'deployment.json')
  writeFileSync(file, `${JSON.stringify({ chainId, contracts }, null, 2)}\n`)
  return file
}
