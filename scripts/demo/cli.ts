import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'

export const SPARTAN = ['--disable-warning=ExperimentalWarning', 'apps/node/src/main.ts'] as const

/** Runs one `spartan` command with --json and returns its answer: the world is built with the tools a person would use. */
export function spartan<T>(args: readonly string[], logFile: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...SPARTAN, ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      appendFileSync(logFile, `$ spartan ${args.join(' ')}\n${stdout}${stderr}`)
      if (code !== 0) reject(new Error(`spartan ${args.slice(0, 2).join(' ')} failed (exit ${code}): ${stderr.trim()}`))
      else resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null') as T)
    })
  })
}
