import type { Abi, Address, Hex } from 'viem'
import { isRejection } from '../errors/explain.ts'

/** One contract call of a flow. */
export interface TxCall {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** Where a transaction is. Ends: confirmed, reverted, replaced, rejected, failed. */
export type TxStage =
  /** Before the chain is asked: a provider is verified, or has to agree. */
  | { readonly name: 'preparing' }
  | { readonly name: 'simulating' }
  | { readonly name: 'awaiting-signature' }
  | { readonly name: 'submitted'; readonly hash: Hex }
  | { readonly name: 'confirming'; readonly hash: Hex }
  | { readonly name: 'confirmed'; readonly hash: Hex; readonly spedUp: boolean }
  | { readonly name: 'reverted'; readonly hash: Hex }
  | { readonly name: 'replaced'; readonly hash: Hex; readonly reason: 'cancelled' | 'replaced' }
  | { readonly name: 'rejected' }
  | { readonly name: 'failed'; readonly error: unknown }

/** Mined transaction: hash (of the replacement, if it was sped up), status and logs. */
export interface MinedTransaction {
  readonly hash: Hex
  readonly status: 'success' | 'reverted'
  readonly logs: readonly { readonly address: Address; readonly topics: readonly Hex[]; readonly data: Hex }[]
}

/** The world outside: chain and wallet. */
export interface TxPorts {
  /** Runs the call without sending it; throws when it would revert. */
  readonly simulate: (call: TxCall) => Promise<void>
  /** Asks the wallet; resolves to the hash when it has sent. */
  readonly send: (call: TxCall) => Promise<Hex>
  /** Resolves when the chain knows the transaction. */
  readonly seen: (hash: Hex) => Promise<void>
  readonly mined: (
    hash: Hex,
    onReplaced: (reason: 'repriced' | 'cancelled' | 'replaced') => void,
  ) => Promise<MinedTransaction>
}

/**
 * Sends one call and follows it to its end.
 *
 * Nothing is signed that would revert: the simulation comes first and its refusal is the outcome. Never throws; the last
 * stage says how it ended.
 *
 * @returns The mined transaction when it did what was asked, else undefined.
 */
export async function followTransaction(
  ports: TxPorts,
  call: TxCall,
  onStage: (stage: TxStage) => void,
): Promise<MinedTransaction | undefined> {
  try {
    onStage({ name: 'simulating' })
    await ports.simulate(call)
    onStage({ name: 'awaiting-signature' })
    const hash = await ports.send(call)
    onStage({ name: 'submitted', hash })
    return await waitForEnd(ports, hash, onStage)
  } catch (error) {
    onStage(isRejection(error) ? { name: 'rejected' } : { name: 'failed', error })
    return undefined
  }
}

async function waitForEnd(
  ports: TxPorts,
  hash: Hex,
  onStage: (stage: TxStage) => void,
): Promise<MinedTransaction | undefined> {
  let ended = false
  let replacement: 'repriced' | 'cancelled' | 'replaced' | undefined
  const seen = ports.seen(hash).then(
    () => {
      if (!ended) onStage({ name: 'confirming', hash })
    },
    () => undefined,
  )
  const mined = await ports.mined(hash, (reason) => {
    replacement = reason
  })
  ended = true
  await Promise.race([seen, Promise.resolve()])
  if (mined.status === 'reverted') onStage({ name: 'reverted', hash: mined.hash })
  else if (replacement === 'cancelled' || replacement === 'replaced')
    onStage({ name: 'replaced', hash: mined.hash, reason: replacement })
  else {
    onStage({ name: 'confirmed', hash: mined.hash, spedUp: replacement === 'repriced' })
    return mined
  }
  return undefined
}
