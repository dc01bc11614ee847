/** One answer of a source, as it came. Only answers that a verifier has accepted are kept. */
export interface CachedAnswer {
  /** What was asked for, for every source alike: `intel/tdx/tcb/… `. */
  readonly key: string
  /** Where it came from. */
  readonly url: string
  readonly body: Uint8Array<ArrayBuffer>
  /** Headers that are part of the answer (issuer chains), names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Validators for conditional requests (RFC 9110 §8.8). */
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  /** Unix seconds: when the source last gave or confirmed it. */
  readonly confirmedAt: number
}

/**
 * Where answers are kept. Reading gives undefined for whatever is absent or damaged; a cache that fails never makes a
 * fetch fail. What comes out is not trusted more than what comes from the network: it is verified again at every use.
 */
export interface EndorsementCache {
  readonly read: (key: string) => Promise<CachedAnswer | undefined>
  readonly write: (answer: CachedAnswer) => Promise<void>
  readonly remove: (key: string) => Promise<void>
}

/** Bounds of a cache; the entries that were used longest ago go first. */
export interface CacheBounds {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** 512 answers, 32 MiB. */
export const DEFAULT_CACHE_BOUNDS: CacheBounds = { maxEntries: 512, maxBytes: 32 * 1024 * 1024 }

/** A cache that lives as long as the process. */
export function createMemoryCache(bounds: CacheBounds = DEFAULT_CACHE_BOUNDS): EndorsementCache {
  const answers = new Map<string, CachedAnswer>()
  let bytes = 0
  const remove = (key: string) => {
    bytes -= answers.get(key)?.body.length ?? 0
    answers.delete(key)
  }
  return {
    read: async (key) => {
      const answer = answers.get(key)
      if (!answer) return undefined
      // Maps keep the order of insertion: the newest use stands last.
      answers.delete(key)
      answers.set(key, answer)
      return answer
    },
    write: async (answer) => {
      remove(answer.key)
      if (answer.body.length > bounds.maxBytes) return
      answers.set(answer.key, answer)
      bytes += answer.body.length
      for (const oldest of answers.keys()) {
        if (answers.size <= bounds.maxEntries && bytes <= bounds.maxBytes) break
        remove(oldest)
      }
    },
    remove: async (key) => remove(key),
  }
}
