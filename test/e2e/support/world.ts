import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World } from '../../../scripts/demo/world.ts'
import { freePorts } from '../../support/ports.ts'

const READY_TIMEOUT_MS = 240_000

/** A running local world: what `npm start -- --headless` starts. */
export interface RunningWorld {
  /** As it was when it became ready. */
  readonly world: World
  /** As it is now: process ids change when nodes are restarted. */
  readonly current: () => World
  readonly stateDir: string
  readonly stop: () => Promise<void>
}

/** Ports that a world may take from its first one on. */
const WORLD_PORTS = 12

/** Starts a world in a folder of its own and waits until it says that it is ready. */
export async function startWorld(): Promise<RunningWorld> {
  const portBase = await freePorts(WORLD_PORTS)
  const stateDir = mkdtempSync(join(tmpdir(), 'spartan-world-'))
  const args = ['scripts/demo/main.ts', '--headless', '--port-base', String(portBase), '--state-dir', stateDir]
  const { SPARTAN_FIXTURES: _, ...env } = process.env
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const stop = async () => {
    await ended(child)
    rmSync(stateDir, { recursive: true, force: true })
  }
  try {
    await ready(child)
  } catch (error) {
    await stop()
    throw error
  }
  const current = () => JSON.parse(readFileSync(join(stateDir, 'world.json'), 'utf8')) as World
  return { world: current(), current, stateDir, stop }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (why: string) => reject(new Error(`the world did not start: ${why}\n${output.slice(-4000)}`))
    const timer = setTimeout(() => fail(`not ready after ${READY_TIMEOUT_MS / 1000} s`), READY_TIMEOUT_MS)
    const onData = (chunk: Buffer) => {
      output += chunk
      if (!output.includes('"ready":true')) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout?.on('data', onData)
    child.stderr?.on('data', onData)
    child.once('exit', (code) => {
      clearTimeout(timer)
      fail(`exit ${code}`)
    })
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await exited
  clearTimeout(timer)
}
