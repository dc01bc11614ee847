import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSimulatedGpu } from '@spartan/simulator'
import { MODEL_NAME, type PublishedAsset, publishTrendModel, startBroker } from './asset.ts'
import { buildWeb, startWeb, webUrl } from './builds.ts'
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
import { PROVIDER_PLANS } from './providerPlans.ts'
import { initProvider, type StartedProvider, startProvider, waitUntilReady } from './providers.ts'
import type { WorldSetting } from './setting.ts'
import { createWorldSimulator, serveSimulator } from './simulatorServer.ts'
import { takeStateDir } from './stateDir.ts'
import { Steps } from './steps.ts'
import { type World, writeWorld } from './world.ts'

const REPLAY_SECONDS_PER_DAY = 60

type Cleanups = (() => Promise<void>)[]

export interface StartedWorld {
  readonly world: World
  /** world.json; written again whenever a provider's process is another one. */
  readonly file: string
  /** Settles with a sentence when a part of the world ends by itself. */
  readonly broken: Promise<string>
}

/**
 * Starts every part in order. Each part's stop function goes onto `cleanups` as soon as it runs, so that a failure
 * half-way leaves nothing behind.
 */
export async function startLocalWorld(options: WorldOptions, cleanups: Cleanups): Promise<StartedWorld> {
  const ports = portsFrom(options.portBase)
  const logs = join(options.stateDir, 'logs')
  await requireFreePorts([ports.web, ports.chain, ports.market, ports.simulator, ports.assets, ...ports.providers])
  takeStateDir(options.stateDir)
  mkdirSync(logs, { recursive: true })

  const steps = new Steps(8)
  // The page needs nothing of the chain to be built, so it is built while everything else starts.
  const webBuild = buildWeb(join(logs, 'web-build.log'), cleanups)
  webBuild.catch(() => {})
  const { setting, feed, feeds } = await startGround(options, steps, logs, cleanups)
  const asset = await steps.run('Seal and publish the trend model', () => publishTrendModel(setting))
  const providers = await steps.run(`Start and register ${PROVIDER_PLANS.length} providers`, () =>
    startProviders(setting, asset, ports.providers, cleanups),
  )
  const broker = await steps.run('Verify their evidence and release the model key to them', async () => {
    const started = startBroker(setting, asset, cleanups)
    await Promise.all(providers.map((provider) => waitUntilReady(provider)))
    return started
  })
  await steps.run('Build the dApp', () => webBuild)
  const file = join(options.stateDir, 'world.json')
  const publish = () => {
    const world = describeWorld(setting, ports.web, asset, providers, feed.url, feeds)
    writeWorld(file, world)
    return world
  }
  for (const { onRestart } of providers) onRestart(publish)
  const world = publish()
  const web = await steps.run('Start the dApp', () => startWeb(file, ports.web, join(logs, 'web.log'), cleanups))
  return { world, file, broken: Promise.race([web, broker, ...providers].map(({ ended }) => ended)) }
}

/** What providers stand on: chain, contracts, simulated hardware, market, storage of the sealed assets. */
async function startGround(options: WorldOptions, steps: Steps, logs: string, cleanups: Cleanups) {
  const ports = portsFrom(options.portBase)
  const assetsDir = join(options.stateDir, 'assets')
  mkdirSync(assetsDir, { recursive: true })
  const chain = await steps.run('Start the chain', () => startChain(ports.chain))
  cleanups.push(chain.close)
  const root = await createWorldSimulator(PROVIDER_PLANS.map(({ platform }) => platform))
  const gpu = options.gpu ? await createSimulatedGpu({ now: Math.floor(Date.now() / 1000) - 60 }) : undefined
  const simulator = await serveSimulator(root, ports.simulator, gpu)
  cleanups.push(simulator.close)
  const contracts = await steps.run('Deploy the contracts under a fresh simulation root', async (note) => {
    const deployed = await deployContracts(chain.rpcUrl, root, note, gpu)
    await publishWorkload(chain.rpcUrl, deployed, root, PROVIDER_PLANS[0].platform)
    await prepareAccounts(chain.rpcUrl, deployed)
    return deployed
  })
  const { feed, feeds } = await steps.run('Replay the market into price feeds', async (note) => {
    const market = await startMarket(options, chain.rpcUrl, ports.market)
    cleanups.push(market.feed.close)
    note(`(${market.feed.status().source}, ${market.feed.symbols().length} symbols)`)
    return market
  })
  const assets = await serveFolder(assetsDir, ports.assets)
  cleanups.push(assets.close)
  const chainId = chain.chain.id
  const setting: WorldSetting = {
    rpcUrl: chain.rpcUrl,
    chainId,
    contracts,
    deploymentFile: writeDeploymentFile(options.stateDir, chainId, contracts.names),
    stateDir: options.stateDir,
    logs,
    cliLog: join(logs, 'cli.log'),
    assetsDir,
    assetsUrl: assets.url,
    simulatorUrl: simulator.url,
    gpu: options.gpu,
    simulationRootKey: `0x${Buffer.from(root.publicKey).toString('hex')}`,
  }
  return { setting, feed, feeds }
}

async function startProviders(
  setting: WorldSetting,
  asset: PublishedAsset,
  ports: readonly number[],
  cleanups: Cleanups,
): Promise<StartedProvider[]> {
  const started: StartedProvider[] = []
  for (const [index, plan] of PROVIDER_PLANS.entries()) {
    const initialized = await initProvider(setting, plan, ports[index] ?? 0, asset)
    started.push(startProvider(setting, initialized, cleanups))
  }
  return started
}

function describeWorld(
  setting: WorldSetting,
  webPort: number,
  asset: PublishedAsset,
  providers: readonly StartedProvider[],
  marketUrl: string,
  priceFeeds: World['priceFeeds'],
): World {
  const { assetId, version, manifestUri } = asset
  return {
    rpcUrl: setting.rpcUrl,
    chainId: setting.chainId,
    contracts: setting.contracts.names,
    providers: providers.map(({ url, providerId, owner, operator, configFile, pid }) => {
      return { url, providerId, owner, operator, pid: pid(), configFile }
    }),
    assets: [{ assetId: String(assetId), version, name: MODEL_NAME, manifestUri }],
    priceFeeds,
    webUrl: webUrl(webPort),
    marketUrl,
    simulatorUrl: setting.simulatorUrl,
    simulationRootKey: setting.simulationRootKey,
    workloadId: WORKLOAD_ID,
    token: { address: setting.contracts.token, symbol: 'tUSD', decimals: 6 },
    accounts: worldAccounts(),
    logs: setting.logs,
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
