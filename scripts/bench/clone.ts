import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const READY_TIMEOUT_MS = 600_000

/** Seconds of a stranger's first minutes: clone to ready, and, where asked for, the whole test command. */
export interface CloneTimes {
  readonly readySeconds: number
  readonly testSeconds: number | undefined
}

/** Clones the committed state into a new folder and runs the two commands of the README there. */
export async function measureClone(portBase: number, withTests: boolean): Promise<CloneTimes> {
  const folder = mkdtempSync(join(tmpdir(), 'spartan-clone-'))
  try {
    const startedAt = performance.now()
    run('git', ['clone', '--quiet', process.cwd(), folder], process.cwd())
    const readySeconds = ((await startWorldIn(folder, portBase)) - startedAt) / 1000
    if (!withTests) return { readySeconds, testSeconds: undefined }
    const testsAt = performance.now()
    run('npm', ['test', '--', '--force'], folder, {
      SPARTAN_FIXTURES: resolve(process.env.SPARTAN_FIXTURES ?? '../shared'),
    })
    return { readySeconds, testSeconds: (performance.now() - testsAt) / 1000 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The PATH without this checkout's own toolchain: the clone has to bring its own. */
function strangersEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '').split(':').filter((entry) => !/\.toolchain|node_modules/.test(entry))
  return { ...process.env, ...extra, PATH: path.join(':') }
}

function run(command: string, args: readonly string[], cwd: string, extra: Record<string, string> = {}): void {
  const { status } = spawnSync(command, args, { cwd, env: strangersEnvironment(extra), stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`)
}

/** Starts a world, stops it once it is ready, and returns when that was. */
function startWorldIn(cwd: string, portBase: number): Promise<number> {
  return new Promise((resolveReady, reject) => {
    const args = ['start', '--', '--headless', '--port-base', String(portBase)]
    const child = spawn('npm', args, { cwd, env: strangersEnvironment(), stdio: ['ignore', 'pipe', 2], detached: true })
    const stop = () => child.pid && process.kill(-child.pid, 'SIGTERM')
    const timer = setTimeout(() => {
      stop()
      reject(new Error('the world was not ready in time'))
    }, READY_TIMEOUT_MS)
    let readyAt: number | undefined
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk
      if (readyAt !== undefined || !output.includes('"ready":true')) return
      readyAt = performance.now()
      stop()
    })
    child.on('exit', (code) => {
      clearTimeout(timer)
      if (readyAt !== undefined) resolveReady(readyAt)
      else reject(new Error(`npm start ended with ${code}`))
    })
  })
}
