import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import { migrate as migratePostgres } from 'drizzle-orm/node-postgres/migrator'
import { drizzle as drizzleEmbedded } from 'drizzle-orm/pglite'
import { migrate as migrateEmbedded } from 'drizzle-orm/pglite/migrator'
import pg from 'pg'
import { type NodeConfig, readSecretUrl } from '../../config.ts'
import { ConfigError, JournalError } from '../../errors.ts'
import type { Journal } from '../../services/ports.ts'
import { createJournal } from './journal.ts'

const MIGRATIONS = { migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)) }

/** Opens the journal named in the configuration and brings its schema up to date. Failures: `NODE_JOURNAL_FAILED`, `NODE_DATA_DIR_IN_USE`. */
export async function openJournal(config: Pick<NodeConfig, 'dataDir' | 'store'>): Promise<Journal> {
  if (config.store.kind === 'postgres') return openPostgresJournal(readSecretUrl(config.store.urlFile))
  return openEmbeddedJournal(config.dataDir)
}

/**
 * PostgreSQL inside this process (PGlite), files below `dataDir`. One process at a time.
 *
 * What is journaled survives the end of the process, kill -9 included: it has been handed to the operating system. It need not
 * survive a loss of power or a crash of the machine, because PGlite runs PostgreSQL without fsync. An operator who has to
 * keep receipts through that uses {@link openPostgresJournal} with a server of its own settings.
 */
export async function openEmbeddedJournal(dataDir: string): Promise<Journal> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const unlock = lockDirectory(dataDir)
  try {
    const client = await PGlite.create(join(dataDir, 'journal'))
    const db = drizzleEmbedded(client)
    await migrateEmbedded(db, MIGRATIONS)
    return createJournal(db, async () => {
      await client.close()
      unlock()
    })
  } catch (cause) {
    unlock()
    throw new JournalError('NODE_JOURNAL_FAILED', { metaMessages: [`while: opening ${dataDir}`], cause })
  }
}

/** A PostgreSQL server, for several replicas. */
export async function openPostgresJournal(url: string): Promise<Journal> {
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  try {
    const db = drizzlePostgres(pool)
    await migratePostgres(db, MIGRATIONS)
    return createJournal(db, () => pool.end())
  } catch (cause) {
    await pool.end()
    throw new JournalError('NODE_JOURNAL_FAILED', { metaMessages: ['while: connecting to PostgreSQL'], cause })
  }
}

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

/** Two processes on one embedded database destroy it, so the second one is refused. A lock of a dead process is taken over. */
function lockDirectory(dataDir: string): () => void {
  const path = join(dataDir, 'node.lock')
  const mine = processTag(process.pid) ?? String(process.pid)
  try {
    writeFileSync(path, mine, { flag: 'wx', mode: 0o600 })
  } catch {
    const held = readFileSync(path, 'utf8')
    const holder = Number(held.split(' ')[0])
    if (holder > 0 && processTag(holder) === held)
      throw new ConfigError('NODE_DATA_DIR_IN_USE', { metaMessages: [`${dataDir}, process ${holder}`] })
    writeFileSync(path, mine, { mode: 0o600 })
  }
  return () => rmSync(path, { force: true })
}
