import { createCcaPlatform } from '@spartan/simulator'
import { type CcaWorld, evidenceOf, startCca } from '../../../test/support/ccaWorld.ts'
import { type BenchRow, row } from '../row.ts'
import { BASE } from './prices.ts'

/** Tokens whose dearest one is stated. */
const TOKENS = 3
const NO_PEER = 'no public peer'

type Algorithm = 'ecdsa-p256' | 'ecdsa-p384'

/** Dearest of some tokens: the whole transaction less the 21,000 base. */
async function dearest(world: CcaWorld, platform: Algorithm, realm: Algorithm, hasTable = false): Promise<number> {
  const machine = await createCcaPlatform({ algorithm: platform })
  await world.propose(machine.trustAnchor)
  if (hasTable) await world.createTable(machine.key.point)
  let most = 0
  for (let index = 0; index < TOKENS; index++) {
    const challenge = new Uint8Array(64).fill(0xa0 + index)
    const token = await machine.issueToken({ challenge, realmAlgorithm: realm })
    most = Math.max(
      most,
      Number(await world.gasOf(await evidenceOf(token, machine.trustAnchor, { path: hasTable ? 'table' : 'key' }))) -
        BASE,
    )
  }
  return most
}

/** Rows of Arm CCA: totals before the 21,000 base, hint calldata included. */
export async function ccaRows(): Promise<BenchRow[]> {
  const world = await startCca()
  const measured = [
    ['CCA token, ES384 and ES384', 2_200_000, await dearest(world, 'ecdsa-p384', 'ecdsa-p384')],
    ['CCA token, ES384 with table and ES384', 1_700_000, await dearest(world, 'ecdsa-p384', 'ecdsa-p384', true)],
    ['CCA token, ES384 with table and ES256', 750_000, await dearest(world, 'ecdsa-p384', 'ecdsa-p256', true)],
    ['CCA token, ES256 and ES256', 250_000, await dearest(world, 'ecdsa-p256', 'ecdsa-p256')],
  ] as const
  return measured.map(([name, goal, ours]) =>
    row({ name, unit: 'gas', ours, goal, note: `dearest of ${TOKENS} simulated tokens of 1.2 KB; ${NO_PEER}` }),
  )
}
