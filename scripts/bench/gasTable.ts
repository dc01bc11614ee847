// npm run bench:gas [-- --json]
// Gas of the on-chain verification beside its peers, under Osaka rules, in one run. Writes bench/results/gas.json.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cryptoRows } from './gas/crypto.ts'
import { formatRows } from './row.ts'

const FILE = 'bench/results/gas.json'

const unknown = process.argv.slice(2).filter((word) => word !== '--json')
if (unknown.length > 0) {
  console.error('npm run bench:gas [-- --json]')
  process.exit(unknown.includes('--help') ? 0 : 2)
}
const rows = await cryptoRows()
const result = {
  area: 'gas',
  measuredAt: new Date().toISOString().slice(0, 10),
  rules: 'Osaka',
  compiler: 'solc 0.8.37',
  rows,
}
mkdirSync('bench/results', { recursive: true })
writeFileSync(FILE, `${JSON.stringify(result, null, 2)}\n`)
console.log(process.argv.includes('--json') ? JSON.stringify(result) : formatRows(rows))
process.exit(rows.every(({ ok }) => ok) ? 0 : 1)
