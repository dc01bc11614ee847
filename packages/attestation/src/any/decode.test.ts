import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeEvidence, detectEvidence, MalformedEvidenceError } from '../index.ts'

/** Heads that tell the formats apart, padded to the size that each needs. */
const HEADS: readonly (readonly [kind: string, hex: string, size: number])[] = [
  ['tdx', '0400020081000000', 700],
  ['sgx', '0300020000000000', 500],
  ['nitro', '8444a1013822a0', 20],
  ['nitro', 'd28444a1013822', 20],
  ['cca', 'd9018fa2', 20],
  ['cca', 'd9038ba2', 20],
  ['snp', '48434c4102000000', 1300],
]

const sample = (hex: string, size: number) => {
  const bytes = new Uint8Array(size)
  bytes.set(Buffer.from(hex, 'hex'))
  return bytes
}

describe('decodeEvidence', () => {
  test.each(HEADS)('behavior: knows %s by %s', (kind, hex, size) => {
    const bytes = sample(hex, size)
    expect(detectEvidence(bytes)).toBe(kind)
    const texts = [bytes, Buffer.from(bytes).toString('hex'), Buffer.from(bytes).toString('base64')]
    for (const text of texts) {
      const { evidence } = decodeEvidence(typeof text === 'string' ? new TextEncoder().encode(text) : text)
      expect(Buffer.from(evidence)).toEqual(Buffer.from(bytes))
    }
  })

  test('behavior: what stands beside the evidence comes along', () => {
    const quote = Buffer.from(sample('0400020081000000', 700)).toString('hex')
    const certificate = Buffer.from('-----BEGIN CERTIFICATE-----\n').toString('base64')
    const json = { quote, certificate, event_log: [{ imr: 0 }] }
    const { beside, containers } = decodeEvidence(new TextEncoder().encode(JSON.stringify(json)))
    expect(containers).toEqual(['JSON .quote', 'hex'])
    expect(new TextDecoder().decode(beside.certificates)).toBe('-----BEGIN CERTIFICATE-----\n')
    expect(new TextDecoder().decode(beside.eventLog)).toBe('[{"imr":0}]')
  })

  test('error: containers in containers end', () => {
    let text = Buffer.from(sample('d9018fa2', 20)).toString('base64')
    for (let depth = 0; depth < 6; depth++) text = Buffer.from(text).toString('base64')
    expect(() => decodeEvidence(new TextEncoder().encode(text))).toThrow(
      expect.objectContaining({ code: 'EVIDENCE_KIND_UNKNOWN' }),
    )
  })

  test('error: more than a container can be', () => {
    expect(() => decodeEvidence(new Uint8Array(4 * 1024 * 1024 + 1))).toThrow(
      expect.objectContaining({ code: 'EVIDENCE_CONTAINER_MALFORMED' }),
    )
  })

  test('property: any bytes and any text are taken or refused as malformed, never anything else', () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.base64String(), fc.stringMatching(/^[0-9a-f]*$/))
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      text.map((value) => new TextEncoder().encode(value)),
    )
    fc.assert(
      fc.property(bytes, (value) => {
        try {
          decodeEvidence(value)
        } catch (error) {
          if (!(error instanceof MalformedEvidenceError)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })
})
