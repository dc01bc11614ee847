import type { Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { type AttestationAnswer, attestationAnswerJson, keysetDigest, parseAttestationAnswer } from './index.ts'

const word = (byte: string): Hex => `0x${byte.repeat(32)}`
const address = (byte: string): Hex => `0x${byte.repeat(20)}`

const ANSWER: AttestationAnswer = {
  keyset: {
    chainId: 31337n,
    registry: address('a1'),
    owner: address('a2'),
    operator: address('a3'),
    epoch: 7n,
    receiptSigner: address('a4'),
    hpkeKeyDigest: word('b1'),
    tlsSpkiDigest: word('00'),
    workloadId: word('b2'),
    configDigest: word('b3'),
    notAfter: 1_900_000_000n,
  },
  challenge: word('c1'),
  quote: new Uint8Array([4, 0, 2, 0]),
  endorsements: { tcbInfo: 'whatever the vendor signed' },
}

type Json = { keyset: Record<string, unknown> } & Record<string, unknown>

function body(change: (json: Json) => void = () => undefined): Uint8Array {
  const json = attestationAnswerJson(ANSWER) as Json
  change(json)
  return new TextEncoder().encode(JSON.stringify(json))
}

describe('parseAttestationAnswer', () => {
  test('default: reads what attestationAnswerJson writes', () => {
    expect(parseAttestationAnswer(body())).toEqual(ANSWER)
  })

  test('behavior: mixed case that is no checksum is read as the same address and can be hashed', () => {
    const { keyset } = parseAttestationAnswer(
      body((json) => {
        json.keyset.owner = `0x${'A2'.repeat(19)}a2`
      }),
    )
    expect(keysetDigest(keyset)).toBe(keysetDigest(ANSWER.keyset))
  })

  test.each<[string, (json: Json) => void]>([
    ['a missing keyset', (json) => Reflect.deleteProperty(json, 'keyset')],
    ['a short challenge', (json) => Object.assign(json, { challenge: '0x11' })],
    ['a quote of half a byte', (json) => Object.assign(json, { quote: '0x123' })],
    ['an empty quote', (json) => Object.assign(json, { quote: '0x' })],
    ['a quote without end', (json) => Object.assign(json, { quote: `0x${'00'.repeat(65_537)}` })],
    ['an epoch beyond uint64', (json) => Object.assign(json.keyset, { epoch: String(2n ** 64n) })],
    ['a chain id beyond uint256', (json) => Object.assign(json.keyset, { chainId: String(2n ** 256n) })],
    ['a number instead of text', (json) => Object.assign(json.keyset, { epoch: 7 })],
    ['a leading zero', (json) => Object.assign(json.keyset, { notAfter: '01' })],
    ['a receipt signer of 19 bytes', (json) => Object.assign(json.keyset, { receiptSigner: `0x${'a4'.repeat(19)}` })],
  ])('error: ATTESTATION_ANSWER_MALFORMED on %s', (_, change) => {
    expect(() => parseAttestationAnswer(body(change))).toThrow(
      expect.objectContaining({ code: 'ATTESTATION_ANSWER_MALFORMED' }),
    )
  })

  test('error: ATTESTATION_ANSWER_MALFORMED when it is not JSON', () => {
    expect(() => parseAttestationAnswer(new Uint8Array([0xff, 0x7b]))).toThrow(
      expect.objectContaining({ code: 'ATTESTATION_ANSWER_MALFORMED' }),
    )
  })
})
