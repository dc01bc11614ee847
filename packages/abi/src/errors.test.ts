import { REASONS, type ReasonCode } from '@spartan/errors'
import { encodeAbiParameters, type Hex, stringToHex, toFunctionSelector, zeroHash } from 'viem'
import { describe, expect, test } from 'vitest'
import { decodeContractError, reasonFromBytes32, reasonToBytes32 } from './index.ts'

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
