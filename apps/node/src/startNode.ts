import { providerId as providerIdOf } from '@spartan/protocol'
import type { Hex } from 'viem'
import { createFetchBytes } from './adapters/asset/fetchBytes.ts'
import { createChain } from './adapters/chain/chain.ts'
import { connectChain } from './adapters/chain/clients.ts'
import { listenControl } from './adapters/control/socket.ts'
import { loadOnnxModel } from './adapters/engine/onnx.ts'
import { openJournal } from './adapters/store/open.ts'
import { createAttester } from './adapters/tee/attester.ts'
import { createGpuSource } from './adapters/tee/gpuSource.ts'
import { configDigest, type NodeConfig, publicUrlOf, readKeyFile } from './config.ts'
import { createControlApp } from './routes/control/control.ts'
import { createNodeApp, type Listening, listen } from './server.ts'
import { createAdmissions } from './services/admission.ts'
import { createChannelReader } from './services/channels.ts'
import { createChainClock } from './services/clock.ts'
import { createCooperativeClose } from './services/cooperativeClose.ts'
import { createInference } from './services/inference.ts'
import { createOneAtATime } from './services/oneAtATime.ts'
import type { Attester, Chain, Journal } from './services/ports.ts'
import { createReadiness, type Readiness } from './services/readiness.ts'
import type { Renewed } from './services/renewal.ts'
import { createSettler, type SettleRound, type Settler, startSettling } from './services/settler.ts'
import { createSupervisor, type Supervisor } from './services/supervisor.ts'
import { createLog, failureFields, type Log } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'

export interface StartOptions {
  readonly log?: Log
  /** Called when the node cannot go on: it has stopped. */
  readonly onFailure?: (error: unknown) => void
}

/** A node that listens. It serves only while {@link RunningNode.objections} is empty. */
export interface RunningNode {
  readonly url: string
  readonly port: number
  readonly providerId: Hex
  /** Reason codes why it does not serve now. */
  objections(): readonly string[]
  /** New keys and registration at the next look. */
  registerAnew(): void
  /** The same keys, for longer: see `Supervisor.renew`. */
  renew(): Promise<Renewed>
  /** Settles everything now. */
  settle(): Promise<SettleRound>
  /** Takes no new requests, finishes, settles, closes. */
  stop(): Promise<void>
}

/** Chain, TEE and journal as the configuration names them. Failures: `NODE_CONFIG_…`, `NODE_KEY_FILE_…`, `NODE_CHAIN_…`. */
export async function connectNode(config: NodeConfig) {
  const privateKey = readKeyFile(config.operatorKeyFile)
  const { rpcUrl, chainId, confirmations, pollSeconds } = config.chain
  const clients = await connectChain({ rpcUrl, chainId, privateKey, confirmations, pollSeconds })
  const operator = clients.account.address.toLowerCase() as Hex
  const chain = createChain(clients, config.chain.contracts)
  return { clients, chain, operator, providerId: providerIdOf(config.owner, operator) }
}

/**
 * Starts a node: listens at once (`/healthz`), then registers, loads the model and serves.
 *
 * @throws {BaseError} what no later attempt can mend: a wrong configuration, a taken port, a caller that the owner has not
 *   approved, a journal of another provider.
 */
export async function startNode(config: NodeConfig, options: StartOptions = {}): Promise<RunningNode> {
  const log = options.log ?? createLog(config.logLevel)
  const { chain, operator, providerId } = await connectNode(config)
  const journal = await openJournal(config)
  try {
    await journal.bind({ providerId, escrow: chain.escrow, chainId: chain.chainId })
    const attester = createAttester(config)
    const parts = createParts(config, { chain, operator, providerId, journal, attester, log })
    const behind = await parts.settler.reconcile()
    if (behind.length > 0) parts.readiness.set('NODE_JOURNAL_BEHIND_CHAIN', true)
    const listening = await listen(parts.app, config.listen.host, config.listen.port, config.limits.requestSeconds)
    const serving = { ...parts, journal, log, providerId, listening }
    try {
      const control = await listenControl(config.dataDir, createControlApp({ ...parts, log }))
      return await run(config, { ...serving, control }, options)
    } catch (error) {
      await listening.close()
      throw error
    }
  } catch (error) {
    await journal.close()
    throw error
  }
}

interface World {
  readonly chain: Chain
  readonly operator: Hex
  readonly providerId: Hex
  readonly journal: Journal
  readonly attester: Attester
  readonly log: Log
}

function createParts(config: NodeConfig, world: World) {
  const { chain, journal, log, providerId } = world
  const metrics = createMetrics()
  const clock = createChainClock()
  const { limits, settlement } = config
  const channels = createChannelReader(chain, limits.channelCacheSeconds, () => performance.now())
  const { maxHeadAgeSeconds, maxClockSkewSeconds, pollSeconds } = config.chain
  const watched = { chain, providerId, maxHeadAgeSeconds, maxClockSkewSeconds, pollSeconds, metrics }
  const readiness = createReadiness({ ...watched, observeBlockTime: clock.observe })
  const supervisor = createSupervisor({
    ...world,
    owner: config.owner,
    configDigest: configDigest(config),
    lifetimeSeconds: config.keys.lifetimeSeconds,
    endpoint: publicUrlOf(config),
    asset: { id: BigInt(config.asset.id), version: config.asset.version },
    maxAssetBytes: limits.assetBytes,
    renewBeforeSeconds: config.keys.renewBeforeSeconds,
    renewEverySeconds: config.keys.renewEverySeconds,
    pollSeconds,
    fetchBytes: createFetchBytes({ timeoutSeconds: limits.assetSeconds, allowFiles: config.asset.allowFiles }),
    loadModel: (sealed, files) => loadOnnxModel(sealed.manifest, files),
    gpuSources: config.gpus.map(createGpuSource),
    readiness,
    nowSeconds: clock.nowSeconds,
  })
  const inference = {
    escrow: { chainId: chain.chainId, address: chain.escrow },
    journal,
    channels,
    clock,
    channelMarginSeconds: limits.channelMarginSeconds,
    freshReadThreshold: BigInt(settlement.valueThreshold),
    oneAtATime: createOneAtATime(),
    registering: supervisor.registering,
    onJournalBehindChain: () => readiness.set('NODE_JOURNAL_BEHIND_CHAIN', true),
  }
  const { maxAgeSeconds, marginSeconds, batchSize } = settlement
  const bounds = { valueThreshold: BigInt(settlement.valueThreshold), maxAgeSeconds, marginSeconds, batchSize }
  const settler = createSettler({ chain, channels, journal, clock, log, metrics, ...bounds })
  const app = createNodeApp({
    providerId,
    active: supervisor.active,
    serving: supervisor.serving,
    ohttpContext: ({ keyset }) => ({
      chainId: chain.chainId,
      registry: chain.registry,
      providerId,
      epoch: keyset.epoch,
    }),
    attester: world.attester,
    readiness,
    infer: createInference(inference),
    agreeClose: createCooperativeClose(inference),
    admissionOf: createAdmissions(journal),
    journal,
    clock,
    log,
    metrics,
    limits,
  })
  return { supervisor, readiness, settler, app }
}

interface Parts {
  readonly supervisor: Supervisor
  readonly readiness: Readiness
  readonly settler: Settler
  readonly journal: Journal
  readonly log: Log
  readonly providerId: Hex
  readonly listening: Listening
  readonly control: { readonly close: () => Promise<void> }
}

async function run(config: NodeConfig, parts: Parts, options: StartOptions): Promise<RunningNode> {
  const { supervisor, readiness, settler, listening, control, log, journal } = parts
  let stopped = false
  let wake: () => void = () => undefined
  const stopSettling = startSettling(settler, log, config.settlement.pollSeconds)

  const loop = async () => {
    while (!stopped) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, config.chain.pollSeconds * 1000)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      if (!stopped) await supervisor.tick()
    }
  }
  const close = async () => {
    stopped = true
    wake()
    readiness.set('NODE_DRAINING', true)
    stopSettling()
    await control.close()
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, config.drainSeconds * 1000).unref())
    await Promise.race([listening.close(), deadline])
    await settler.settle(true).catch((error) => log.error('settlement failed', failureFields(error)))
    await supervisor.close()
    await journal.close()
    log.info('stopped')
  }

  try {
    await supervisor.tick()
  } catch (error) {
    stopSettling()
    await control.close()
    throw error
  }
  const done = loop().catch(async (error) => {
    log.error('node failed', failureFields(error))
    await close()
    options.onFailure?.(error)
  })
  const url = `http://${config.listen.host}:${listening.port}`
  log.info('listening', { port: listening.port, providerId: parts.providerId })
  return {
    url,
    port: listening.port,
    providerId: parts.providerId,
    objections: readiness.objections,
    renew: supervisor.renew,
    registerAnew: () => {
      supervisor.registerSoon()
      wake()
    },
    settle: () => settler.settle(true),
    stop: async () => {
      if (stopped) return
      await close()
      await done
    },
  }
}
