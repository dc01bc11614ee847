import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { providerId as providerIdOf } from '@spartan/protocol'
import type { Address, Hex } from 'viem'
import type { PublishedAsset } from './asset.ts'
import { accountOf, type Role } from './chain.ts'
import { SPARTAN, spartan } from './cli.ts'
import { answers, startProcess, stopProcess, type WorldProcess, waitFor } from './processes.ts'
import { PROVIDER_PLANS, type ProviderPlan } from './providerPlans.ts'
import type { WorldSetting } from './setting.ts'

const READY_MS = 180_000

interface InitializedProvider {
  readonly plan: ProviderPlan
  readonly configFile: string
  readonly url: string
}

/** A provider whose node is started again when it ends. */
export interface StartedProvider {
  readonly name: string
  readonly logFile: string
  /** Settles when the node has ended so often that it is not started again. */
  readonly ended: Promise<string>
  readonly url: string
  readonly providerId: Hex
  readonly owner: Address
  readonly operator: Address
  readonly configFile: string
  /** Of the process that runs now. */
  readonly pid: () => number
  /** Is told after every restart. */
  readonly onRestart: (listener: () => void) => void
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
    ...(setting.gpu && plan === PROVIDER_PLANS.at(-1) ? { gpu: `${setting.simulatorUrl}/gpu` } : {}),
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
  const { name } = plan
  const logFile = join(setting.logs, `${name}.log`)
  const start = () =>
    startProcess(name, logFile, process.execPath, [...SPARTAN, 'node', 'serve', '--config', configFile])
  const ended = Promise.withResolvers<string>()
  const listeners: (() => void)[] = []
  let current = start()
  let stopping = false
  let restarts = 0
  const watch = (child: WorldProcess) => {
    child.ended.then(async (text) => {
      // A node that ends by itself with code 0 was asked to, by its operator or together with the whole world.
      if (stopping || child.child.exitCode === 0) return
      restarts += 1
      if (restarts > RESTARTS_ALLOWED) return ended.resolve(`${text}; restarted ${RESTARTS_ALLOWED} times already`)
      console.error(`${text}; starting it again`)
      await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY_MS))
      if (stopping) return
      current = start()
      watch(current)
      for (const listener of listeners) listener()
    })
  }
  watch(current)
  cleanups.push(() => {
    stopping = true
    return stopProcess(current)
  })
  const owner = accountOf(plan.owner).address
  const operator = accountOf(plan.operator).address
  return {
    name,
    logFile,
    ended: ended.promise,
    url,
    providerId: providerIdOf(owner, operator),
    owner,
    operator,
    configFile,
    pid: () => current.child.pid ?? 0,
    onRestart: (listener) => {
      listeners.push(listener)
    },
  }
}

/** Waits until a node says that it is attested, registered and has its model; a restart on the way is no failure. */
export async function waitUntilReady(provider: StartedProvider): Promise<void> {
  await waitFor(provider, () => answers(`${provider.url}/readyz`), READY_MS)
}
