/** Everything this package takes from the world, so that tests replace the network's clock and chance. */
export interface Runtime {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
  /** Waits; rejects with the signal's reason when it aborts. */
  readonly sleep: (delayMs: number, signal?: AbortSignal) => Promise<void>
  /** A number in [0, 1): spreads retries; nothing secret comes from it. */
  readonly random: () => number
}

/** The platform's own fetch, clock, timer and chance. */
export function systemRuntime(): Runtime {
  return {
    fetch: (url, init) => globalThis.fetch(url, init),
    nowMs: () => Date.now(),
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const onAbort = () => {
          clearTimeout(timer)
          reject(signal?.reason)
        }
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        }, delayMs)
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
    random: () => Math.random(),
  }
}
