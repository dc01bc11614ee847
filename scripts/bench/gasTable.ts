// npm run bench:gas [-- --json] [-- --check]
// Gas of the on-chain verification beside its peers, under Osaka rules, in one run. Writes bench/results/gas.json.
//   --check   writes nothing: prints what differs from the committed snapshot; exits 1 when a row costs more, is new, or is gone
//   --help    gasTable.help.txt
import { ensureArtifacts } from '../build/artifacts.ts'
import { ccaRows } from './gas/cca.ts'
import { cryptoRows } from './gas/crypto.ts'
import { intelRows } from './gas/intel.ts'
import { nitroRows } from './gas/nitro.ts'
import { nvidiaRows } from './gas/nvidia.ts'
import { registrationRows } from './gas/registration.ts'
import { repricingRows } from './gas/repricing.ts'
import { compareWithSnapshot } from './gas/snapshot.ts'
import { snpRows } from './gas/snp.ts'
import { report } from './row.ts'

const unknown = process.argv.slice(2).filter((word) => word !== '--json' && word !== '--check')
if (unknown.length > 0) {
  console.error('npm run bench:gas [-- --json] [-- --check]')
  process.exit(unknown.includes('--help') ? 0 : 2)
}
const check = process.argv.includes('--check')
await ensureArtifacts()
const rows = [
  ...(await cryptoRows()),
  ...(await intelRows()),
  ...(await nitroRows()),
  ...(await ccaRows()),
  ...(await snpRows()),
  ...(await nvidiaRows()),
  ...(await registrationRows()),
  ...(await repricingRows()),
]
if (check && !compareWithSnapshot(rows)) process.exitCode = 1
else report('gas', rows, { keep: !check, context: { rules: 'Osaka', compiler: 'solc 0.8.37' } })
