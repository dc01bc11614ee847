import { p384 } from '@noble/curves/p384'
import { describe, expect, test } from 'vitest'
import { combTable, P384_GENERATOR, p384TableHints, TEETH_SPACING } from './comb.ts'
import { G, invert, N, normalise, P, toBytes } from './curve.ts'
import { p384Hints, p384HintsForTable } from './hints.ts'

const secret = (index: number) => toBytes(0x1234567890abcdefn ** 5n + BigInt(index), 48)

function signed(index: number) {
  const publicKey = p384.getPublicKey(secret(index), false).subarray(1)
  const digest = Uint8Array.from({ length: 48 }, (_, at) => (at * 7 + index) & 0xff)
  const signature = p384.sign(digest, secret(index), { prehash: false, lowS: false }).toCompactRawBytes()
  return { publicKey, digest, signature }
}

/** Multiple that entry m of a comb table is. */
function multipleOf(entry: number): bigint {
  let sum = 1n << BigInt(7 * TEETH_SPACING)
  for (let tooth = 0; tooth < 7; tooth++) {
    const weight = 1n << BigInt(tooth * TEETH_SPACING)
    sum += (entry >> tooth) & 1 ? weight : -weight
  }
  return sum
}

describe('the comb table', () => {
  test('holds the multiples that the contract takes it for', () => {
    const table = combTable(G)
    expect(table).toHaveLength(128)
    for (const entry of [0, 1, 63, 64, 126, 127]) {
      const { x, y } = p384.ProjectivePoint.BASE.multiply(multipleOf(entry)).toAffine()
      expect(table[entry]).toEqual({ x, y })
    }
  })

  test('has hints for points of the curve only', () => {
    expect(p384TableHints(P384_GENERATOR)).toHaveLength(470 * 48)
    const changed = Uint8Array.from(P384_GENERATOR)
    changed[95] = (changed[95] ?? 0) ^ 1
    expect(p384TableHints(changed)).toBeUndefined()
  })
})

describe('hints', () => {
  test('have the two lengths of the specification, by the parities of the multipliers', () => {
    const lengths = new Set(Array.from({ length: 24 }, (_, index) => p384Hints(signed(index))?.length))
    expect([...lengths].sort()).toEqual([145 + 344 * 48, 145 + 345 * 48])
    expect(p384HintsForTable(signed(0))).toHaveLength(96 + 142 * 48)
  })

  test('the multipliers are short and satisfy their relation', () => {
    const { publicKey, digest, signature } = signed(3)
    const hints = p384Hints({ publicKey, digest, signature }) ?? new Uint8Array()
    const number = (from: number, to: number) => BigInt(`0x${Buffer.from(hints.subarray(from, to)).toString('hex')}`)
    const [r, s] = [0, 48].map((at) => BigInt(`0x${Buffer.from(signature.subarray(at, at + 48)).toString('hex')}`))
    const [v1, v2] = [number(48, 72) * ((hints[144] ?? 0) & 1 ? -1n : 1n), number(72, 96)]
    expect(((s ?? 0n) * v1 - (r ?? 0n) * v2) % N).toBe(0n)
  })

  test('there are none for an invalid signature, a point off the curve, numbers out of range', () => {
    const valid = signed(1)
    const changed = { ...valid, digest: valid.digest.map((byte) => byte ^ 1) }
    expect(p384Hints(changed)).toBeUndefined()
    for (const wrong of [
      { ...valid, publicKey: valid.publicKey.map((byte) => byte ^ 1) },
      { ...valid, signature: new Uint8Array(96) },
      { ...valid, signature: valid.signature.subarray(1) },
      { ...valid, signature: Uint8Array.from([...toBytes(N, 48), ...valid.signature.subarray(48)]) },
    ]) {
      expect(p384Hints(wrong)).toBeUndefined()
      expect(p384HintsForTable(wrong)).toBeUndefined()
    }
  })
})

test('inverses and points at infinity', () => {
  expect((invert(5n, P) * 5n) % P).toBe(1n)
  expect(normalise([{ X: 1n, Y: 1n, Z: 0n }])).toBeUndefined()
})
