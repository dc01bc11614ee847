import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../errors.ts'

const lockFile = (dataDir: string) => join(dataDir, 'node.lock')

/** Process id with its start time: a process id alone is given out again after a crash. */
function processTag(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
    return `${pid} ${fields?.[19] ?? ''}`
  } catch {
    return `${pid} `
  }
}

/** Process id of the node that serves from this data directory; undefined when none does. The lock of a dead one does not count. */
export function runningNode(dataDir: string): number | undefined {
  let held: string
  try {
    held = readFileSync(lockFile(dataDir), 'utf8')
  } catch {
    return undefined
  }
  const holder = Number(held.split(' ')[0])
  return holder > 0 && processTag(holder) === held ? holder : undefined
}

/**
 * Takes the data directory for this process: two nodes on one embedded database destroy it, and two nodes of one operator
 * would take each other's epochs. A lock of a dead process is taken over.
 *
 * @returns What gives it back.
 * @throws {ConfigError} `NODE_DATA_DIR_IN_USE`.
 */
export function lockDirectory(dataDir: string): () => void {
  const path = lockFile(dataDir)
  const mine = processTag(process.pid) ?? String(process.pid)
  try {
    writeFileSync(path, mine, { flag: 'wx', mode: 0o600 })
  } catch {
    const holder = runningNode(dataDir)
    if (holder !== undefined)
      throw new ConfigError('NODE_DATA_DIR_IN_USE', { metaMessages: [`${dataDir}, process ${holder}`] })
    writeFileSync(path, mine, { mode: 0o600 })
  }
  return () => rmSync(path, { force: true })
}
