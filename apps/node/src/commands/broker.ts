import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { createFetchBytes } from '../adapters/asset/fetchBytes.ts'
import { createBrokerChain } from '../adapters/chain/brokerChain.ts'
import { connectChain } from '../adapters/chain/clients.ts'
import { parseContracts, readKeyFile } from '../config.ts'
import { ConfigError, UsageError } from '../errors.ts'
import { type BrokerDecision, brokerRound, type OwnedAsset } from '../services/broker.ts'
import { trustAnchorOf } from '../services/providerEvidence.ts'
import { createLog, failureFields } from '../telemetry/log.ts'
import { readDeployment } from './init.ts'
import type { Output } from './output.ts'

/** Options that every command of an asset owner takes. */
export interface OwnerOptions {
  readonly rpcUrl: string
  readonly chainId: string
  readonly deployment: string
  /** Account that pays and owns the asset, or is its approved broker. */
  readonly keyFile: string
  readonly dryRun?: boolean
}

export interface BrokerCommandOptions extends OwnerOptions {
  readonly ownerFile: string
  /** Uncompressed point of the simulation root of a local world. Without it: Intel's root. */
  readonly simulationRoot?: string
  readonly pollSeconds?: string
}

/** Bytes of one answer of a node; evidence takes about 40 kB. */
const MAX_ANSWER_BYTES = 1024 * 1024

const ownedAssetSchema = z.object({
  assetId: z.string().regex(/^\d{1,78}$/),
  version: z.int().min(1),
  keyEpoch: z.int().min(1),
  contentKey: z.string().regex(/^0x[0-9a-f]{64}$/),
})

/** Reads the owner file that `asset publish` wrote. Failures: `CLI_INPUT_UNREADABLE`, `NODE_KEY_FILE_UNSAFE`. */
export function readOwnerFile(path: string): OwnedAsset {
  const file = resolve(path)
  let content: unknown
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      throw new ConfigError('NODE_KEY_FILE_UNSAFE', { metaMessages: [file] })
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    throw new UsageError('CLI_INPUT_UNREADABLE', { metaMessages: [file], cause })
  }
  const parsed = ownedAssetSchema.safeParse(content)
  if (!parsed.success) throw new UsageError('CLI_INPUT_UNREADABLE', { metaMessages: [`${file}: not an owner file`] })
  return parsed.data as OwnedAsset
}

/** Connects as an asset owner. */
export async function connectOwner(options: OwnerOptions) {
  const contracts = parseContracts(readDeployment(options.deployment))
  const privateKey = readKeyFile(resolve(options.keyFile))
  const clients = await connectChain({ rpcUrl: options.rpcUrl, chainId: Number(options.chainId), privateKey })
  return { clients, contracts }
}

async function prepareBroker(options: BrokerCommandOptions) {
  const { clients, contracts } = await connectOwner(options)
  const fetchBytes = createFetchBytes({ timeoutSeconds: 15, allowFiles: false })
  return {
    chain: createBrokerChain(clients, contracts),
    asset: readOwnerFile(options.ownerFile),
    trustAnchor: trustAnchorOf(options.simulationRoot),
    get: (url: string) => fetchBytes(url, MAX_ANSWER_BYTES),
    dryRun: options.dryRun === true,
  }
}

function describe(decisions: readonly BrokerDecision[]): string {
  if (decisions.length === 0) return 'No provider is registered.'
  return decisions.map(({ providerId, outcome, detail }) => `${outcome.padEnd(17)} ${providerId}  ${detail}`).join('\n')
}

/** `spartan broker once`: one round over all providers. Exit code 0 also when some are refused; the result names them. */
export async function brokerOnce(options: BrokerCommandOptions, output: Output): Promise<void> {
  const decisions = await brokerRound({ ...(await prepareBroker(options)), log: createLog('silent') })
  output.result({ decisions }, describe(decisions))
}

/** `spartan broker run`: rounds until SIGTERM or SIGINT. A failed round is logged and tried again. */
export async function brokerRun(options: BrokerCommandOptions): Promise<void> {
  const log = createLog('info')
  const broker = { ...(await prepareBroker(options)), log }
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  process.once('SIGINT', () => stop.abort())
  const pollMs = Number(options.pollSeconds ?? '5') * 1000
  log.info('broker started', { assetId: broker.asset.assetId, assetVersion: broker.asset.version })
  while (!stop.signal.aborted) {
    await brokerRound(broker).catch((error) => log.warn('broker round failed', failureFields(error)))
    await sleep(pollMs, undefined, { signal: stop.signal }).catch(() => undefined)
  }
}
