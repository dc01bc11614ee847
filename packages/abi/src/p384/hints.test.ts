import { p384 } from '@noble/curves/p384'
import { describe, expect, test } from 'vitest'
import { combTable, P384_GENERATOR, p384TableHints, TEETH_SPACING } from './comb.ts'
import { G, invert, N, normalise, P, toBytes } from './curve.ts'
import { p384Hints, p384HintsForTable, shortPairs } from './hints.ts'
import { digitsOfPair, programOf } from './program.ts'

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
  test('are as long as their program, which is short', () => {
    const lengths = Array.from({ length: 24 }, (_, index) => p384Hints(signed(index))?.length ?? 0)
    // A head, 16 slopes of the multiples, some 190 doublings, 62 additions and 47 columns.
    expect(Math.min(...lengths)).toBeGreaterThan(14_500)
    expect(Math.max(...lengths)).toBeLessThan(15_900)
    expect(p384HintsForTable(signed(0))).toHaveLength(96 + 142 * 48)
    expect(p384Hints(signed(0), 255)?.length).toBeLessThan(1_000)
  })

  test('the program amounts to multipliers that satisfy their relation', () => {
    const { publicKey, digest, signature } = signed(3)
    const [r, s] = [0, 48].map((at) => BigInt(`0x${Buffer.from(signature.subarray(at, at + 48)).toString('hex')}`))
    const hints = p384Hints({ publicKey, digest, signature }, 255) ?? new Uint8Array()
    const sums = { key: 0n, r: 0n }
    let place = hints[97] ?? 0
    for (const code of hints.subarray(99 + 16 * 48)) {
      place -= code < 0xe0 ? code >> 5 : code & 31
      if (code < 0xe0) sums[code & 16 ? 'r' : 'key'] += BigInt(((code & 14) + 1) * (code & 1 ? -1 : 1)) << BigInt(place)
    }
    expect(place).toBe(0)
    expect(sums.r).toBeLessThan(0n)
    expect(((s ?? 0n) * sums.key + (r ?? 0n) * sums.r) % N).toBe(0n)
  })

  test.each([
    ['1', 1n],
    ['-1', N - 1n],
    ['a small number', 12_345n],
    ['a fraction of small numbers', invert(987n, N) * 654n],
  ])('multipliers for u2 = %s are large enough for a program', (_, u2) => {
    for (const [v1, v2] of shortPairs(u2 % N)) {
      expect((v1 - v2 * u2) % N).toBe(0n)
      expect(programOf(digitsOfPair(v1, -v2))?.length).toBeGreaterThan(1)
    }
    expect(shortPairs(u2 % N)).not.toHaveLength(0)
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
