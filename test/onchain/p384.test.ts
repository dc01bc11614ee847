import { createHash, randomBytes } from 'node:crypto'
import { p384CombTable, p384Hints, p384HintsForTable } from '@spartan/abi'
import { type Address, zeroAddress } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'
import { HINTS, wordsOf } from '../support/p384Layout.ts'
import {
  hintsOf,
  newKey,
  type P384Case,
  type P384World,
  signedCase,
  startP384,
  type TestKey,
} from '../support/p384World.ts'

const RANDOM_SIGNATURES = 300
const TAMPERED = 300
const KEYS = 3
const N = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n
const P = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n

let world: P384World
let keys: { key: TestKey; table: Address; comb: ReturnType<typeof p384CombTable> }[]

beforeAll(async () => {
  world = await startP384()
  keys = []
  for (let index = 0; index < KEYS; index++) {
    const key = newKey()
    const comb = p384CombTable({ x: integer(key.publicKey.subarray(0, 48)), y: integer(key.publicKey.subarray(48)) })
    keys.push({ key, table: (await world.createTable(key.publicKey)).table, comb })
  }
})

const keyOf = (index: number) => {
  const found = keys[index % KEYS]
  if (found === undefined) throw new Error('no key')
  return found
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes)
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return changed
}

const integer = (bytes: Uint8Array) => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`)
const bytes48 = (value: bigint) => Buffer.from(value.toString(16).padStart(96, '0'), 'hex')

/** `hints` with the 48 bytes at `at` replaced. */
function withWord(hints: Uint8Array, at: number, change: (word: bigint) => bigint): Uint8Array {
  const changed = Uint8Array.from(hints)
  changed.set(bytes48(change(integer(hints.subarray(at, at + 48)))), at)
  return changed
}

describe('P384', () => {
  test(`${RANDOM_SIGNATURES} signatures by OpenSSL, SHA-256, SHA-384 and SHA-512`, async () => {
    const hashes = ['sha256', 'sha384', 'sha512']
    for (let index = 0; index < RANDOM_SIGNATURES; index++) {
      const { key, table, comb } = keyOf(index)
      const entry = signedCase(key, randomBytes(index), hashes[index % 3])
      const accepted =
        index % 2 === 0
          ? await world.verify(entry, p384Hints(entry))
          : await world.verifyWithTable(entry, table, p384HintsForTable(entry, comb))
      expect(accepted, `signature ${index}`).toBe(true)
    }
  })

  test(`${TAMPERED} signatures with one bit changed in signature, key or digest`, async () => {
    for (let index = 0; index < TAMPERED; index++) {
      const { key, table, comb } = keyOf(index)
      const valid = signedCase(key, randomBytes(40))
      const part = (['signature', 'digest', 'publicKey'] as const)[index % 3] ?? 'digest'
      const entry = { ...valid, [part]: flipBit(valid[part], (index * 37) % (8 * valid[part].length)) }
      // Without a table an invalid signature has no hints: it is given those of the valid one.
      if (index % 10 === 0) expect(p384Hints(entry), `${part} ${index}`).toBeUndefined()
      expect(await world.verify(entry, p384Hints(valid)), `${part} ${index}`).toBe(false)
      // The table is the true key's: only signature and digest are given to that path.
      if (part === 'publicKey') continue
      expect(await world.verifyWithTable(entry, table, p384HintsForTable(entry, comb)), `${part} ${index}`).toBe(false)
    }
  })

  test('every hint word: one bit changed', async () => {
    const { key, table } = keyOf(0)
    const entry = signedCase(key, randomBytes(32))
    const { direct, table: forTable } = hintsOf(entry)
    if (direct === undefined || forTable === undefined) throw new Error('no hints')
    for (const { at, bytes, kind } of wordsOf(direct)) {
      for (let byte = at; byte < at + bytes; byte += kind === 'slope' ? 48 : 1)
        expect(await world.verify(entry, flipBit(direct, 8 * byte + (byte % 8))), `byte ${byte}`).toBe(false)
    }
    for (let at = 0; at < forTable.length; at += 48)
      expect(await world.verifyWithTable(entry, table, flipBit(forTable, 8 * at + 5)), `word at ${at}`).toBe(false)
  })

  test('hints that satisfy some equations and not others', async () => {
    const { key, table } = keyOf(1)
    const entry = signedCase(key, randomBytes(32))
    const { direct, table: forTable } = hintsOf(entry)
    if (direct === undefined || forTable === undefined) throw new Error('no hints')
    const negative = (word: bigint) => P - word
    const slopes = wordsOf(direct).filter(({ kind }) => kind === 'slope')
    for (const { at } of [0, 8, 16, 200, -1].flatMap((index) => slopes.at(index) ?? [])) {
      expect(await world.verify(entry, withWord(direct, at, negative)), `slope at ${at}, turned`).toBe(false)
      expect(
        await world.verify(
          entry,
          withWord(direct, at, () => 0n),
        ),
        `slope at ${at}, zero`,
      ).toBe(false)
      expect(
        await world.verify(
          entry,
          withWord(direct, at, () => 2n ** 384n - 1n),
        ),
        `slope at ${at}, ones`,
      ).toBe(false)
    }
    // -R has the same x: the sum is then not zero.
    expect(await world.verify(entry, withWord(direct, 0, negative)), '-R').toBe(false)
    expect(
      await world.verify(
        entry,
        withWord(direct, HINTS.k, (k) => (N - k) % N),
      ),
      '-k',
    ).toBe(false)
    expect(
      await world.verify(
        entry,
        withWord(direct, HINTS.k, (k) => k + N),
      ),
      'k + n',
    ).toBe(false)
    for (const flags of [1, 2, 3, 4, 255]) {
      const changed = Uint8Array.from(direct)
      changed[HINTS.flags] = (changed[HINTS.flags] ?? 0) ^ flags
      expect(await world.verify(entry, changed), `flags ^ ${flags}`).toBe(false)
    }
    const doubled = Uint8Array.from(direct)
    doubled.copyWithin(HINTS.multiples, HINTS.multiples + 48, HINTS.multiples + 96)
    expect(await world.verify(entry, doubled), 'slopes of another step').toBe(false)
    for (const at of [0, 48])
      expect(
        await world.verifyWithTable(
          entry,
          table,
          withWord(forTable, at, (u) => (N - u) % N),
        ),
      ).toBe(false)
    const swapped = Uint8Array.from([
      ...forTable.subarray(48, 96),
      ...forTable.subarray(0, 48),
      ...forTable.subarray(96),
    ])
    expect(await world.verifyWithTable(entry, table, swapped), 'u1 and u2 exchanged').toBe(false)
  })

  test('lengths, ranges and points outside the curve', async () => {
    const { key, table } = keyOf(2)
    const entry = signedCase(key, randomBytes(32))
    const { direct, table: forTable } = hintsOf(entry)
    if (direct === undefined || forTable === undefined) throw new Error('no hints')
    const [r, s] = [integer(entry.signature.subarray(0, 48)), integer(entry.signature.subarray(48))]
    const refused: [string, P384Case][] = [
      ['r = 0', { ...entry, signature: Buffer.concat([bytes48(0n), bytes48(s)]) }],
      ['s = 0', { ...entry, signature: Buffer.concat([bytes48(r), bytes48(0n)]) }],
      ['r = n', { ...entry, signature: Buffer.concat([bytes48(N), bytes48(s)]) }],
      ['s = n', { ...entry, signature: Buffer.concat([bytes48(r), bytes48(N)]) }],
      ['95 bytes', { ...entry, signature: entry.signature.subarray(1) }],
      ['97 bytes', { ...entry, signature: Buffer.concat([entry.signature, Buffer.of(0)]) }],
    ]
    for (const [name, wrong] of refused) {
      expect(await world.verify(wrong, direct), name).toBe(false)
      expect(await world.verifyWithTable(wrong, table, forTable), name).toBe(false)
    }
    const [x, y] = [integer(key.publicKey.subarray(0, 48)), integer(key.publicKey.subarray(48))]
    for (const point of [
      [x, (y + 1n) % P],
      [0n, 0n],
      [x, P - y],
      [y, x],
      [P, y],
    ] as const)
      expect(await world.verify({ ...entry, publicKey: Buffer.concat(point.map(bytes48)) }, direct), `${point}`).toBe(
        false,
      )
    const ends = [HINTS.flags, HINTS.place, HINTS.multiples, HINTS.program, HINTS.program + 1, -49, -48, -1]
    for (const cut of [...ends.map((end) => direct.subarray(0, end)), direct.subarray(48), undefined])
      expect(await world.verify(entry, cut), 'length of hints').toBe(false)
    for (const [behind, expected] of [
      [Buffer.alloc(1), false],
      [Buffer.alloc(48), false],
      [Buffer.alloc(49), false],
      // No doublings: an instruction that does nothing. Then so many of them that the hints are too long.
      [Buffer.of(0xe0), true],
      [Buffer.alloc(65_536 - direct.length, 0xe0), false],
    ] as const)
      expect(await world.verify(entry, Buffer.concat([direct, behind])), `${behind.length} bytes more`).toBe(expected)
    expect(await world.verifyWithTable(entry, zeroAddress, forTable), 'no table').toBe(false)
    expect(await world.verifyWithTable(entry, world.contract.address, forTable), 'another contract').toBe(false)
    expect(await world.verifyWithTable(entry, keyOf(0).table, forTable), "another key's table").toBe(false)
    expect(await world.verify(entry, direct)).toBe(true)
  })

  test('n - s verifies as well: a signature is no replay key', async () => {
    const { key, table } = keyOf(0)
    const entry = signedCase(key, randomBytes(32))
    const turned = bytes48(N - integer(entry.signature.subarray(48)))
    const other = { ...entry, signature: Buffer.concat([entry.signature.subarray(0, 48), turned]) }
    const hints = hintsOf(other)
    expect(await world.verify(other, hints.direct)).toBe(true)
    expect(await world.verifyWithTable(other, table, hints.table)).toBe(true)
  })

  test('a wrong hint word creates no table, and a created one is kept', async () => {
    const { key, table } = keyOf(0)
    expect((await world.createTable(key.publicKey)).table).toBe(table)
    const digest = createHash('sha384').update('other').digest()
    expect(digest.length).toBe(48)
  })
})
