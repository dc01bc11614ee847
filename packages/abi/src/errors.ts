import { BaseError, codeOfSolidityError, isReasonCode, REASONS, type ReasonCode } from '@spartan/errors'
import { decodeErrorResult, type Hex, hexToBytes, isHex, padHex, stringToHex, trim, zeroHash } from 'viem'
import { allErrorsAbi } from './generated/errors.ts'

/** A revert in words. */
export interface ContractError {
  /** Row of the reason table; undefined for reverts that are not ours: `Error(string)`, `Panic(uint256)`, a library's error. */
  readonly code: ReasonCode | undefined
  /** Name of the Solidity error. */
  readonly name: string
  readonly args: readonly unknown[]
}

/**
 * Finds revert data in an error of viem, ethers or a raw JSON-RPC client and decodes it with every error of the contracts.
 *
 * Returns undefined when the error carries no revert data, or data of an unknown selector.
 *
 * @param error - What was thrown, or the revert data itself as hex.
 */
export function decodeContractError(error: unknown): ContractError | undefined {
  for (const data of revertDataOf(error)) {
    const decoded = decodeRevertData(data)
    if (decoded !== undefined) return decoded
  }
  return undefined
}

/** Why a read, a simulation or a transaction failed. */
export type CallFailure =
  /** A contract, or the EVM, refused. `error` is undefined when no data came with it, or data of an unknown selector. */
  | { readonly kind: 'reverted'; readonly error: ContractError | undefined }
  /** The sender cannot pay the gas. No contract has run. */
  | { readonly kind: 'unfunded' }
  /** Nothing is known about the call: no answer, or none that says that a contract refused. */
  | { readonly kind: 'unreachable' }

/** viem's names for a revert without data that we know, and for a view that answers nothing because there is no contract. */
const REVERTS: ReadonlySet<string> = new Set([
  'ContractFunctionRevertedError',
  'ContractFunctionZeroDataError',
  'ExecutionRevertedError',
  'RawContractError',
])

/** viem by the name of its error, ethers by its code. */
const UNFUNDED: ReadonlySet<unknown> = new Set(['InsufficientFundsError', 'INSUFFICIENT_FUNDS'])

/** Says what kind of failure viem, ethers or a JSON-RPC client has thrown for a call. */
export function classifyCallError(error: unknown): CallFailure {
  const decoded = decodeContractError(error)
  if (decoded !== undefined) return { kind: 'reverted', error: decoded }
  const chain = [...causesOf(error)]
  if (chain.some(({ name, code }) => UNFUNDED.has(name) || UNFUNDED.has(code))) return { kind: 'unfunded' }
  const reverted = chain.some(({ name }) => typeof name === 'string' && REVERTS.has(name))
  return reverted ? { kind: 'reverted', error: undefined } : { kind: 'unreachable' }
}

/** An error and its causes, outermost first. A cycle ends the walk. */
function* causesOf(error: unknown): Generator<{ readonly name?: unknown; readonly code?: unknown }> {
  const seen = new Set<unknown>()
  let current = error
  while (typeof current === 'object' && current !== null && !seen.has(current)) {
    seen.add(current)
    yield current
    current = (current as { readonly cause?: unknown }).cause
  }
}

function decodeRevertData(data: Hex): ContractError | undefined {
  try {
    // decodeErrorResult knows Error(string) and Panic(uint256) besides the given ABI.
    const { errorName, args } = decodeErrorResult({ abi: allErrorsAbi, data })
    const code = codeOfSolidityError(errorName)
    return { code: isReasonCode(code) ? code : undefined, name: errorName, args: (args ?? []) as readonly unknown[] }
  } catch {
    return undefined
  }
}

/** Candidates from the outermost error inwards. A cycle in the cause chain ends the walk. */
function* revertDataOf(error: unknown): Generator<Hex> {
  const seen = new Set<unknown>()
  const queue: unknown[] = [error]
  while (queue.length > 0) {
    const current = queue.shift()
    if (isRevertData(current)) yield current
    if (typeof current !== 'object' || current === null || seen.has(current)) continue
    seen.add(current)
    const { raw, data, cause, error: inner } = current as Record<string, unknown>
    queue.push(raw, data, inner, cause)
  }
}

function isRevertData(value: unknown): value is Hex {
  return typeof value === 'string' && isHex(value) && value.length >= 10
}

/**
 * Writes a reason code the way contracts return it: ASCII, padded with zeros on the right, cut to 32 bytes.
 */
export function reasonToBytes32(code: ReasonCode): Hex {
  return padHex(stringToHex(code.slice(0, 32)), { size: 32, dir: 'right' })
}

/** Codes that share their first 32 bytes with another are left out: a contract must not return them. */
const CODE_BY_BYTES32: ReadonlyMap<Hex, ReasonCode> = (() => {
  const codes = (Object.keys(REASONS) as ReasonCode[]).map((code) => [reasonToBytes32(code), code] as const)
  const count = new Map<Hex, number>()
  for (const [word] of codes) count.set(word, (count.get(word) ?? 0) + 1)
  return new Map(codes.filter(([word]) => count.get(word) === 1))
})()

/**
 * Reads a reason code returned by `canServe`, `settleBatch` or `receiptSignerAt`.
 *
 * @returns undefined for the zero word, which means "no objection".
 * @throws {BaseError} `REGISTRY_REASON_UNKNOWN` for any other word that is not in the table: never taken for "ok".
 */
export function reasonFromBytes32(word: Hex): ReasonCode | undefined {
  if (word === zeroHash) return undefined
  const code = CODE_BY_BYTES32.get(word.toLowerCase() as Hex)
  if (code !== undefined) return code
  const text = new TextDecoder().decode(hexToBytes(trim(word, { dir: 'right' })))
  throw new BaseError('REGISTRY_REASON_UNKNOWN', { metaMessages: [`word ${word} ("${text}")`] })
}
