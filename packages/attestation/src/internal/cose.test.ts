import {
  type CborEntries,
  cborArray,
  cborBytes,
  cborInteger,
  cborMap,
  cborNull,
  cborTag,
  cborText,
  generatePkiKey,
  type PkiKey,
  signCose,
} from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { MalformedEvidenceError } from '../errors.ts'
import type { CborRules } from './cbor.ts'
import { type CoseCodes, type CoseRules, ES256, ES384, parseCoseSign1 } from './cose.ts'
import { verifyEcdsa } from './signatures.ts'

const BOUNDS: CborRules = { maxBytes: 4096, maxItems: 64, maxDepth: 4, heads: 'shortest', topMap: 'definite' }
const RULES: CoseRules = {
  message: BOUNDS,
  protectedHeader: BOUNDS,
  tag: 'required',
  algorithms: [ES256, ES384],
}
const CODES: CoseCodes = {
  malformed: 'NITRO_DOCUMENT_MALFORMED',
  trailing: 'NITRO_TRAILING_BYTES',
  algorithmUnsupported: 'NITRO_ALGORITHM_UNSUPPORTED',
  criticalUnsupported: 'NITRO_CRITICAL_HEADER_UNSUPPORTED',
}
const PAYLOAD = Uint8Array.of(1, 2, 3)

let key: PkiKey
beforeAll(async () => {
  key = await generatePkiKey('ecdsa-p256')
})

const codeOf = (bytes: Uint8Array, rules: Partial<CoseRules> = {}) => {
  try {
    parseCoseSign1(bytes, { ...RULES, ...rules }, CODES)
  } catch (error) {
    if (error instanceof MalformedEvidenceError) return error.code
    throw error
  }
  return 'accepted'
}

const headers = (...pairs: readonly (readonly [number | string, Uint8Array])[]): CborEntries => new Map(pairs)
const ALGORITHM = [1, cborInteger(-7)] as const
const critical = (...labels: readonly Uint8Array[]) => [2, cborArray(...labels)] as const

const signed = (protectedHeaders: CborEntries, unprotectedHeaders: CborEntries = new Map()) =>
  signCose(PAYLOAD, key, { protectedHeaders, unprotectedHeaders })

describe('parseCoseSign1', () => {
  test('default: the Sig_structure is what the signer signed', async () => {
    for (const payload of [
      PAYLOAD,
      new Uint8Array(23),
      new Uint8Array(24),
      new Uint8Array(300),
      new Uint8Array(70_000),
    ]) {
      const message = parseCoseSign1(
        await signCose(payload, key),
        { ...RULES, message: { ...BOUNDS, maxBytes: 80_000 } },
        CODES,
      )
      expect(message.algorithm).toBe(ES256)
      expect(message.payload).toEqual(payload)
      const publicKey = { type: 'ec', curve: 'P-256', point: key.point } as const
      expect(await verifyEcdsa(publicKey, 'SHA-256', message.toBeSigned, message.signature)).toBe(true)
    }
  })

  test('behavior: tag 18 is demanded where the rules say so', async () => {
    const untagged = await signCose(PAYLOAD, key, { tagged: false })
    expect(codeOf(untagged)).toBe('NITRO_DOCUMENT_MALFORMED')
    expect(codeOf(untagged, { tag: 'optional' })).toBe('accepted')
    expect(codeOf(cborTag(17, untagged), { tag: 'optional' })).toBe('NITRO_DOCUMENT_MALFORMED')
  })

  test('behavior: no unprotected header, whatever it says', async () => {
    const keyId = headers([4, cborBytes(PAYLOAD)])
    expect(codeOf(await signed(headers(ALGORITHM), new Map()))).toBe('accepted')
    expect(codeOf(await signed(headers(ALGORITHM), keyId))).toBe('NITRO_DOCUMENT_MALFORMED')
    expect(codeOf(await signed(headers(), headers(ALGORITHM)))).toBe('NITRO_DOCUMENT_MALFORMED')
    expect(codeOf(await signed(headers(ALGORITHM), headers(critical(cborInteger(99)))))).toBe(
      'NITRO_DOCUMENT_MALFORMED',
    )
    const both = await signed(headers(ALGORITHM, [4, cborBytes(PAYLOAD)]), keyId)
    expect(codeOf(both)).toBe('NITRO_DOCUMENT_MALFORMED')
  })

  test('behavior: a critical header must be known and there', async () => {
    expect(codeOf(await signed(headers(ALGORITHM, critical(cborInteger(1)))))).toBe('accepted')
    const unknown = headers(ALGORITHM, critical(cborInteger(99)), [99, cborInteger(0)])
    expect(codeOf(await signed(unknown))).toBe('NITRO_CRITICAL_HEADER_UNSUPPORTED')
    const text = headers(ALGORITHM, critical(cborText('x')), ['x', cborInteger(0)])
    expect(codeOf(await signed(text))).toBe('NITRO_CRITICAL_HEADER_UNSUPPORTED')
    const textOne = headers(ALGORITHM, critical(cborText('1')), ['1', cborInteger(0)])
    expect(codeOf(await signed(textOne))).toBe('NITRO_CRITICAL_HEADER_UNSUPPORTED')
    expect(codeOf(await signed(headers(ALGORITHM, critical())))).toBe('NITRO_DOCUMENT_MALFORMED')
    expect(codeOf(await signed(headers(ALGORITHM, critical(cborBytes(PAYLOAD)))))).toBe('NITRO_DOCUMENT_MALFORMED')
    expect(codeOf(await signed(headers(ALGORITHM, [2, cborInteger(1)])))).toBe('NITRO_DOCUMENT_MALFORMED')
  })

  test('error: NITRO_ALGORITHM_UNSUPPORTED', async () => {
    for (const id of [-36, -8, -37, 5, -47]) {
      expect(codeOf(await signed(headers([1, cborInteger(id)])))).toBe('NITRO_ALGORITHM_UNSUPPORTED')
    }
    expect(codeOf(await signed(headers([1, cborText('ES256')])))).toBe('NITRO_ALGORITHM_UNSUPPORTED')
    expect(codeOf(await signed(headers()))).toBe('NITRO_ALGORITHM_UNSUPPORTED')
    expect(codeOf(await signed(headers(['1', cborInteger(-7)])))).toBe('NITRO_ALGORITHM_UNSUPPORTED')
  })

  test('error: NITRO_DOCUMENT_MALFORMED', async () => {
    const header = cborBytes(cborMap(headers(ALGORITHM)))
    const [none, payload, signature] = [cborMap(new Map()), cborBytes(PAYLOAD), cborBytes(new Uint8Array(64))]
    const message = (...parts: readonly Uint8Array[]) => cborTag(18, cborArray(...parts))
    expect(codeOf(message(header, none, payload, signature))).toBe('accepted')
    const malformed = [
      message(header, none, payload),
      message(header, none, payload, signature, signature),
      message(cborMap(headers(ALGORITHM)), none, payload, signature),
      message(header, cborNull(), payload, signature),
      message(header, none, cborNull(), signature),
      message(header, none, payload, cborNull()),
      message(header, none, payload, cborBytes(new Uint8Array(63))),
      message(header, none, payload, cborBytes(new Uint8Array(96))),
      message(cborBytes(cborArray()), none, payload, signature),
    ]
    expect(malformed.map((bytes) => codeOf(bytes))).toEqual(malformed.map(() => 'NITRO_DOCUMENT_MALFORMED'))
    const empty = message(cborBytes(new Uint8Array()), none, payload, signature)
    expect(codeOf(empty)).toBe('NITRO_ALGORITHM_UNSUPPORTED')
    const trailing = Uint8Array.of(...message(header, none, payload, signature), 0)
    expect(codeOf(trailing)).toBe('NITRO_TRAILING_BYTES')
  })
})
