// npm run bench:evidence [-- --json] [-- --quick]
// Speed and size of the evidence library beside its peers, in one run. Writes bench/results/evidence.json.
// Needs SPARTAN_FIXTURES (evidence of real hardware).
//   --quick   shorter measurements; the file is not written
import { intelRows } from './evidence/intel.ts'
import { sizeRows } from './evidence/size.ts'
import { snpRows } from './evidence/snp.ts'
import { report } from './row.ts'

const unknown = process.argv.slice(2).filter((word) => word !== '--quick' && word !== '--json')
if (unknown.length > 0) {
  console.error('npm run bench:evidence [-- [--json] [--quick]]   --quick: shorter, nothing is written')
  process.exit(unknown.includes('--help') ? 0 : 2)
}
const quick = process.argv.includes('--quick')
const spanMs = quick ? 500 : 5_000
const rows = [...(await intelRows(spanMs)), ...(await snpRows(spanMs)), ...(await sizeRows())]
report('evidence', rows, { keep: !quick })
