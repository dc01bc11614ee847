// npm run codegen: runs every generator of this folder. With --check nothing is written; a stale file fails.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { ensureArtifacts } from '../build/artifacts.ts'

const check = process.argv.includes('--check')
const generators = readdirSync(import.meta.dirname).filter((name) => /^(?!all\.).*(?<!\.test)\.ts$/.test(name))
if (process.env.TURBO_HASH === undefined) await ensureArtifacts()
let failed = 0
for (const generator of generators) {
  const args = [`${import.meta.dirname}/${generator}`, ...(check ? ['--check'] : [])]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) {
    console.error(`scripts/codegen/${generator} failed`)
    failed += 1
  }
}
console.log(`generated: ${generators.length} generators, ${failed} failed`)
process.exit(failed === 0 && generators.length > 0 ? 0 : 1)
