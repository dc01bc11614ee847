import { mkdirSync } from 'node:fs'
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
import { lockDirectory } from './lock.ts'

const MIGRATIONS = { migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)) }

/**
 * Opens the journal named in the configuration, brings its schema up to date, and locks the data directory. Failures: `NODE_JOURNAL_FAILED`,
 * `NODE_DATA_DIR_IN_USE`.
 */
export async function openJournal(config: Pick<NodeConfig, 'dataDir' | 'store'>): Promise<Journal> {
  if (config.store.kind === 'embedded') return openEmbeddedJournal(config.dataDir)
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const unlock = lockDirectory(config.dataDir)
  try {
    const journal = await openPostgresJournal(readSecretUrl(config.store.urlFile))
    const close = async () => {
      await journal.close()
      unlock()
    }
    return { ...journal, close }
  } catch (error) {
    unlock()
    throw error
  }
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
    const run = (text: string, values: readonly unknown[]) => client.query(text, [...values])
    return createJournal(db, run, async () => {
      await client.close()
      unlock()
    })
  } catch (cause) {
    unlock()
    throw new JournalError('NODE_JOURNAL_FAILED', { metaMessages: [`while: opening ${dataDir}`], cause })
  }
}

/** Any number, the same for every node: it names the lock of a journal inside its database. */
const JOURNAL_LOCK = 0x5350_4152

/**
 * The journal's lock, held by one connection for as long as the process lives. The state of channels is kept in memory, so
 * two processes on one journal would charge one number twice.
 */
async function lockJournal(pool: pg.Pool): Promise<{ readonly held: () => boolean; readonly unlock: () => void }> {
  const client = await pool.connect()
  const { rows } = await client.query('select pg_try_advisory_lock($1) as locked', [JOURNAL_LOCK])
  let held = rows[0]?.locked === true
  if (held) {
    // Its connection is gone and with it the lock: another process may have taken it.
    client.on('error', () => {
      held = false
    })
    return { held: () => held, unlock: () => client.release(true) }
  }
  client.release()
  throw new ConfigError('NODE_DATA_DIR_IN_USE', { metaMessages: ['another process uses this journal in PostgreSQL'] })
}

/** A PostgreSQL server; one process at a time. Failures: `NODE_DATA_DIR_IN_USE`, `NODE_JOURNAL_FAILED`. */
export async function openPostgresJournal(url: string): Promise<Journal> {
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  try {
    const { held, unlock } = await lockJournal(pool)
    const db = drizzlePostgres(pool)
    await migratePostgres(db, MIGRATIONS)
    // A name, so that the server keeps the plan.
    const run = (text: string, values: readonly unknown[]) =>
      pool.query({ name: 'spartan_append', text, values: [...values] })
    const journal = createJournal(db, run, () => {
      unlock()
      return pool.end()
    })
    const whileHeld = async <T>(run: () => Promise<T>): Promise<T> => {
      if (held()) return await run()
      throw new JournalError('NODE_JOURNAL_FAILED', { metaMessages: ['the lock of the journal was lost'] })
    }
    return {
      ...journal,
      append: (...entry) => whileHeld(() => journal.append(...entry)),
      agreeClose: (...agreed) => whileHeld(() => journal.agreeClose(...agreed)),
    }
  } catch (cause) {
    await pool.end()
    if (cause instanceof ConfigError) throw cause
    throw new JournalError('NODE_JOURNAL_FAILED', { metaMessages: ['while: connecting to PostgreSQL'], cause })
  }
}
