import { registryWorld } from '../../../test/support/registryWorld.ts'
import { type BenchRow, row } from '../row.ts'
import { BASE, type Measured, repriced } from './prices.ts'

const LIMIT = 350_000
const DAY = 86_400n
/** Of today: CREATE, a byte of code, and a slot that was zero and cold. */
const CREATE = 32_000
const CODE_BYTE = 200
const NEW_SLOT = 22_100
/** Of a record, as RecordData packs it behind one STOP, with an address as receipt signer and without the endpoint. */
const RECORD_BYTES = 1 + 237 + 20

/** `register` with a TDX quote, whole transactions: today and under the announced prices of calldata and state. */
export async function registrationRows(): Promise<BenchRow[]> {
  const world = await registryWorld()
  try {
    await world.admitWorkload()
    const measure = async (slots: number): Promise<Required<Measured>> => {
      const prepared = await world.prepare()
      const { gasUsed, transactionHash: hash } = await world.register(prepared)
      const { input } = await world.client.getTransaction({ hash })
      const codeBytes = RECORD_BYTES + new TextEncoder().encode(prepared.registration.endpoint).length
      return { gasUsed: Number(gasUsed), calldataBytes: input.length / 2 - 1, accounts: 1, codeBytes, slots }
    }
    // Owner of the receipt signer, holder of the platform, head of the provider.
    const first = await measure(3)
    await world.travel(DAY)
    // Owner of the new receipt signer, the past record.
    const next = await measure(2)
    return [...rowsOf('first epoch', first), ...rowsOf('next epoch', next)]
  } finally {
    await world.close()
  }
}

function rowsOf(what: string, measured: Required<Measured>): BenchRow[] {
  const name = `register with a TDX quote, ${what}`
  const slots = keptInSlots(measured)
  const today = `${measured.gasUsed.toLocaleString('en')} against ${slots.gasUsed.toLocaleString('en')} today`
  return [
    row({
      name,
      unit: 'gas',
      ours: measured.gasUsed,
      goal: LIMIT,
      note: 'whole transaction, base of 21,000 and storage included; endpoint of 34 bytes',
    }),
    row({
      name: `${name}, repriced`,
      unit: 'gas',
      ours: BASE + repriced(measured),
      goal: BASE + repriced(slots),
      note: `EIP-7976 and EIP-8037, whole transaction; goal: the same record in storage slots instead of code; ${today}`,
    }),
  ]
}

/** The other way to keep a record, packed as tightly. */
function keptInSlots({ gasUsed, codeBytes, slots, ...rest }: Required<Measured>): Required<Measured> {
  const words = Math.ceil((codeBytes - 1) / 32)
  const otherwise = gasUsed - CREATE - codeBytes * CODE_BYTE + words * NEW_SLOT
  return { ...rest, gasUsed: otherwise, accounts: 0, codeBytes: 0, slots: slots + words }
}
