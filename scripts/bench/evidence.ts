// npm run bench:evidence [-- --json] [-- --quick]
// Speed and size of the evidence library beside its peers, in one run. Writes bench/results/evidence.json.
// Needs SPARTAN_FIXTURES (evidence of real hardware).
//   --quick   shorter measurements; the file is not written
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { intelRows } from './evidence/intel.ts'
import { sizeRows } from './evidence/size.ts'
import { snpRows } from './evidence/snp.ts'
import { formatRows } from './row.ts'

const FILE = 'bench/results/evidence.json'

const unknown = process.argv.slice(2).filter((word) => word !== '--quick' && word !== '--json')
if (unknown.length > 0) {
  console.error('npm run bench:evidence [-- [--json] [--quick]]   --quick: shorter, nothing is written')
  process.exit(unknown.includes('--help') ? 0 : 2)
}
const quick = process.argv.includes('--quick')
const spanMs = quick ? 500 : 5_000
const rows = [...(await intelRows(spanMs)), ...(await snpRows(spanMs)), ...(await sizeRows())]
const result = {
  area: 'evidence',
  measuredAt: new Date().toISOString().slice(0, 10),
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? '',
  node: process.version,
  rows,
}
if (!quick) {
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(FILE, `${JSON.stringify(result, null, 2)}\n`)
}
console.log(process.argv.includes('--json') ? JSON.stringify(result) : formatRows(rows))
process.exit(rows.every(({ ok }) => ok) ? 0 : 1)
