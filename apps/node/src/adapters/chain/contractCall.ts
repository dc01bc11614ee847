import { classifyCallError } from '@spartan/abi'
import { type ReasonCode, BaseError as SpartanError } from '@spartan/errors'
import { BaseError as ViemError } from 'viem'
import { ChainError, messageOf } from '../../errors.ts'

/** Turns what viem threw into the contract's own reason code, `NODE_OPERATOR_UNFUNDED`, or into `NODE_CHAIN_…`. */
export function chainErrorOf(error: unknown, what: string): SpartanError {
  if (error instanceof SpartanError) return error
  const failure = classifyCallError(error)
  const fail = (code: ReasonCode, ...lines: string[]) =>
    new ChainError(code, { metaMessages: [`while: ${what}`, ...lines], cause: error })
  if (failure.kind === 'unfunded') return fail('NODE_OPERATOR_UNFUNDED')
  if (failure.kind === 'unreachable') return fail('NODE_CHAIN_UNREACHABLE', shortOf(error))
  const revert = failure.error
  if (revert === undefined) return fail('NODE_CHAIN_TRANSACTION_REVERTED', shortOf(error))
  const values = revert.args.map(String)
  return revert.code === undefined
    ? fail('NODE_CHAIN_TRANSACTION_REVERTED', `${revert.name}(${values.join(', ')})`)
    : fail(revert.code, ...values)
}

/** Runs a read or write and names its failure. */
export async function guardedCall<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw chainErrorOf(error, what)
  }
}

/** viem's own short sentence; its full message would carry the calldata. */
function shortOf(error: unknown): string {
  return error instanceof ViemError ? error.shortMessage : messageOf(error)
}
