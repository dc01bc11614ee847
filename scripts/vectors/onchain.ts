// npm run vectors:onchain [-- --json] [-- --only FAMILY]
// Every published piece of evidence before the library and before the contracts; both have to say the same. Writes
// docs/specs/onchain-agreement.md when all families ran and agreed. Needs SPARTAN_FIXTURES. Exit code 1 when they differ.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ADAPTERS } from '../../test/vectors/onchain/adapters.ts'
import { agreementPage, agreements } from '../../test/vectors/onchain/agreement.ts'
import { hasVectors } from '../../test/vectors/support/manifest.ts'
import { ensureArtifacts } from '../build/artifacts.ts'

const HELP = 'npm run vectors:onchain [-- --json] [-- --only tdx|sgx|sev-snp|cca|nitro|nvidia-gpu]'
const PAGE = fileURLToPath(new URL('../../docs/specs/onchain-agreement.md', import.meta.url))

const options = readOptions()
if (options === undefined || options.help) {
  console.log(HELP)
  process.exit(options === undefined ? 2 : 0)
}
if (!hasVectors) {
  console.error(
    'The published evidence is not at hand: set SPARTAN_FIXTURES to the folder that has vectors/manifest.json.',
  )
  process.exit(2)
}
const chosen = ADAPTERS.filter(({ family }) => options.only === undefined || family === options.only)
if (chosen.length === 0) {
  console.error(HELP)
  process.exit(2)
}
await ensureArtifacts()
console.error(
  `Deploying the verifiers and storing endorsements, family by family: ${chosen.map(({ family }) => family).join(', ')} …`,
)
const found = await agreements(chosen, ({ id, library, contract, notApplicable, ok, differences }) => {
  if (options.json) return
  const words = notApplicable === undefined ? `${contract}${library === contract ? '' : `, library ${library}`}` : '-'
  console.log(
    `${ok ? 'same' : 'DIFFERENT'}  ${id}  ${words}${differences.length > 0 ? ` (${differences.join(', ')})` : ''}`,
  )
})
const wrong = found.filter(({ ok }) => !ok).length
const skipped = found.filter(({ notApplicable }) => notApplicable !== undefined).length
if (options.only === undefined && wrong === 0) writeFileSync(PAGE, agreementPage(found))
if (options.json) console.log(JSON.stringify(found))
else console.log(`${found.length - skipped} judged, ${wrong} different, ${skipped} not given to a contract`)
process.exit(wrong === 0 ? 0 : 1)

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean' } },
    })
    return values
  } catch {
    return undefined
  }
}
