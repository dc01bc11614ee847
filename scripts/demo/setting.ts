import type { Hex } from 'viem'
import type { WorldContracts } from './contracts.ts'

/** What the later steps of a world need from the earlier ones. */
export interface WorldSetting {
  readonly rpcUrl: string
  readonly chainId: number
  readonly contracts: WorldContracts
  /** Contract addresses as JSON, for `spartan` commands. */
  readonly deploymentFile: string
  readonly stateDir: string
  readonly logs: string
  /** Output of every `spartan` command. */
  readonly cliLog: string
  readonly assetsDir: string
  readonly assetsUrl: string
  readonly simulatorUrl: string
  /** Whether the last provider has a GPU. */
  readonly gpu: boolean
  /** Uncompressed P-256 point. */
  readonly simulationRootKey: Hex
}
