import { REASONS, type ReasonCode } from '@spartan/errors'
import {
  AbiDecodingZeroDataError,
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  ExecutionRevertedError,
  encodeAbiParameters,
  encodeErrorResult,
  type Hex,
  HttpRequestError,
  InsufficientFundsError,
  stringToHex,
  toFunctionSelector,
  zeroHash,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { allErrorsAbi, classifyCallError, decodeContractError, reasonFromBytes32, reasonToBytes32 } from './index.ts'

describe('reasonToBytes32', () => {
  test('pads short codes on the right', () => {
    expect(reasonToBytes32('CHANNEL_CLOSED')).toBe(stringToHex('CHANNEL_CLOSED', { size: 32 }))
  })

  test('every code that contracts return survives the way there and back', () => {
    const returned = (Object.keys(REASONS) as ReasonCode[]).filter((c) => /^(REGISTRY|CHANNEL|LEDGER|ASSET)_/.test(c))
    expect(returned.length).toBeGreaterThan(30)
    for (const code of returned) expect(reasonFromBytes32(reasonToBytes32(code))).toBe(code)
  })
})

describe('reasonFromBytes32', () => {
  test('zero is no objection', () => {
    expect(reasonFromBytes32(zeroHash)).toBeUndefined()
  })

  test('error: REGISTRY_REASON_UNKNOWN', () => {
    const word = stringToHex('NOT_A_CODE', { size: 32 })
    expect(() => reasonFromBytes32(word)).toThrow(expect.objectContaining({ code: 'REGISTRY_REASON_UNKNOWN' }))
  })
})

describe('decodeContractError', () => {
  const message: Hex = `${toFunctionSelector('Error(string)')}${encodeAbiParameters([{ type: 'string' }], ['no']).slice(2)}`

  test('reads data from any depth of the cause chain', () => {
    const thrown = new Error('outer', { cause: { error: { data: { data: message } } } })
    expect(decodeContractError(thrown)).toEqual({ code: undefined, name: 'Error', args: ['no'] })
  })

  test('returns undefined without revert data, for unknown selectors and for cycles', () => {
    const cycle: { cause?: unknown } = {}
    cycle.cause = cycle
    for (const thrown of [undefined, 'text', new Error('x'), '0xdeadbeef', cycle]) {
      expect(decodeContractError(thrown)).toBeUndefined()
    }
  })
})

describe('classifyCallError', () => {
  const functionName = 'settleBatch'
  /** As viem throws it from readContract and simulateContract. */
  const executed = (cause: ConstructorParameters<typeof ContractFunctionExecutionError>[0]) =>
    new ContractFunctionExecutionError(cause, { abi: allErrorsAbi, functionName })

  test('reverted: the error of a contract, with its code', () => {
    const data = encodeErrorResult({ abi: allErrorsAbi, errorName: 'ChannelUnknown', args: [zeroHash] })
    const thrown = executed(new ContractFunctionRevertedError({ abi: allErrorsAbi, data, functionName }))
    expect(classifyCallError(thrown)).toMatchObject({ kind: 'reverted', error: { code: 'CHANNEL_UNKNOWN' } })
  })

  test.each([
    ['a revert without data', executed(new ContractFunctionRevertedError({ abi: allErrorsAbi, functionName }))],
    [
      'no contract at the address',
      executed(new ContractFunctionZeroDataError({ functionName, cause: new AbiDecodingZeroDataError() })),
    ],
    [
      'a revert that only the RPC endpoint names',
      new Error('call', { cause: new ExecutionRevertedError({ message: 'no' }) }),
    ],
  ])('reverted: %s', (_, thrown) => {
    expect(classifyCallError(thrown)).toEqual({ kind: 'reverted', error: undefined })
  })

  test.each([
    ['viem', executed(new InsufficientFundsError())],
    ['ethers', Object.assign(new Error('insufficient funds'), { code: 'INSUFFICIENT_FUNDS' })],
  ])('unfunded: the sender cannot pay, said by %s', (_, thrown) => {
    expect(classifyCallError(thrown)).toEqual({ kind: 'unfunded' })
  })

  test('unreachable: everything else', () => {
    for (const thrown of [new HttpRequestError({ url: 'http://127.0.0.1:1' }), new Error('x'), 'text', undefined]) {
      expect(classifyCallError(thrown)).toEqual({ kind: 'unreachable' })
    }
  })
})
