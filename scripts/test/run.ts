// Runs one task of the test command and writes its counts to test-results/<task>.json.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { ensureArtifacts } from '../build/artifacts.ts'
import { TASKS } from './tasks.ts'

const task = TASKS.find(({ name }) => name === process.argv[2])
if (!task) {
  console.error(`usage: node scripts/test/run.ts ${TASKS.map(({ name }) => name).join(' | ')}`)
  process.exit(2)
}
mkdirSync('test-results', { recursive: true })
const resultFile = `test-results/${task.name}.json`
rmSync(resultFile, { force: true })

// Turbo has built what the task depends on; on its own the task sees to it itself.
if (process.env.TURBO_HASH === undefined && needsContracts(task.name)) await ensureArtifacts()

const child = spawn(task.command, [...task.args], { stdio: ['ignore', 'pipe', 'pipe'] })
let output = ''
for (const stream of [child.stdout, child.stderr])
  stream.on('data', (chunk: Buffer) => {
    output += chunk
    process.stdout.write(chunk)
  })
child.on('exit', (code) => {
  writeFileSync(resultFile, `${JSON.stringify(task.count(output, code === 0))}\n`)
  process.exit(code ?? 1)
})

function needsContracts(name: string): boolean {
  const { tasks } = JSON.parse(readFileSync('turbo.json', 'utf8')) as {
    readonly tasks: Readonly<Record<string, { readonly dependsOn?: readonly string[] }>>
  }
  return tasks[`//#test:${name}`]?.dependsOn?.includes('//#build:contracts') === true
}
