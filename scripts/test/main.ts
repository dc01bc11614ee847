// npm test: every check through turbo, then one line that sums all runners.
//   npm test                 everything (turbo replays what has not changed)
//   npm test -- --force      everything anew
//   npm test -- unit types   only these tasks
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Counts, TASKS } from './tasks.ts'

/** Tests read real evidence and prices from there; cached results must not outlive a change of them. */
function fixturesDigest(): string {
  const folder = resolve(process.env.SPARTAN_FIXTURES ?? '../shared')
  const hash = createHash('sha256')
  for (const manifest of ['vectors/manifest.json', 'market/manifest.json', 'models/manifest.json']) {
    const file = join(folder, manifest)
    hash.update(existsSync(file) ? readFileSync(file) : 'missing')
  }
  return hash.digest('hex')
}

function countsOf(name: string): Counts {
  const file = `test-results/${name}.json`
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  return JSON.parse(readFileSync(file, 'utf8')) as Counts
}

const USAGE = `npm test [-- [--force] [task …]]   tasks: ${TASKS.map(({ name }) => name).join(', ')}`
const unknown = process.argv.slice(2).filter((word) => word.startsWith('--') && word !== '--force')
if (unknown.length > 0) {
  console.error(USAGE)
  process.exit(unknown.includes('--help') ? 0 : 2)
}
const force = process.argv.includes('--force')
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const tasks = wanted.length === 0 ? TASKS : TASKS.filter(({ name }) => wanted.includes(name))
if (tasks.length === 0) {
  console.error(`unknown task; there are: ${TASKS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
rmSync('test-results', { recursive: true, force: true })
const fixtures = resolve(process.env.SPARTAN_FIXTURES ?? '../shared')
const { status } = spawnSync(
  'turbo',
  [
    'run',
    ...tasks.map(({ name }) => `//#test:${name}`),
    '--continue',
    '--concurrency=2',
    '--ui=stream',
    ...(force ? ['--force'] : []),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      SPARTAN_FIXTURES: fixtures,
      FIXTURES_DIGEST: fixturesDigest(),
      TURBO_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
    },
  },
)

const sum = { passed: 0, failed: 0, skipped: 0 }
for (const { name } of tasks) {
  const counts = countsOf(name)
  console.log(`${name.padEnd(12)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  sum.passed += counts.passed
  sum.failed += counts.failed
  sum.skipped += counts.skipped
}
if (status !== 0 && sum.failed === 0) sum.failed = 1
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
process.exit(sum.failed === 0 ? 0 : 1)
