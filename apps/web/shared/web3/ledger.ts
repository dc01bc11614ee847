'use client'
import { ledgerAbi } from '@spartan/sdk'
import { type Address, erc20Abi, parseAbi } from 'viem'
import { useReadContracts } from 'wagmi'
import type { PublicWorld } from '../../config/worldSchema.ts'
import type { TxStep } from '../tx/useTxFlow.ts'
import { useWallet } from './useWallet.ts'
import { contractAddress, useWorld } from './WorldContext.tsx'

const REFRESH_MS = 4_000

/** Money of the connected account, token base units. */
export interface Funds {
  /** In the ledger: pays channels, can be withdrawn at any time. */
  readonly ledger: bigint
  /** In the wallet. */
  readonly wallet: bigint
  /** What the ledger may take from the wallet without another approval. */
  readonly allowance: bigint
}

/** Ledger and wallet balance of the connected account; undefined without a wallet. */
export function useFunds() {
  const world = useWorld()
  const { address } = useWallet()
  const ledger = world.contracts.ledger
  const token = { address: world.token.address, abi: erc20Abi } as const
  const enabled = address !== undefined && ledger !== undefined
  const owner = address ?? world.token.address
  const spender = ledger ?? world.token.address
  const read = useReadContracts({
    contracts: [
      { address: spender, abi: ledgerAbi, functionName: 'balanceOf', args: [owner, world.token.address] },
      { ...token, functionName: 'balanceOf', args: [owner] },
      { ...token, functionName: 'allowance', args: [owner, spender] },
    ],
    allowFailure: false,
    query: { enabled, refetchInterval: REFRESH_MS },
  })
  const funds: Funds | undefined = read.data
    ? { ledger: read.data[0], wallet: read.data[1], allowance: read.data[2] }
    : undefined
  return { funds, error: read.error, isLoading: enabled && read.isPending }
}

/** Steps that put an amount into the ledger; the approval is left out where the allowance suffices. */
export function depositSteps(world: PublicWorld, funds: Funds, amount: bigint): TxStep[] {
  const ledger = contractAddress(world, 'ledger')
  const approve: TxStep = {
    label: 'Allow the ledger to take exactly this amount',
    call: { address: world.token.address, abi: erc20Abi, functionName: 'approve', args: [ledger, amount] },
  }
  const deposit: TxStep = {
    label: 'Deposit into your ledger balance',
    call: { address: ledger, abi: ledgerAbi, functionName: 'deposit', args: [world.token.address, amount] },
  }
  return funds.allowance >= amount ? [deposit] : [approve, deposit]
}

/** Step that takes an amount out of the ledger. */
export function withdrawStep(world: PublicWorld, amount: bigint): TxStep {
  return {
    label: 'Withdraw to your wallet',
    call: {
      address: contractAddress(world, 'ledger'),
      abi: ledgerAbi,
      functionName: 'withdraw',
      args: [world.token.address, amount],
    },
  }
}

/** Faucet of the local world's test token (contracts/periphery/dev/TestToken.sol). */
const FAUCET_ABI = parseAbi(['function faucet(address to, uint256 amount)'])
/** Whole tokens per click; the contract allows ten times as much. */
const FAUCET_TOKENS = 1_000n

/** Step that makes test tokens. Works on local worlds only: real tokens have no faucet. */
export function faucetStep(world: PublicWorld, to: Address): TxStep {
  const amount = FAUCET_TOKENS * 10n ** BigInt(world.token.decimals)
  return {
    label: `Get ${FAUCET_TOKENS} ${world.token.symbol}`,
    call: { address: world.token.address, abi: FAUCET_ABI, functionName: 'faucet', args: [to, amount] },
  }
}
