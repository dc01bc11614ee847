import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Marks a folder as a world's own and names the process that runs it. */
const MARKER = 'world.lock'

/**
 * Empties and takes a folder for a new world. Only a folder that is missing, empty or an ended world's own is touched.
 *
 * Throws a plain sentence for a folder with other files, and for one whose world is still running.
 */
export function takeStateDir(folder: string): void {
  const entries = existsSync(folder) ? readdirSync(folder) : []
  if (entries.length > 0 && !entries.includes(MARKER))
    throw new Error(`${folder} holds files that are not a world's. Name an empty or new folder with --state-dir.`)
  const pid = entries.includes(MARKER) ? Number(readFileSync(join(folder, MARKER), 'utf8')) : undefined
  if (pid !== undefined && isRunning(pid))
    throw new Error(`A world is running from ${folder} (process ${pid}). Stop it first, or use another --state-dir.`)
  for (const entry of entries) rmSync(join(folder, entry), { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, MARKER), String(process.pid))
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
