import { p384 } from '@noble/curves/p384'
import { bytesToHex } from 'viem'
import { FORGERIES, forge, ownKey, type Sparsity } from './p384Forgeries.ts'
import type { P384Case, P384World } from './p384World.ts'

/** In turn: a slope for every step; none, most, some or all but one of the instructions and columns with slopes. */
const SPARSITIES: readonly Sparsity[] = [
  { instructions: 0, columns: 0 },
  { instructions: 255, columns: 47 },
  { instructions: 20, columns: 7 },
  { instructions: 0, columns: 0 },
  { instructions: 45, columns: 46 },
  { instructions: 1, columns: 1 },
]
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

/**
 * Asks the contracts about `count` forged hints, every kind in turn. Throws at the first answer that is not the expected
 * one, and at an accepted signature that @noble/curves refuses.
 *
 * @returns How often each kind was asked.
 */
export async function judgeForgeries(world: P384World, count: number): Promise<ReadonlyMap<string, number>> {
  const generator = ownKey(1n)
  let keys = [ownKey(), ownKey()] as const
  const counts = new Map<string, number>()
  for (let index = 0; index < count; index++) {
    if (index > 0 && index % PER_KEYS === 0) keys = [ownKey(), index % (2 * PER_KEYS) === 0 ? ownKey() : generator]
    const sparsity = SPARSITIES[Math.floor(index / FORGERIES) % SPARSITIES.length]
    const forgery = forge(index, ...keys, sparsity)
    if (forgery === undefined) continue
    const by = sparsity?.instructions ? world.sparse : world.contract
    const { name, entry, hints, table, expected } = forgery
    const accepted = table
      ? await world.verifyWithTable(entry, (await world.createTable(table)).table, hints, by)
      : await world.verify(entry, hints, by)
    if (accepted !== expected || (accepted && !nobleSays(entry))) {
      const parts = Object.entries({ ...entry, hints }).map(([part, bytes]) => `${part} ${bytesToHex(bytes)}`)
      throw new Error(`forged hints "${name}" answer ${accepted}: ${parts.join(', ')}`)
    }
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
