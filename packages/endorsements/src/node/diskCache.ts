import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { type CacheBounds, DEFAULT_CACHE_BOUNDS, type EndorsementCache } from '../store/cache.ts'
import { answerFromJson, answerToJson } from '../store/codec.ts'

/** Left behind by a process that was killed while it wrote. */
const ABANDONED_AFTER_MS = 3_600_000
const ENTRY = /^[0-9a-f]{64}\.json$/
const PARTIAL = /^[0-9a-f]{64}\.[0-9a-f-]{36}\.part$/

/**
 * A cache in a directory of its own (created with 0700): one JSON file per answer, named by the SHA-256 of its key.
 *
 * A file is written beside and renamed, so readers see all of it or the one before; several processes may share the
 * directory. A damaged file is removed and counts as absent. The files that were used longest ago go first.
 */
export function createDiskCache(directory: string, bounds: CacheBounds = DEFAULT_CACHE_BOUNDS): EndorsementCache {
  const nameOf = (key: string) => `${createHash('sha256').update(key).digest('hex')}.json`
  return {
    read: async (key) => {
      const file = join(directory, nameOf(key))
      const text = await readFile(file, 'utf8').catch(() => undefined)
      if (text === undefined) return undefined
      const answer = await answerFromJson(parse(text))
      if (answer?.key !== key) {
        await rm(file, { force: true })
        return undefined
      }
      const now = new Date()
      // Only the order of use hangs on it: a read-only directory still serves.
      await utimes(file, now, now).catch(() => undefined)
      return answer
    },
    write: async (answer) => {
      const text = JSON.stringify(await answerToJson(answer))
      if (text.length > bounds.maxBytes) return
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const name = nameOf(answer.key)
      await writeAtomically(directory, name, text)
      await trim(directory, bounds, name)
    },
    remove: (key) => rm(join(directory, nameOf(key)), { force: true }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function writeAtomically(directory: string, name: string, text: string): Promise<void> {
  const partial = join(directory, name.replace('.json', `.${randomUUID()}.part`))
  try {
    const file = await open(partial, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, join(directory, name))
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

interface EntryFile {
  readonly path: string
  readonly bytes: number
  readonly usedAtMs: number
}

/** Keeps the directory within its bounds; never removes what was just written, nor files of somebody else. */
async function trim(directory: string, bounds: CacheBounds, written: string): Promise<void> {
  const entries: EntryFile[] = []
  for (const name of await readdir(directory)) {
    if (!ENTRY.test(name) && !PARTIAL.test(name)) continue
    const path = join(directory, name)
    const found = await stat(path).catch(() => undefined)
    if (!found) continue
    if (ENTRY.test(name)) {
      entries.push({ path, bytes: found.size, usedAtMs: name === written ? Number.POSITIVE_INFINITY : found.mtimeMs })
    } else if (Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true })
  }
  entries.sort((left, right) => left.usedAtMs - right.usedAtMs)
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
  for (const [index, entry] of entries.entries()) {
    const fits = entries.length - index <= bounds.maxEntries && bytes <= bounds.maxBytes
    if (fits || entry.usedAtMs === Number.POSITIVE_INFINITY) return
    bytes -= entry.bytes
    await rm(entry.path, { force: true })
  }
}
