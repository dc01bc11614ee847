// npm run bench:gas [-- --json]
// Gas of the on-chain verification beside its peers, under Osaka rules, in one run. Writes bench/results/gas.json.
import { ccaRows } from './gas/cca.ts'
import { cryptoRows } from './gas/crypto.ts'
import { nitroRows } from './gas/nitro.ts'
import { report } from './row.ts'

const unknown = process.argv.slice(2).filter((word) => word !== '--json')
if (unknown.length > 0) {
  console.error('npm run bench:gas [-- --json]')
  process.exit(unknown.includes('--help') ? 0 : 2)
}
const rows = [...(await cryptoRows()), ...(await nitroRows()), ...(await ccaRows())]
report('gas', rows, { keep: true, context: { rules: 'Osaka', compiler: 'solc 0.8.37' } })
