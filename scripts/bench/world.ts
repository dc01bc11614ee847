// npm run bench:world [-- --json] [-- --quick]
// Gas and latency of the walking world, and a stranger's first minutes. Writes bench/results/world.json.
//   --quick   only gas and latency; the file is not written
import { startAttestedWorld } from '../../test/support/attestedWorld.ts'
import { measureClone } from './clone.ts'
import { BATCH, measureGas } from './gas.ts'
import { measureLatency } from './latency.ts'
import { type BenchRow, report, row } from './row.ts'

const PORT_BASE = 27_000
const REQUESTS = 200
/** research: automata-dcap-attestation 2df31aa, TDX quote v4 with the P-256 precompile, measured under Osaka rules. */
const PUBLIC_TDX_VERIFICATION = 3_860_172

async function gasRows(): Promise<BenchRow[]> {
  const world = await startAttestedWorld(PORT_BASE)
  const gas = await measureGas(world).finally(() => world.close())
  const note = 'whole transaction, Osaka rules, endorsements in the store'
  return [
    row({
      name: 'register with a TDX quote, first epoch',
      unit: 'gas',
      ours: Number(gas.registerFirst),
      peer: PUBLIC_TDX_VERIFICATION,
      goal: 350_000,
      note: `${note}; peer: verification alone, published contracts`,
    }),
    row({ name: 'register, next epoch', unit: 'gas', ours: Number(gas.registerNextEpoch), goal: 350_000, note }),
    row({
      name: `settleBatch per voucher, ${BATCH} per batch, first settlement`,
      unit: 'gas',
      ours: Number(gas.settleFirstPerVoucher),
      goal: 60_000,
      note: '20 channels of one provider',
    }),
    row({
      name: `settleBatch per voucher, ${BATCH} per batch, later settlement`,
      unit: 'gas',
      ours: Number(gas.settleNextPerVoucher),
      goal: 60_000,
      note: '20 channels of one provider',
    }),
  ]
}

async function latencyRow(): Promise<BenchRow> {
  const { plainMs, spartanMs, addedMs, requests } = await measureLatency(REQUESTS)
  const note = `p50 of ${requests}: ${spartanMs.toFixed(2)} ms against ${plainMs.toFixed(2)} ms behind plain HTTP; client and server in one process`
  return row({ name: 'added by encryption, voucher, receipt, journal', unit: 'ms', ours: addedMs, goal: 5, note })
}

async function cloneRows(): Promise<BenchRow[]> {
  const { readySeconds, testSeconds } = await measureClone(PORT_BASE + 200, true)
  const note = 'git clone, npm start or npm test with an old Node in PATH; npm packages in the npm cache'
  return [
    row({ name: 'clone to ready', unit: 's', ours: readySeconds, goal: 90, note }),
    row({ name: 'whole test command', unit: 's', ours: testSeconds ?? Number.NaN, goal: 900, note }),
  ]
}

const unknown = process.argv.slice(2).filter((word) => word !== '--quick' && word !== '--json')
if (unknown.length > 0) {
  console.error('npm run bench:world [-- [--json] [--quick]]   --quick: gas and latency only, nothing is written')
  process.exit(unknown.includes('--help') ? 0 : 2)
}
const quick = process.argv.includes('--quick')
const rows = [...(await gasRows()), await latencyRow(), ...(quick ? [] : await cloneRows())]
report('world', rows, { keep: !quick })
