import { FORGERIES } from '../../../test/support/p384Forgeries.ts'
import { judgeForgeries } from '../../../test/support/p384Judge.ts'
import { startP384 } from '../../../test/support/p384World.ts'

/** Hints that hold all equations but one, or all of them in another way; every kind in turn, `count` in all. */
export async function fuzzForgeries(count: number): Promise<void> {
  const counts = await judgeForgeries(await startP384(), count)
  for (const [name, times] of counts) console.log(`  ${name}: ${times}`)
  const made = [...counts.values()].reduce((sum, times) => sum + times, 0)
  console.log(`${made} forged hints of ${counts.size} kinds (of ${FORGERIES}): each with its verdict`)
}
