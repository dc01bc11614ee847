import { p384Abi, p384Hints, p384HintsForTable } from '@spartan/abi'
import { type Abi, type Address, bytesToHex, type Hex } from 'viem'
import { newKey, type P384Case, signedCase, startP384 } from '../../../test/support/p384World.ts'
import { GAS } from '../../../test/support/vendorChain.ts'
import { type BenchRow, row } from '../row.ts'
import { BASE, repriced } from './prices.ts'

/** Instructions and columns without slopes that are tried. */
const INSTRUCTIONS = [0, 4, 8, 10, 12, 14, 16, 18, 20, 24, 60, 255]
const COLUMNS = [0, 2, 4, 5, 6, 7, 8, 47]

const bytesOf = (calldata: Hex) => calldata.length / 2 - 1

type World = Awaited<ReturnType<typeof startP384>>

async function measure({ wallet, client }: World, address: Address, functionName: string, args: readonly Hex[]) {
  const call = { address, abi: p384Abi as Abi, functionName, args }
  if ((await client.readContract(call)) !== true) throw new Error('a valid signature was refused')
  const hash = await wallet.writeContract({ ...call, gas: GAS })
  const [{ gasUsed }, { input }] = [await client.getTransactionReceipt({ hash }), await client.getTransaction({ hash })]
  return { gasUsed: Number(gasUsed), calldataBytes: bytesOf(input) }
}

interface Choice {
  readonly unhinted: number
  readonly now: number
  readonly later: number
}

/** Each density of slopes with its gas, now and repriced. */
async function choices(
  world: World,
  entry: P384Case,
  densities: readonly number[],
  table?: Address,
): Promise<readonly Choice[]> {
  const found: Choice[] = []
  const [digest, key, signature] = [entry.digest, entry.publicKey, entry.signature].map((bytes) => bytesToHex(bytes))
  for (const unhinted of densities) {
    const hints = bytesToHex(
      (table ? p384HintsForTable(entry, undefined, unhinted) : p384Hints(entry, unhinted)) ?? new Uint8Array(),
    )
    const { address } = unhinted === 0 ? world.contract : world.sparse
    const args = [digest ?? '0x', table ?? key ?? '0x', signature ?? '0x', hints]
    const measured = await measure(world, address, table ? 'verifyWithTable' : 'verify', args)
    found.push({ unhinted, now: measured.gasUsed - BASE, later: repriced(measured) })
  }
  return found
}

function rowsOf(what: string, unit: string, found: readonly Choice[]): BenchRow[] {
  const [dense] = found
  const best = found.reduce((least, next) => (next.later < least.later ? next : least))
  const none = found.at(-1)
  if (dense === undefined || none === undefined) throw new Error('nothing measured')
  const rules = 'EIP-7976'
  return [
    row({
      name: `${what}, repriced, best density`,
      unit: 'gas',
      ours: best.later,
      goal: dense.later,
      note: `${rules}: ${best.unhinted} ${unit} without slopes are best on such a chain; ${best.now.toLocaleString('en')} today; goal: a slope for every step, repriced`,
    }),
    row({
      name: `${what}, repriced, no slopes`,
      unit: 'gas',
      ours: none.later,
      goal: 1_500_000,
      note: `${rules}: for chains whose calldata costs more than about 53 gas for a byte; the same gas today`,
    }),
  ]
}

/** The pieces with P-384 under the announced prices of calldata and state, before the base of 21,000. */
export async function repricingRows(): Promise<BenchRow[]> {
  const world = await startP384()
  const key = newKey()
  const { table, gasUsed, input } = await world.createTable(key.publicKey)
  const entry = signedCase(key, Uint8Array.of(1))
  const created = { gasUsed: Number(gasUsed), calldataBytes: bytesOf(input), accounts: 1, codeBytes: 12_289, slots: 1 }
  return [
    ...rowsOf('P-384 verify, arbitrary key', 'instructions', await choices(world, entry, INSTRUCTIONS)),
    ...rowsOf('P-384 verify, key with table', 'columns', await choices(world, entry, COLUMNS, table)),
    row({
      name: 'P-384 table of a key, repriced',
      unit: 'gas',
      ours: repriced(created),
      goal: 25_000_000,
      note: 'EIP-8037: 1,530 gas for a byte of state, of which a table has 12,289: pays from some 40 signatures on',
    }),
  ]
}
