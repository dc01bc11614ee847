import type { Abi, Address, PublicClient, TransactionReceipt } from 'viem'
import { clientsFor, indexOf, type Role } from '../../scripts/demo/chain.ts'
import { send } from '../../scripts/demo/contracts.ts'

/** One call of a contract. */
export interface Call {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** Somebody who uses the contracts: every step of a test world is done by one. */
export interface Actor {
  readonly address: Address
  readonly client: PublicClient
  /** Sends a call and waits until it is mined; throws when it reverts. */
  readonly send: (call: Call) => Promise<TransactionReceipt>
}

/** Who has a role on a chain behind an RPC endpoint. */
export function actorOf(rpcUrl: string, role: Role): Actor {
  const { account, publicClient } = clientsFor(rpcUrl, indexOf(role))
  return { address: account.address, client: publicClient, send: (call) => send(rpcUrl, role, call) }
}
