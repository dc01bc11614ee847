import { decodeContractError } from '@spartan/abi'
import { BaseError as SpartanError } from '@spartan/errors'
import { BaseError as ViemError } from 'viem'
import { ChainError, messageOf } from '../../errors.ts'

/** Turns what viem threw into the contract's own reason code, or into `NODE_CHAIN_…`. */
export function chainErrorOf(error: unknown, what: string): SpartanError {
  if (error instanceof SpartanError) return error
  const revert = decodeContractError(error)
  if (revert?.code !== undefined)
    return new ChainError(revert.code, { metaMessages: [`while: ${what}`, ...revert.args.map(String)], cause: error })
  if (revert !== undefined || isRevert(error))
    return new ChainError('NODE_CHAIN_TRANSACTION_REVERTED', {
      metaMessages: [
        `while: ${what}`,
        revert === undefined ? shortOf(error) : `${revert.name}(${revert.args.join(', ')})`,
      ],
      cause: error,
    })
  return new ChainError('NODE_CHAIN_UNREACHABLE', { metaMessages: [`while: ${what}`, shortOf(error)], cause: error })
}

/** Runs a read or write and names its failure. */
export async function guardedCall<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw chainErrorOf(error, what)
  }
}

const REVERT_NAMES = new Set(['ContractFunctionRevertedError', 'ExecutionRevertedError', 'InsufficientFundsError'])

function isRevert(error: unknown): boolean {
  return error instanceof ViemError && error.walk((e) => e instanceof Error && REVERT_NAMES.has(e.name)) !== null
}

/** viem's own short sentence; its full message would carry the calldata. */
function shortOf(error: unknown): string {
  return error instanceof ViemError ? error.shortMessage : messageOf(error)
}
