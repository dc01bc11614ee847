import { encodeErrorResult } from 'viem'
import { describe, expect, test } from 'vitest'
import { explain, isRejection } from './explain.ts'
import { WebError } from './WebError.ts'

describe('explain', () => {
  test('behavior: a refusal in the wallet is neutral, however deep it lies', () => {
    const error = new Error('outer', { cause: Object.assign(new Error('User rejected'), { code: 4001 }) })
    expect(isRejection(error)).toBe(true)
    expect(explain(error)).toMatchObject({ tone: 'neutral', title: 'You declined in the wallet.' })
    expect(explain(error).code).toBeUndefined()
  })

  test('our own errors keep their code, sentence and next step', () => {
    const explanation = explain(new WebError('WEB_CONTRACT_MISSING', { metaMessages: ['contract: Ledger'] }))
    expect(explanation).toMatchObject({ tone: 'bad', code: 'WEB_CONTRACT_MISSING', technical: 'contract: Ledger' })
    expect(explanation.action).not.toBe('')
  })

  test('a custom error of a contract becomes its row of the table', () => {
    const abi = [{ type: 'error', name: 'RegistryChallengeStale', inputs: [] }] as const
    const data = encodeErrorResult({ abi, errorName: 'RegistryChallengeStale' })
    const explanation = explain(new Error('reverted', { cause: { data } }))
    // Known only when the generated ABIs hold the error; either way the reader gets a sentence and a step.
    expect(explanation.title).not.toMatch(/0x/)
    expect(explanation.action).not.toBe('')
  })

  test('Error(string) keeps its argument', () => {
    const abi = [{ type: 'error', name: 'Error', inputs: [{ name: 'message', type: 'string' }] }] as const
    const data = encodeErrorResult({ abi, errorName: 'Error', args: ['too late'] })
    expect(explain(new Error('reverted', { cause: { data } })).title).toBe('The contract refused: too late.')
  })

  test('no money for gas and no chain have their own rows', () => {
    expect(explain(new Error('insufficient funds for gas * price + value')).code).toBe('WEB_FUNDS_INSUFFICIENT')
    expect(explain(new Error('HTTP request failed.')).code).toBe('WEB_CHAIN_UNREACHABLE')
  })

  test('the unknown is shown in its own words', () => {
    expect(explain('boom')).toMatchObject({ tone: 'bad', title: 'boom' })
  })
})
