import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Hex } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { z } from 'zod'
import { type EndorsementSourceConfig, type NodeConfigInput, parseConfig, readKeyFile } from '../config.ts'
import { ConfigError, UsageError } from '../errors.ts'
import type { Output } from './output.ts'

export interface InitOptions {
  readonly dataDir: string
  readonly rpcUrl: string
  readonly chainId: string
  readonly deployment: string
  readonly owner: string
  readonly tee: string
  readonly simulatorUrl?: string
  readonly platform?: string
  readonly gpu?: string
  readonly endorsementsFile?: string
  readonly endorsementsSource?: string
  readonly assetId: string
  readonly assetVersion: string
  readonly host?: string
  readonly port?: string
  readonly publicUrl?: string
  readonly operatorKeyFile?: string
  readonly dryRun?: boolean
}

const CONTRACTS = {
  attestationRegistry: 'AttestationRegistry',
  endorsementStore: 'EndorsementStore',
  referenceValues: 'ReferenceValues',
  assetRegistry: 'AssetRegistry',
  keyReleases: 'KeyReleases',
  ledger: 'Ledger',
  channelEscrow: 'ChannelEscrow',
} as const

/** Of deployments that verify GPUs. */
const GPU_CONTRACTS = { nvidiaEndorsements: 'NvidiaEndorsements', nvidiaRims: 'NvidiaRims' } as const

/**
 * Values for a local world, where simulated nodes live: a development chain mines a block per transaction, each at least
 * a second after the one before, so a burst of them runs ahead of the wall clock; and nobody wants to wait minutes there
 * to see a settlement.
 */
const LOCAL_WORLD = {
  chain: { maxClockSkewSeconds: 600, pollSeconds: 1 },
  settlement: { maxAgeSeconds: 15, pollSeconds: 2 },
} as const

const deploymentSchema = z.object({ contracts: z.record(z.string(), z.string()) })

/** Contract addresses of a `deployments/<chainId>.json` or `.spartan/world.json`. Failure: `CLI_INPUT_UNREADABLE`. */
export function readDeployment(path: string): NodeConfigInput['chain']['contracts'] {
  const file = resolve(path)
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new UsageError('CLI_INPUT_UNREADABLE', { metaMessages: [file], cause })
  }
  const parsed = deploymentSchema.safeParse(content)
  if (!parsed.success)
    throw new UsageError('CLI_INPUT_UNREADABLE', {
      metaMessages: [`${file}: expected { contracts: { name: address } }`],
    })
  const { contracts } = parsed.data
  const find = (key: keyof typeof CONTRACTS) => contracts[CONTRACTS[key]] ?? contracts[key] ?? ''
  return {
    attestationRegistry: find('attestationRegistry'),
    endorsementStore: find('endorsementStore'),
    referenceValues: find('referenceValues'),
    assetRegistry: find('assetRegistry'),
    keyReleases: find('keyReleases'),
    ledger: find('ledger'),
    channelEscrow: find('channelEscrow'),
    ...Object.fromEntries(
      Object.entries(GPU_CONTRACTS)
        .map(([key, name]) => [key, contracts[name] ?? contracts[key]] as const)
        .filter(([, found]) => found !== undefined),
    ),
  }
}

function teeOf(options: InitOptions): NodeConfigInput['tee'] {
  if (options.tee === 'simulator')
    return { kind: 'simulator', url: options.simulatorUrl ?? '', platform: options.platform ?? '' }
  if (options.tee === 'configfs-tsm') {
    const { endorsementsFile, endorsementsSource } = options
    if (endorsementsFile === undefined)
      return { kind: 'configfs-tsm', endorsements: endorsementSourceOf(endorsementsSource ?? 'pcs') }
    if (endorsementsSource === undefined) return { kind: 'configfs-tsm', endorsementsFile }
    throw new UsageError('CLI_USAGE_INVALID', {
      metaMessages: ['--endorsements-file and --endorsements-source exclude each other'],
    })
  }
  throw new UsageError('CLI_USAGE_INVALID', { metaMessages: [`--tee ${options.tee}: use simulator or configfs-tsm`] })
}

/** `pcs`, `azure`, or the URL of a PCCS. */
export function endorsementSourceOf(text: string): EndorsementSourceConfig {
  return text === 'pcs' || text === 'azure' ? { kind: text } : { kind: 'pccs', url: text }
}

/** The configuration that `init` writes, checked. Failures: `NODE_CONFIG_INVALID`, `CLI_USAGE_INVALID`. */
export function initialConfig(options: InitOptions, dataDir: string): NodeConfigInput {
  const listen = {
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: Number(options.port) }),
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
  }
  const config: NodeConfigInput = {
    dataDir: '.',
    chain: {
      rpcUrl: options.rpcUrl,
      chainId: Number(options.chainId),
      contracts: readDeployment(options.deployment),
      ...(options.tee === 'simulator' ? LOCAL_WORLD.chain : {}),
    },
    owner: options.owner,
    operatorKeyFile: options.operatorKeyFile === undefined ? 'operator.key' : resolve(options.operatorKeyFile),
    listen,
    tee: teeOf(options),
    ...(options.gpu === undefined
      ? {}
      : { gpus: [{ kind: options.tee === 'simulator' ? 'simulator' : 'http', url: options.gpu }] }),
    asset: { id: options.assetId, version: Number(options.assetVersion) },
    ...(options.tee === 'simulator' ? { settlement: LOCAL_WORLD.settlement } : {}),
  }
  parseConfig(config, {}, dataDir)
  return config
}

/**
 * Writes `config.json` and, unless one is given, a fresh `operator.key` (0600) into a data directory. Never overwrites.
 *
 * Failure: `NODE_CONFIG_EXISTS`.
 */
export function initNode(options: InitOptions, output: Output): void {
  const dataDir = resolve(options.dataDir)
  const configFile = join(dataDir, 'config.json')
  const keyFile =
    options.operatorKeyFile === undefined ? join(dataDir, 'operator.key') : resolve(options.operatorKeyFile)
  const ownKey = options.operatorKeyFile === undefined
  for (const path of ownKey ? [configFile, keyFile] : [configFile])
    if (existsSync(path)) throw new ConfigError('NODE_CONFIG_EXISTS', { metaMessages: [path] })
  const config = initialConfig(options, dataDir)
  const privateKey: Hex = ownKey ? generatePrivateKey() : readKeyFile(keyFile)
  const operator = privateKeyToAddress(privateKey)
  if (options.dryRun !== true) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    if (ownKey) writeFileSync(keyFile, `${privateKey}\n`, { flag: 'wx', mode: 0o600 })
    writeFileSync(configFile, `${JSON.stringify(config, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
  }
  const text = [
    options.dryRun === true ? `Would write ${configFile}` : `Wrote ${configFile}`,
    `Operator ${operator} (key in ${keyFile})`,
    'Next: give the operator some gas, have the owner approve it, then run `spartan node doctor`.',
  ]
  output.result({ configFile, keyFile, operator, written: options.dryRun !== true }, text.join('\n'))
}
