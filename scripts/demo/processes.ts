import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

const STOP_GRACE_MS = 8_000

/** A child of the world whose output goes to its own log file. */
export interface WorldProcess {
  readonly name: string
  readonly logFile: string
  readonly child: ChildProcess
  /** Settles when the child ends by itself. */
  readonly ended: Promise<string>
}

/** Starts a child with its output in `logFile`. */
export function startProcess(
  name: string,
  logFile: string,
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): WorldProcess {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = createWriteStream(logFile, { flags: 'a' })
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.pipe(log)
  child.stderr.pipe(log)
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`${name} could not be started: ${error.message}`))
    child.on('exit', (code, signal) => resolve(`${name} ended (${signal ?? `exit ${code}`}); its log: ${logFile}`))
  })
  return { name, logFile, child, ended }
}

/** Asks a child to stop and kills it when it does not within the grace time. */
export async function stopProcess(process_: WorldProcess): Promise<void> {
  const { child } = process_
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
  await exited
  clearTimeout(timer)
}

/** Waits until `check` holds; fails at once when the process ends, and after `timeoutMs` with the end of its log. */
export async function waitFor(
  process_: Pick<WorldProcess, 'name' | 'logFile' | 'ended'>,
  check: () => Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  let endedText: string | undefined
  process_.ended.then((text) => {
    endedText = text
  })
  while (Date.now() < deadline) {
    if (endedText !== undefined) throw new Error(`${endedText}\n${tail(process_.logFile)}`)
    if (await check().catch(() => false)) return
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  throw new Error(
    `${process_.name} was not ready after ${timeoutMs / 1000} s; its log: ${process_.logFile}\n${tail(process_.logFile)}`,
  )
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-12).join('\n')
}

/** Whether a URL answers with a status below 400. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  return response.ok
}
