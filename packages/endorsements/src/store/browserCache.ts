import { sha256, toHex } from '../bytes.ts'
import { type CacheBounds, DEFAULT_CACHE_BOUNDS, type EndorsementCache } from './cache.ts'
import { answerFromJson, answerToJson } from './codec.ts'

/** The part of the Cache API (Service Workers specification §5.4) that is used; `caches` of a page or a worker fits. */
export interface CacheStorageLike {
  readonly open: (name: string) => Promise<CacheLike>
}

/** One named cache of it. */
export interface CacheLike {
  readonly match: (url: string) => Promise<Response | undefined>
  readonly put: (url: string, response: Response) => Promise<void>
  readonly delete: (url: string) => Promise<boolean>
  readonly keys: () => Promise<readonly { readonly url: string }[]>
}

/** Answers live under URLs of a name that resolves nowhere (RFC 2606), so no request can ever meet them. */
const BASE_URL = 'https://endorsements.invalid/'

/**
 * A cache that survives reloads of a page. Browsers offer `caches` on https and localhost only.
 *
 * @param bounds - Oldest written go first; bytes are those of the stored JSON.
 */
export function createBrowserCache(
  storage: CacheStorageLike = globalThis.caches,
  bounds: CacheBounds = DEFAULT_CACHE_BOUNDS,
  name = 'spartan-endorsements-1',
): EndorsementCache {
  const urlOf = async (key: string) => `${BASE_URL}${toHex(await sha256(new TextEncoder().encode(key)))}`
  return {
    read: async (key) => {
      const cache = await storage.open(name)
      const url = await urlOf(key)
      const stored = await cache.match(url)
      if (!stored) return undefined
      const answer = await answerFromJson(await stored.json().catch(() => undefined))
      if (answer?.key === key) return answer
      await cache.delete(url)
      return undefined
    },
    write: async (answer) => {
      const text = JSON.stringify(await answerToJson(answer))
      if (text.length > bounds.maxBytes) return
      const cache = await storage.open(name)
      const url = await urlOf(answer.key)
      // Written anew, so that `keys` lists it last.
      await cache.delete(url)
      await cache.put(url, new Response(text, { headers: { 'content-type': 'application/json' } }))
      await trim(cache, bounds)
    },
    remove: async (key) => {
      const cache = await storage.open(name)
      await cache.delete(await urlOf(key))
    },
  }
}

/** `keys` lists in the order of writing. */
async function trim(cache: CacheLike, bounds: CacheBounds): Promise<void> {
  const urls = (await cache.keys()).map(({ url }) => url)
  const sizes = await Promise.all(urls.map(async (url) => (await (await cache.match(url))?.text())?.length ?? 0))
  let bytes = sizes.reduce((sum, size) => sum + size, 0)
  for (const [index, url] of urls.entries()) {
    if (urls.length - index <= bounds.maxEntries && bytes <= bounds.maxBytes) return
    bytes -= sizes[index] ?? 0
    await cache.delete(url)
  }
}
