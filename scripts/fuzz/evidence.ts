// npm run fuzz:evidence [-- CASES]
// The properties of test/fuzz with more cases: for every format, CASES (100,000 unless said) over its properties.
import { spawnSync } from 'node:child_process'

const [given = '100000', ...rest] = process.argv.slice(2)
const cases = Number(given)
if (!Number.isSafeInteger(cases) || cases < 1 || rest.length > 0) {
  console.error('npm run fuzz:evidence [-- CASES]   CASES: cases of each format, 100000 unless given')
  process.exit(given === '--help' ? 0 : 2)
}
const command = ['run', '--project', 'unit', '--testTimeout', '7200000', '--reporter', 'verbose', 'test/fuzz']
const { status } = spawnSync('node_modules/.bin/vitest', command, {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_CASES: String(cases) },
})
process.exit(status ?? 1)
