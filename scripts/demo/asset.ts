import { join } from 'node:path'
import { TREND } from '../model/paths.ts'
import { SPARTAN, spartan } from './cli.ts'
import { WORKLOAD_ID } from './contracts.ts'
import { startProcess, stopProcess } from './processes.ts'
import { writeKeyFile } from './providers.ts'
import type { WorldSetting } from './setting.ts'

/** What nodes serve it as, too: docs/architecture.md, "The trend model". */
export const MODEL_NAME = 'trend'
/** tUSD base units (10⁻⁶) per element: 257 closes and 4 outputs cost about 0.0046 tUSD. */
const PRICE_PER_UNIT_IN = '10'
const PRICE_PER_UNIT_OUT = '500'
const OWNER_SHARE_BPS = '3000'

export interface PublishedAsset {
  readonly assetId: bigint
  readonly version: number
  readonly manifestUri: string
  readonly ownerKeyFile: string
  /** Holds the content key: the asset owner's alone. */
  readonly ownerFile: string
}

/** `spartan asset publish`: seals the trend model and lists it with price, split and accepted workload. */
export async function publishTrendModel(setting: WorldSetting): Promise<PublishedAsset> {
  const ownerKeyFile = writeKeyFile(setting, 'assetOwner')
  const ownerFile = join(setting.stateDir, 'trend.owner.json')
  const flags = {
    'rpc-url': setting.rpcUrl,
    'chain-id': String(setting.chainId),
    deployment: setting.deploymentFile,
    'key-file': ownerKeyFile,
    name: MODEL_NAME,
    model: TREND.onnx,
    description: TREND.description,
    out: join(setting.assetsDir, 'trend'),
    'base-uri': `${setting.assetsUrl}/trend`,
    'owner-file': ownerFile,
    token: setting.contracts.token,
    'price-in': PRICE_PER_UNIT_IN,
    'price-out': PRICE_PER_UNIT_OUT,
    'owner-share-bps': OWNER_SHARE_BPS,
    workload: WORKLOAD_ID,
    licence: 'Apache-2.0',
  }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
  const answer = await spartan<{ assetId: string; version: number; manifestUri: string }>(
    ['asset', 'publish', ...args],
    setting.cliLog,
  )
  return { ...answer, assetId: BigInt(answer.assetId), ownerKeyFile, ownerFile }
}

/** `spartan broker run`: verifies every provider's evidence itself and seals the model key to those that pass. */
export function startBroker(setting: WorldSetting, asset: PublishedAsset, cleanups: (() => Promise<void>)[]) {
  const flags = {
    'rpc-url': setting.rpcUrl,
    'chain-id': String(setting.chainId),
    deployment: setting.deploymentFile,
    'key-file': asset.ownerKeyFile,
    'owner-file': asset.ownerFile,
    'simulation-root': setting.simulationRootKey,
  }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const broker = startProcess('the key broker', join(setting.logs, 'broker.log'), process.execPath, [
    ...SPARTAN,
    'broker',
    'run',
    ...args,
  ])
  cleanups.push(() => stopProcess(broker))
  return broker
}
