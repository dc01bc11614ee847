import { DEFAULT_RETRY_BUDGET, type RetryBudget } from './http/retry.ts'
import { createThrottle, type Throttle } from './http/throttle.ts'
import { type Runtime, systemRuntime } from './runtime.ts'
import { createMemoryCache, type EndorsementCache } from './store/cache.ts'

/** How the sources are used. `offline` asks nobody: only what the cache holds, within its own validity. */
export type FetchMode = 'online' | 'offline'

/** What a fetcher is made from; everything has a default. */
export interface FetcherOptions {
  readonly cache?: EndorsementCache
  readonly mode?: FetchMode
  readonly budget?: Partial<RetryBudget>
  readonly runtime?: Partial<Runtime>
  /** Least time between two requests for VCEK certificates. AMD's KDS answers 429 to whoever asks faster. */
  readonly vcekIntervalMs?: number
}

/** What all fetch functions share. Make one per process: pace and cache are per fetcher. */
export interface Fetcher {
  readonly runtime: Runtime
  readonly cache: EndorsementCache
  readonly mode: FetchMode
  readonly budget: RetryBudget
  readonly vcekThrottle: Throttle
  /** Requests under way, so that two who want the same ask once. */
  readonly inFlight: Map<string, Promise<unknown>>
}

/** AMD KDS: about one VCEK per 10 s and client. */
const VCEK_INTERVAL_MS = 10_000

/** Options of one fetch. */
export interface FetchOptions {
  /** Asks the sources even where the cache is fresh; the cache still helps when they cannot be reached. */
  readonly reload?: boolean
  readonly signal?: AbortSignal
}

/** Makes a fetcher. The cache is the process's memory unless one is given. */
export function createFetcher(options: FetcherOptions = {}): Fetcher {
  const runtime: Runtime = { ...systemRuntime(), ...options.runtime }
  return {
    runtime,
    cache: options.cache ?? createMemoryCache(),
    mode: options.mode ?? 'online',
    budget: { ...DEFAULT_RETRY_BUDGET, ...options.budget },
    vcekThrottle: createThrottle(options.vcekIntervalMs ?? VCEK_INTERVAL_MS, runtime),
    inFlight: new Map(),
  }
}
