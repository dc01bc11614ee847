import { classifyCallError } from '@spartan/abi'
import { BaseError } from '@spartan/errors'
import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  type Hex,
  type TransactionReceipt,
} from 'viem'
import { type ClientContext, requireWallet } from './clientContext.ts'
import { SdkError } from './errors.ts'
import { askWallet } from './wallet.ts'

/** Reads a view. Failures: the contract's own code, `SDK_CONTRACT_REFUSED`, `SDK_CHAIN_UNREACHABLE`. */
export async function read<
  const abi extends Abi,
  name extends ContractFunctionName<abi, 'view' | 'pure'>,
  const args extends ContractFunctionArgs<abi, 'view' | 'pure', name>,
>(
  context: Pick<ClientContext, 'publicClient'>,
  call: { readonly address: Address; readonly abi: abi; readonly functionName: name; readonly args: args },
): Promise<ContractFunctionReturnType<abi, 'view' | 'pure', name, args>> {
  try {
    return (await context.publicClient.readContract(call as never)) as ContractFunctionReturnType<
      abi,
      'view' | 'pure',
      name,
      args
    >
  } catch (error) {
    throw contractRefusal(error)
  }
}

/**
 * Simulates a call, has the wallet send it, and waits until it is mined.
 *
 * @throws {SdkError} The contract's own code or `SDK_CONTRACT_REFUSED` before anything is signed; `SDK_GAS_UNFUNDED`,
 *   `SDK_WALLET_REJECTED`, `SDK_WALLET_FAILED`, `SDK_TRANSACTION_REVERTED`, `SDK_CHAIN_WRONG`, `SDK_WALLET_MISSING`.
 */
export async function write<
  const abi extends Abi,
  name extends ContractFunctionName<abi, 'nonpayable' | 'payable'>,
  const args extends ContractFunctionArgs<abi, 'nonpayable' | 'payable', name>,
>(
  context: ClientContext,
  call: { readonly address: Address; readonly abi: abi; readonly functionName: name; readonly args: args },
  onSent?: (hash: Hex) => void,
): Promise<TransactionReceipt> {
  const wallet = await requireWallet(context)
  const account = await wallet.getAddress()
  const data = encodeFunctionData({
    abi: call.abi,
    functionName: call.functionName,
    args: call.args,
  } as unknown as EncodeFunctionDataParameters)
  try {
    await context.publicClient.call({ account, to: call.address, data })
  } catch (error) {
    throw contractRefusal(error)
  }
  const hash = await askWallet(() => wallet.sendTransaction({ to: call.address, data }))
  onSent?.(hash)
  return waitFor(context, hash)
}

async function waitFor(context: ClientContext, hash: Hex): Promise<TransactionReceipt> {
  const receipt = await context.publicClient.waitForTransactionReceipt({ hash }).catch((cause) => {
    throw new SdkError('SDK_CHAIN_UNREACHABLE', { metaMessages: [`waiting for transaction ${hash}`], cause })
  })
  if (receipt.status !== 'success') {
    throw new SdkError('SDK_TRANSACTION_REVERTED', { metaMessages: [`transaction ${hash}`] })
  }
  return receipt
}

/** Turns what viem throws into the code of the contract's custom error, where it carries one. */
export function contractRefusal(error: unknown): BaseError {
  if (error instanceof BaseError) return error
  const failure = classifyCallError(error)
  if (failure.kind === 'unfunded') return new SdkError('SDK_GAS_UNFUNDED', { cause: error })
  if (failure.kind === 'unreachable') return new SdkError('SDK_CHAIN_UNREACHABLE', { cause: error })
  const { error: revert } = failure
  if (revert === undefined) return new SdkError('SDK_CONTRACT_REFUSED', { cause: error })
  const values = revert.args.length === 0 ? '' : `(${revert.args.map(String).join(', ')})`
  const metaMessages = [`${revert.name}${values}`]
  return new SdkError(revert.code ?? 'SDK_CONTRACT_REFUSED', { metaMessages, cause: error })
}
