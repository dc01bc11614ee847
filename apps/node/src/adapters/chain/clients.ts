import { type Abi, type Account, createPublicClient, createWalletClient, type Hex, http, type PublicClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { ChainError } from '../../errors.ts'
import { guardedCall } from './contractCall.ts'

const RPC_TIMEOUT_MS = 20_000

/** One state-changing call. */
export interface ContractWrite {
  readonly address: Hex
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** RPC endpoint and the one account that pays. */
export interface ChainClients {
  readonly chainId: bigint
  readonly account: Account
  readonly public: PublicClient
  /** Throws the reason when the call would revert; sends nothing. */
  simulate(what: string, write: ContractWrite): Promise<void>
  /** Simulates, sends and waits. One at a time, so that nonces never collide. Failures: the contract's code, `NODE_CHAIN_…`. */
  send(what: string, write: ContractWrite): Promise<Hex>
}

/** @throws {ChainError} `NODE_CHAIN_UNREACHABLE`, `NODE_CHAIN_WRONG_ID`. */
export async function connectChain(options: {
  readonly rpcUrl: string
  readonly chainId: number
  readonly privateKey: Hex
  readonly confirmations?: number
  readonly pollSeconds?: number
}): Promise<ChainClients> {
  const transport = http(options.rpcUrl, { timeout: RPC_TIMEOUT_MS, retryCount: 2 })
  const account = privateKeyToAccount(options.privateKey)
  const pollingInterval = Math.min((options.pollSeconds ?? 4) * 1000, 1000)
  const publicClient = createPublicClient({ transport, pollingInterval })
  const wallet = createWalletClient({ account, transport })
  const actual = await guardedCall('reading the chain id', () => publicClient.getChainId())
  if (actual !== options.chainId)
    throw new ChainError('NODE_CHAIN_WRONG_ID', { metaMessages: [`expected ${options.chainId}, got ${actual}`] })

  const simulate = (what: string, write: ContractWrite) =>
    guardedCall(what, async () => {
      await publicClient.simulateContract({ ...write, account })
    })
  const send = async (what: string, write: ContractWrite) => {
    await simulate(what, write)
    return guardedCall(what, async () => {
      const hash = await wallet.writeContract({ ...write, chain: null })
      const receipt = await publicClient.waitForTransactionReceipt({ hash, confirmations: options.confirmations ?? 1 })
      if (receipt.status !== 'success')
        throw new ChainError('NODE_CHAIN_TRANSACTION_REVERTED', { metaMessages: [`transaction ${hash}`] })
      return hash
    })
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    chainId: BigInt(actual),
    account,
    public: publicClient,
    simulate,
    send: (what, write) => {
      const next = last.then(
        () => send(what, write),
        () => send(what, write),
      )
      last = next
      return next
    },
  }
}
