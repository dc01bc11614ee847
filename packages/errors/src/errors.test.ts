import { describe, expect, it } from 'vitest'
import { BaseError, codeOfSolidityError, isReasonCode, REASONS, type Reason, redact, solidityErrorOf } from './index.ts'

describe('reason table', () => {
  it('has AREA_CONDITION codes and full sentences', () => {
    for (const [code, reason] of Object.entries<Reason>(REASONS)) {
      expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/)
      expect(reason.what, code).toMatch(/^[A-Z].*\.$/)
      expect(reason.action, code).toMatch(/^[A-Z].*\.$/)
    }
  })

  it('maps every code to a Solidity name and back', () => {
    for (const code of Object.keys(REASONS)) expect(codeOfSolidityError(solidityErrorOf(code))).toBe(code)
  })

  it('stays unambiguous where a contract returns only the first 32 bytes', () => {
    const returned = Object.keys(REASONS).filter((code) => /^(REGISTRY|CHANNEL)_/.test(code))
    expect(new Set(returned.map((code) => code.slice(0, 32))).size).toBe(returned.length)
  })

  it('does not take inherited names for codes', () => {
    expect(isReasonCode('toString')).toBe(false)
    expect(isReasonCode('DCAP_PCK_REVOKED')).toBe(true)
  })
})

describe('BaseError', () => {
  it('carries code, sentence, values and next step', () => {
    const error = new BaseError('CHANNEL_UNKNOWN', { metaMessages: ['channel 0x12'] })
    expect(error.message).toMatchInlineSnapshot(`
      "There is no channel with this id. [CHANNEL_UNKNOWN]
      channel 0x12
      Open a channel first."
    `)
    expect(error.retry).toBe('never')
  })

  it('behavior: walks the cause chain', () => {
    const root = new TypeError('socket closed')
    const error = new BaseError('CHANNEL_UNKNOWN', { cause: new Error('outer', { cause: root }) })
    expect(error.walk((cause) => cause instanceof TypeError)).toBe(root)
    expect(error.walk((cause) => cause instanceof RangeError)).toBeUndefined()
  })

  it('behavior: secrets and URL credentials are redacted', () => {
    const text = 'https://user:pass@rpc.example/x private_key=0xabc, "mnemonic": "a b"'
    expect(redact(text)).not.toMatch(/user|pass@|0xabc/)
    expect(new BaseError('CHANNEL_UNKNOWN', { details: text }).message).not.toContain('pass@')
  })
})
