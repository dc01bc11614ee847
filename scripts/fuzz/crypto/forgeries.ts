import { p384 } from '@noble/curves/p384'
import { bytesToHex } from 'viem'
import { FORGERIES, type Forgery, forge, ownKey } from '../../../test/support/p384Forgeries.ts'
import { type P384Case, startP384 } from '../../../test/support/p384World.ts'

/** Cases per pair of keys: a table is made for each. */
const PER_KEYS = 200

/** The verdict of @noble/curves, which rejects what it cannot read by throwing. */
export function nobleSays({ publicKey, digest, signature }: P384Case): boolean {
  try {
    return p384.verify(signature, digest, Buffer.concat([Buffer.of(4), publicKey]), { lowS: false, prehash: false })
  } catch {
    return false
  }
}

/** Hints that hold all equations but one, or all of them in another way; every kind in turn, `count` in all. */
export async function fuzzForgeries(count: number): Promise<void> {
  const world = await startP384()
  const generator = ownKey(1n)
  let keys = [ownKey(), ownKey()] as const
  const counts = new Map<string, number>()
  const tables = new Map<string, Promise<{ table: `0x${string}` }>>()
  const tableOf = (key: Uint8Array) => {
    const made = tables.get(bytesToHex(key)) ?? world.createTable(key)
    tables.set(bytesToHex(key), made)
    return made
  }
  for (let index = 0; index < count; index++) {
    if (index > 0 && index % PER_KEYS === 0) keys = [ownKey(), index % (2 * PER_KEYS) === 0 ? ownKey() : generator]
    const forgery = forge(index, ...keys)
    if (forgery === undefined) continue
    const { name, entry, hints, table, expected } = forgery
    const accepted = table
      ? await world.verifyWithTable(entry, (await tableOf(table)).table, hints)
      : await world.verify(entry, hints)
    if (accepted !== expected) return fail(forgery, `answers ${accepted}`)
    if (accepted && !nobleSays(entry)) return fail(forgery, 'accepted, and @noble/curves refuses it')
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  for (const [name, times] of counts) console.log(`  ${name}: ${times}`)
  const made = [...counts.values()].reduce((sum, times) => sum + times, 0)
  console.log(`${made} forged hints of ${counts.size} kinds (of ${FORGERIES}): each with its verdict`)
}

function fail({ name, entry, hints }: Forgery, what: string): never {
  console.error(`DIFFERENT: forgery "${name}": ${what}`)
  for (const [part, bytes] of Object.entries({ ...entry, hints })) console.error(`  ${part} ${bytesToHex(bytes)}`)
  process.exit(1)
}
