import type { BaseError } from '@spartan/errors'
import { failureOf } from './errors.ts'
import type { Fetcher, FetchOptions } from './fetcher.ts'
import type { Loaded, SourceReport } from './resource.ts'
import type { CachedAnswer } from './store/cache.ts'

/**
 * Endorsements as the sources gave them: shaped, **not verified**. Only `packages/attestation` says whether they are
 * genuine; what it accepted is handed to {@link Fetched.keep}, and nothing else ever gets into the cache.
 */
export interface Fetched<T> {
  readonly endorsements: T
  readonly sources: readonly SourceReport[]
  /** Seconds: the greatest age among the sources. */
  readonly ageSeconds: number
  /** The raw answers, for a bundle. */
  readonly answers: readonly CachedAnswer[]
  /** Keeps the answers, after a verifier has accepted them. A cache that fails is reported, not thrown. */
  readonly keep: () => Promise<readonly string[]>
  /** Removes the answers that came from the cache, after a verifier has found that they are not genuine. */
  readonly discard: () => Promise<void>
}

/** Puts loaded resources together. */
export function assembleFetched<T>(
  fetcher: Fetcher,
  endorsements: T,
  loaded: readonly Loaded<unknown>[],
  given: readonly SourceReport[] = [],
): Fetched<T> {
  const sources = [...loaded.map(({ report }) => report), ...given]
  const isKept = ({ report }: Loaded<unknown>) => report.from === 'cache' || report.from === 'grace'
  return {
    endorsements,
    sources,
    ageSeconds: Math.max(0, ...sources.map(({ ageSeconds }) => ageSeconds)),
    answers: loaded.map(({ answer }) => answer),
    keep: async () => {
      const problems: string[] = []
      for (const entry of loaded) {
        if (isKept(entry)) continue
        await fetcher.cache.write(entry.answer).catch((error: unknown) => {
          problems.push(`${entry.report.name}: ${error instanceof Error ? error.message : String(error)}`)
        })
      }
      return problems
    },
    discard: async () => {
      for (const entry of loaded) {
        if (entry.report.from !== 'source') await fetcher.cache.remove(entry.answer.key).catch(() => undefined)
      }
    },
  }
}

/** What a verifier found about fetched endorsements. */
export interface Judgement<V> {
  /** Whether the endorsements themselves hold; evidence that is refused for another reason does not make them wrong. */
  readonly genuine: boolean
  /** The evidence failed for a fault of its own: nothing speaks against endorsements whose checks were not reached. */
  readonly inconclusive?: boolean
  readonly problem?: BaseError | undefined
  readonly value: V
}

/**
 * Fetches, has the endorsements judged, and keeps them only when they are genuine. Kept ones that turn out not to be are
 * removed and fetched anew once.
 *
 * @param judge - Runs `packages/attestation` over the endorsements.
 * @throws {EndorsementsError} ENDORSEMENTS_NOT_VERIFIED when those from the sources do not verify either; what `fetch` throws.
 */
export async function fetchVerified<T, V>(
  fetch: (options: FetchOptions) => Promise<Fetched<T>>,
  judge: (endorsements: T) => Promise<Judgement<V>>,
): Promise<{ readonly fetched: Fetched<T>; readonly value: V }> {
  const first = await fetch({})
  const judged = await judge(first.endorsements)
  if (judged.genuine) {
    await first.keep()
    return { fetched: first, value: judged.value }
  }
  const fromCache = first.sources.some(({ from }) => from !== 'source' && from !== 'given')
  // Anybody can make evidence that fails: that must neither empty a cache nor send requests to a source.
  if (!fromCache || judged.inconclusive === true) throw notVerified(judged)
  await first.discard()
  const second = await fetch({ reload: true })
  const again = await judge(second.endorsements)
  if (!again.genuine) throw notVerified(again)
  await second.keep()
  return { fetched: second, value: again.value }
}

function notVerified({ problem }: Judgement<unknown>) {
  return failureOf('ENDORSEMENTS_NOT_VERIFIED', {
    metaMessages: problem ? [`${problem.code}: ${problem.shortMessage}`, ...problem.metaMessages] : [],
    cause: problem,
  })
}

/** Waits for all; the first failure, in the order of the list, is thrown. */
export async function all<const T extends readonly Promise<unknown>[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(promises)
  for (const entry of settled) if (entry.status === 'rejected') throw entry.reason
  return settled.map((entry) => (entry.status === 'fulfilled' ? entry.value : undefined)) as {
    -readonly [K in keyof T]: Awaited<T[K]>
  }
}
