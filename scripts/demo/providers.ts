import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { providerId as providerIdOf } from '@spartan/protocol'
import type { Address, Hex } from 'viem'
import type { PublishedAsset } from './asset.ts'
import { indexOf, type Role, worldAccounts } from './chain.ts'
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
  readonly url: string
  readonly providerId: Hex
  readonly owner: Address
  readonly operator: Address
  readonly pid: number
  readonly configFile: string
}

function accountOf(role: Role) {
  const account = worldAccounts()[indexOf(role)]
  if (!account) throw new Error(`no account for ${role}`)
  return account
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
  return { plan, configFile, url: `http://127.0.0.1:${port}` }
}

/** `spartan node serve` as a process of its own; it registers by itself. */
export function startProvider(
  setting: WorldSetting,
  { plan, configFile, url }: InitializedProvider,
  cleanups: (() => Promise<void>)[],
): StartedProvider {
  const log = join(setting.logs, `${plan.name}.log`)
  const child = startProcess(plan.name, log, process.execPath, [...SPARTAN, 'node', 'serve', '--config', configFile])
  cleanups.push(() => stopProcess(child))
  const owner = accountOf(plan.owner).address
  const operator = accountOf(plan.operator).address
  return {
    process: child,
    url,
    providerId: providerIdOf(owner, operator),
    owner,
    operator,
    pid: child.child.pid ?? 0,
    configFile,
  }
}

/** Waits until a node says that it is attested, registered and has its model. */
export async function waitUntilReady({ process: child, url }: StartedProvider): Promise<void> {
  await waitFor(child, () => answers(`${url}/readyz`), READY_MS)
}
