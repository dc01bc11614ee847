import { allErrorsAbi } from '@spartan/abi'
import {
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  encodeErrorResult,
  HttpRequestError,
  InsufficientFundsError,
  zeroHash,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { chainErrorOf } from './contractCall.ts'

const functionName = 'settleBatch'
const data = encodeErrorResult({ abi: allErrorsAbi, errorName: 'ChannelUnknown', args: [zeroHash] })
const reverted = new ContractFunctionRevertedError({ abi: allErrorsAbi, data, functionName })

describe('chainErrorOf', () => {
  test.each([
    ['CHANNEL_UNKNOWN', new ContractFunctionExecutionError(reverted, { abi: allErrorsAbi, functionName })],
    ['NODE_CHAIN_TRANSACTION_REVERTED', new ContractFunctionRevertedError({ abi: allErrorsAbi, functionName })],
    ['NODE_OPERATOR_UNFUNDED', new Error('sending', { cause: new InsufficientFundsError() })],
    ['NODE_CHAIN_UNREACHABLE', new HttpRequestError({ url: 'http://127.0.0.1:1' })],
  ])('error: %s', (code, thrown) => {
    const error = chainErrorOf(thrown, 'settling')
    expect(error.code).toBe(code)
    expect(error.metaMessages[0]).toBe('while: settling')
  })

  test('behavior: an error of ours stays as it is', () => {
    const own = new ConfigError('NODE_KEY_FILE_MISSING')
    expect(chainErrorOf(own, 'settling')).toBe(own)
  })
})
