import { ledgerAbi, testTokenAbi } from '@spartan/abi'
import type { Address } from 'viem'
import type { Actor } from './actor.ts'

/** Test tokens for an account, base units; they stay in its wallet. */
export async function mint({ address, send }: Actor, token: Address, amount: bigint): Promise<void> {
  await send({ address: token, abi: testTokenAbi, functionName: 'faucet', args: [address, amount] })
}

/** Test tokens for an account, base units; they go into the Ledger. */
export async function fund(actor: Actor, { token, ledger }: { token: Address; ledger: Address }, amount: bigint) {
  await mint(actor, token, amount)
  await actor.send({ address: token, abi: testTokenAbi, functionName: 'approve', args: [ledger, amount] })
  await actor.send({ address: ledger, abi: ledgerAbi, functionName: 'deposit', args: [token, amount] })
}
