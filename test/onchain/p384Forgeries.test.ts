import { randomBytes } from 'node:crypto'
import { p384Hints, p384HintsForTable } from '@spartan/abi'
import { type Address, bytesToHex, type Hex } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'
import { FORGERIES } from '../support/p384Forgeries.ts'
import { judgeForgeries } from '../support/p384Judge.ts'
import { HINTS, wordsOf } from '../support/p384Layout.ts'
import { newKey, type P384World, signedCase, startP384, type TestKey } from '../support/p384World.ts'

const FORGED = 300

let world: P384World
let key: TestKey
let table: Address

beforeAll(async () => {
  world = await startP384()
  key = newKey()
  table = (await world.createTable(key.publicKey)).table
})

const changed = (hints: Uint8Array, at: number) => hints.map((byte, index) => (index === at ? byte ^ 1 : byte))

test(`${FORGED} hints that hold every equation but one, or all in another way`, async () => {
  const counts = await judgeForgeries(world, FORGED)
  // Where v1 and v2 have no second short pair, there is nothing to ask.
  expect(counts.size).toBeGreaterThanOrEqual(FORGERIES - 1)
})

describe('P384Sparse', () => {
  test('signatures with slopes for every step, for a part of them, and for none', async () => {
    for (const unhinted of [0, 1, 30, 60, 255]) {
      const entry = signedCase(key, randomBytes(unhinted))
      const hints = p384Hints(entry, unhinted)
      expect(await world.verify(entry, hints, world.sparse), `${unhinted} instructions`).toBe(true)
      expect(await world.verify(entry, hints), 'P384 takes slopes for every step only').toBe(unhinted === 0)
      // All of them: the multiples' slopes, and a byte for each instruction.
      if (unhinted === 255) expect(hints?.length).toBeLessThan(1_000)
    }
    for (const [unhinted, bytes] of [
      [0, 6_912],
      [1, 6_768],
      [20, 4_032],
      [46, 288],
      [47, 96],
    ] as const) {
      const entry = signedCase(key, randomBytes(unhinted))
      const hints = p384HintsForTable(entry, undefined, unhinted)
      expect(hints).toHaveLength(bytes)
      expect(await world.verifyWithTable(entry, table, hints, world.sparse), `${unhinted} columns`).toBe(true)
      expect(await world.verifyWithTable(entry, table, hints)).toBe(unhinted === 0)
    }
  })

  test('every hint word changed; signature, digest and key too', async () => {
    const entry = signedCase(key, randomBytes(32))
    for (const unhinted of [55, 255]) {
      const hints = p384Hints(entry, unhinted) ?? new Uint8Array()
      for (const { at, kind } of wordsOf(hints)) {
        // What P384 takes as well is changed word by word there: some of those.
        if ((at > HINTS.multiples && at < HINTS.program) || (kind === 'slope' && at > 2_000)) if (at % 5 !== 0) continue
        if (kind === 'byte' && at > HINTS.program && at % 3 !== 0) continue
        expect(await world.verify(entry, changed(hints, at), world.sparse), `${unhinted}: byte ${at}`).toBe(false)
      }
      for (const part of ['signature', 'digest', 'publicKey'] as const) {
        const wrong = { ...entry, [part]: changed(entry[part], 40) }
        expect(await world.verify(wrong, hints, world.sparse), part).toBe(false)
      }
    }
    for (const unhinted of [45, 47]) {
      const hints = p384HintsForTable(entry, undefined, unhinted) ?? new Uint8Array()
      for (let at = 0; at < hints.length; at += 48)
        expect(await world.verifyWithTable(entry, table, changed(hints, at), world.sparse), `byte ${at}`).toBe(false)
      for (const part of ['signature', 'digest'] as const) {
        const wrong = { ...entry, [part]: changed(entry[part], 40) }
        const given = p384HintsForTable(wrong, undefined, unhinted)
        expect(await world.verifyWithTable(wrong, table, given, world.sparse), part).toBe(false)
      }
    }
  })

  test('lengths that stand for no number of instructions or columns', async () => {
    const entry = signedCase(key, randomBytes(32))
    const direct = p384Hints(entry, 55) ?? new Uint8Array()
    const cached = p384HintsForTable(entry, undefined, 46) ?? new Uint8Array()
    for (const by of [-144, -96, -48, -1, 1, 48, 96, 144]) {
      const resized = (hints: Uint8Array) => Buffer.concat([hints, Buffer.alloc(144)]).subarray(0, hints.length + by)
      expect(await world.verify(entry, resized(direct), world.sparse), `${by}`).toBe(false)
      expect(await world.verifyWithTable(entry, table, resized(cached), world.sparse), `${by}`).toBe(false)
    }
    expect(await world.verify(entry, undefined, world.sparse)).toBe(false)
    expect(await world.verifyWithTable(entry, table, undefined, world.sparse)).toBe(false)
  })
})

test('tables that are cut, longer, or changed in one entry that is used', async () => {
  const entry = signedCase(key, randomBytes(32))
  const code = await world.client.getCode({ address: table })
  const bytes = Buffer.from((code ?? '0x').slice(2), 'hex')
  expect(bytes).toHaveLength(12_289)
  const keep = async (kept: Uint8Array): Promise<Address> => {
    // Copies what is behind these ten bytes and returns it.
    const size = kept.length.toString(16).padStart(4, '0')
    const data: Hex = `0x61${size}80600a3d393df3${bytesToHex(kept).slice(2)}`
    const hash = await world.wallet.sendTransaction({ data, gas: 8_000_000n })
    const { contractAddress } = await world.client.getTransactionReceipt({ hash })
    if (!contractAddress) throw new Error('not created')
    return contractAddress
  }
  const dense = p384HintsForTable(entry)
  const none = p384HintsForTable(entry, undefined, 47)
  const both = async (at: Address) => [
    await world.verifyWithTable(entry, at, dense),
    await world.verifyWithTable(entry, at, none, world.sparse),
  ]
  expect(await both(await keep(bytes))).toEqual([true, true])
  for (const wrong of [bytes.subarray(0, -1), bytes.subarray(0, -96), Buffer.concat([bytes, Buffer.of(0)])])
    expect(await both(await keep(wrong)), `${wrong.length} bytes`).toEqual([false, false])
  // One bit of every entry.
  const changedTable = Buffer.from(bytes)
  for (let at = 1; at < changedTable.length; at += 96) changedTable[at + 7] = (changedTable[at + 7] ?? 0) ^ 1
  expect(await both(await keep(changedTable))).toEqual([false, false])
})
