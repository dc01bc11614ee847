import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDiskCache } from '../node/diskCache.ts'
import { type CacheLike, type CacheStorageLike, createBrowserCache } from './browserCache.ts'
import {
  type CacheBounds,
  type CachedAnswer,
  createMemoryCache,
  DEFAULT_CACHE_BOUNDS,
  type EndorsementCache,
} from './cache.ts'

const answer = (key: string, bytes = 10): CachedAnswer => ({
  key,
  url: `https://source.example/${key}`,
  body: new Uint8Array(bytes).fill(7),
  headers: { 'issuer-chain': 'a%0Ab' },
  etag: '"1"',
  lastModified: undefined,
  confirmedAt: 1_780_272_000,
})

/** The Cache API as the specification describes it, over a map. */
function createCacheStorage(): CacheStorageLike & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>()
  const cache: CacheLike = {
    match: async (url) => {
      const text = entries.get(url)
      return text === undefined ? undefined : new Response(text)
    },
    put: async (url, response) => {
      entries.set(url, await response.text())
    },
    delete: async (url) => entries.delete(url),
    keys: async () => [...entries.keys()].map((url) => ({ url })),
  }
  return { entries, open: async () => cache }
}

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spartan-endorsements-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const KINDS: readonly [string, (bounds?: CacheBounds) => EndorsementCache][] = [
  ['memory', (bounds) => createMemoryCache(bounds)],
  ['disk', (bounds) => createDiskCache(join(directory, 'cache'), bounds)],
  ['browser', (bounds) => createBrowserCache(createCacheStorage(), bounds)],
]

describe.each(KINDS)('%s cache', (_, create) => {
  test('gives back what was written, by its key alone', async () => {
    const cache = create()
    expect(await cache.read('a')).toBeUndefined()
    await cache.write(answer('a'))
    await cache.write(answer('../../b?c d'))
    expect(await cache.read('a')).toEqual(answer('a'))
    expect(await cache.read('../../b?c d')).toEqual(answer('../../b?c d'))
    expect(await cache.read('A')).toBeUndefined()
  })

  test('replaces and removes', async () => {
    const cache = create()
    await cache.write(answer('a'))
    await cache.write({ ...answer('a'), confirmedAt: 1_780_272_001 })
    expect((await cache.read('a'))?.confirmedAt).toBe(1_780_272_001)
    await cache.remove('a')
    await cache.remove('a')
    expect(await cache.read('a')).toBeUndefined()
  })

  test('keeps to its number of entries', async () => {
    const cache = create({ ...DEFAULT_CACHE_BOUNDS, maxEntries: 2 })
    for (const key of ['a', 'b', 'c']) await cache.write(answer(key))
    expect(await cache.read('c')).toBeDefined()
    const left = await Promise.all(['a', 'b', 'c'].map((key) => cache.read(key)))
    expect(left.filter(Boolean)).toHaveLength(2)
  })

  test('keeps to its bytes, and takes nothing that exceeds them alone', async () => {
    const cache = create({ maxEntries: 100, maxBytes: 4000 })
    for (const key of ['a', 'b', 'c']) await cache.write(answer(key, 1500))
    const left = await Promise.all(['a', 'b', 'c'].map((key) => cache.read(key)))
    expect(left.filter(Boolean).length).toBeLessThan(3)
    expect(await cache.read('c')).toBeDefined()
    await cache.write(answer('huge', 5000))
    expect(await cache.read('huge')).toBeUndefined()
  })
})

describe('disk cache', () => {
  const path = () => join(directory, 'cache')
  const onlyFile = () => {
    const [name = ''] = readdirSync(path())
    return join(path(), name)
  }

  test('names files by a digest and keeps them to their owner', async () => {
    await createDiskCache(path()).write(answer('../../../etc/passwd'))
    expect(readdirSync(path())).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.json$/)])
    expect(statSync(path()).mode & 0o777).toBe(0o700)
    expect(statSync(onlyFile()).mode & 0o777).toBe(0o600)
  })

  test('is read by another process', async () => {
    await createDiskCache(path()).write(answer('a'))
    expect(await createDiskCache(path()).read('a')).toEqual(answer('a'))
  })

  test.each<[string, (text: string) => string]>([
    ['cut off', (text) => text.slice(0, 50)],
    ['empty', () => ''],
    ['no JSON', () => 'x'],
    ['another body', (text) => text.replace('BwcH', 'AwcH')],
    ['another key', (text) => text.replace('"key":"a"', '"key":"b"')],
    ['another age', (text) => text.replace('1780272000', '1780272001')],
    ['a null', () => 'null'],
  ])('a damaged file (%s) is dropped', async (_, damage) => {
    const cache = createDiskCache(path())
    await cache.write(answer('a'))
    writeFileSync(onlyFile(), damage(readFileSync(onlyFile(), 'utf8')))
    expect(await cache.read('a')).toBeUndefined()
    expect(readdirSync(path())).toEqual([])
  })

  test('an answer under the name of another is dropped', async () => {
    const cache = createDiskCache(path())
    await cache.write(answer('a'))
    const whole = readFileSync(onlyFile())
    await cache.remove('a')
    await cache.write(answer('b'))
    writeFileSync(onlyFile(), whole)
    expect(await cache.read('b')).toBeUndefined()
    expect(readdirSync(path())).toEqual([])
  })

  test('drops what was used longest ago; a read is a use', async () => {
    const cache = createDiskCache(path(), { ...DEFAULT_CACHE_BOUNDS, maxEntries: 2 })
    await cache.write(answer('a'))
    await cache.write(answer('b'))
    const hourAgo = new Date(Date.now() - 3_600_000)
    for (const name of readdirSync(path())) utimesSync(join(path(), name), hourAgo, hourAgo)
    await cache.read('a')
    await cache.write(answer('c'))
    expect(await cache.read('b')).toBeUndefined()
    expect(await cache.read('a')).toBeDefined()
  })

  test('removes parts that a killed process left, and nothing of others', async () => {
    const cache = createDiskCache(path())
    await cache.write(answer('a'))
    const part = `${'0'.repeat(64)}.00000000-0000-4000-8000-000000000000.part`
    for (const name of [part, 'notes.txt']) writeFileSync(join(path(), name), 'x')
    const old = new Date(Date.now() - 7_200_000)
    for (const name of [part, 'notes.txt']) utimesSync(join(path(), name), old, old)
    await cache.write(answer('b'))
    expect(readdirSync(path()).filter((name) => !name.endsWith('.json'))).toEqual(['notes.txt'])
  })

  test('a directory that cannot be written is an error of the write alone', async () => {
    writeFileSync(join(directory, 'file'), '')
    const cache = createDiskCache(join(directory, 'file'))
    await expect(cache.write(answer('a'))).rejects.toThrow()
    expect(await cache.read('a')).toBeUndefined()
    chmodSync(join(directory, 'file'), 0o600)
  })
})

describe('browser cache', () => {
  test('a damaged entry is dropped', async () => {
    const storage = createCacheStorage()
    const cache = createBrowserCache(storage)
    await cache.write(answer('a'))
    for (const [url, text] of storage.entries) storage.entries.set(url, text.slice(0, -10))
    expect(await cache.read('a')).toBeUndefined()
    expect(storage.entries.size).toBe(0)
  })

  test('uses URLs that resolve nowhere', async () => {
    const storage = createCacheStorage()
    await createBrowserCache(storage).write(answer('https://source.example/secret'))
    expect([...storage.entries.keys()]).toEqual([
      expect.stringMatching(/^https:\/\/endorsements\.invalid\/[0-9a-f]{64}$/),
    ])
  })
})
