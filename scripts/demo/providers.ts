import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { providerId as providerIdOf } from '@spartan/protocol'
import type { Address, Hex } from 'viem'
import type { PublishedAsset } from './asset.ts'
import { accountOf, type Role } from './chain.ts'
import { SPARTAN, spartan } from './cli.ts'
import { answers, startProcess, stopProcess, type WorldProcess, waitFor } from './processes.ts'
import type { WorldSetting } from './setting.ts'

const READY_MS = 60_000

export interface ProviderPlan {
  readonly name: string
  readonly platform: string
  readonly owner: Role
  readonly operator: Role
}

interface InitializedProvider {
  readonly plan: ProviderPlan
  readonly configFile: string
  readonly url: string
}

export interface StartedProvider {
  readonly process: WorldProcess
  /** Settles when the node ends again and again. */
  readonly broken: Promise<string>
  readonly url: string
  readonly providerId: Hex
  readonly owner: Address
  readonly operator: Address
  readonly pid: number
  readonly configFile: string
}

/** Writes a key for a `spartan` command, readable by its owner only. */
export function writeKeyFile(setting: WorldSetting, role: Role): string {
  const file = join(setting.stateDir, `${role}.key`)
  writeFileSync(file, `${accountOf(role).privateKey}\n`, { mode: 0o600 })
  return file
}

/** `spartan node init` for one provider. */
export async function initProvider(
  setting: WorldSetting,
  plan: ProviderPlan,
  port: number,
  asset: PublishedAsset,
): Promise<InitializedProvider> {
  const dataDir = join(setting.stateDir, plan.name)
  const flags = {
    'data-dir': dataDir,
    'rpc-url': setting.rpcUrl,
    'chain-id': String(setting.chainId),
    deployment: setting.deploymentFile,
    owner: accountOf(plan.owner).address,
    'operator-key-file': writeKeyFile(setting, plan.operator),
    tee: 'simulator',
    'simulator-url': setting.simulatorUrl,
    platform: plan.platform,
    'asset-id': String(asset.assetId),
    'asset-version': String(asset.version),
    port: String(port),
  }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const { configFile } = await spartan<{ configFile: string }>(['node', 'init', ...args], setting.cliLog)
  hurrySettlement(configFile)
  return { plan, configFile, url: `http://127.0.0.1:${port}` }
}

/** A person who tries the world wants to see the settlement; a real node waits until it is worth the gas. */
function hurrySettlement(configFile: string): void {
  const config = JSON.parse(readFileSync(configFile, 'utf8')) as Record<string, unknown>
  config.settlement = { maxAgeSeconds: 20, pollSeconds: 2 }
  writeFileSync(configFile, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
}

const RESTART_DELAY_MS = 500
const RESTARTS_ALLOWED = 5

/**
 * `spartan node serve` as a process of its own; it registers by itself. A node that ends is started again, as a service
 * manager would: its journal carries what is not settled yet.
 */
export function startProvider(
  setting: WorldSetting,
  { plan, configFile, url }: InitializedProvider,
  cleanups: (() => Promise<void>)[],
): StartedProvider {
  const log = join(setting.logs, `${plan.name}.log`)
  const start = () =>
    startProcess(plan.name, log, process.execPath, [...SPARTAN, 'node', 'serve', '--config', configFile])
  const broken = Promise.withResolvers<string>()
  const first = start()
  let current = first
  let stopping = false
  let restarts = 0
  const watch = (child: WorldProcess) => {
    child.ended.then(async (text) => {
      if (stopping) return
      restarts += 1
      if (restarts > RESTARTS_ALLOWED) return broken.resolve(`${text}; restarted ${RESTARTS_ALLOWED} times already`)
      console.error(`${text}; starting it again`)
      await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY_MS))
      if (stopping) return
      current = start()
      watch(current)
    })
  }
  watch(first)
  cleanups.push(() => {
    stopping = true
    return stopProcess(current)
  })
  const owner = accountOf(plan.owner).address
  const operator = accountOf(plan.operator).address
  const providerId = providerIdOf(owner, operator)
  return {
    process: first,
    broken: broken.promise,
    url,
    providerId,
    owner,
    operator,
    pid: first.child.pid ?? 0,
    configFile,
  }
}

/** Waits until a node says that it is attested, registered and has its model. */
export async function waitUntilReady({ process: child, url }: StartedProvider): Promise<void> {
  await waitFor(child, () => answers(`${url}/readyz`), READY_MS)
}
