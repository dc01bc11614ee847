import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Address, Hex } from 'viem'
import type { WorldAccount } from './chain.ts'

/** What `.spartan/world.json` tells scripts about a running world (docs/architecture.md, "Local world"). */
export interface World {
  readonly rpcUrl: string
  readonly chainId: number
  readonly contracts: Readonly<Record<string, Address>>
  readonly providers: readonly {
    readonly url: string
    readonly providerId: Hex
    readonly operator: Address
    readonly owner: Address
    /** Of the node's process; another one after a restart. */
    readonly pid: number
    readonly configFile: string
  }[]
  readonly assets: readonly {
    readonly assetId: string
    readonly version: number
    readonly name: string
    readonly manifestUri: string
  }[]
  readonly priceFeeds: Readonly<Record<string, Address>>
  readonly webUrl: string
  readonly marketUrl: string
  readonly simulatorUrl: string
  /** Uncompressed P-256 point. */
  readonly simulationRootKey: Hex
  readonly workloadId: Hex
  readonly token: { readonly address: Address; readonly symbol: string; readonly decimals: number }
  readonly accounts: readonly WorldAccount[]
  readonly logs: string
}

/** Writes the file whole or not at all, readable by its owner only: it holds the test accounts' keys. */
export function writeWorld(file: string, world: World): void {
  mkdirSync(dirname(file), { recursive: true })
  const partial = `${file}.partial`
  writeFileSync(partial, `${JSON.stringify(world, null, 2)}\n`, { mode: 0o600 })
  renameSync(partial, file)
}
