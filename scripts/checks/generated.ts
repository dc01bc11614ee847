// Runs every generator with --check: what is generated must equal what is committed.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

const generators = globSync('scripts/codegen/*.ts').filter((path) => !path.endsWith('.test.ts'))
let stale = 0
for (const generator of generators) {
  const { status } = spawnSync(process.execPath, [generator, '--check'], { stdio: 'inherit' })
  if (status !== 0) {
    console.error(`${generator} --check failed`)
    stale += 1
  }
}
console.log(`generated: ${generators.length} generators, ${stale} stale`)
process.exit(stale === 0 && generators.length > 0 ? 0 : 1)
