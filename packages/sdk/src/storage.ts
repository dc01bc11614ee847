/**
 * Where channels keep their state. When `set` resolves, the value must outlive this process (or page): vouchers are signed
 * right after it. Whether it also outlives a loss of power is up to the store; no browser promises that of `localStorage`.
 */
export interface ChannelStorage {
  readonly get: (key: string) => Promise<string | undefined>
  readonly set: (key: string, value: string) => Promise<void>
  readonly remove: (key: string) => Promise<void>
  readonly keys: () => Promise<readonly string[]>
}

/** Keeps state for the life of the process: for tests, and for clients that close their channels before they end. */
export function createMemoryStorage(): ChannelStorage {
  const values = new Map<string, string>()
  return {
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    remove: async (key) => void values.delete(key),
    keys: async () => [...values.keys()],
  }
}

/** The part of `localStorage` that is used. */
export interface WebStorage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/**
 * Keeps state in `localStorage`. Whoever can run script on the page can spend what is left in its channels, at the pinned
 * provider and price only: session keys open no wallet.
 */
export function createWebStorage(storage: WebStorage, prefix = 'spartan:'): ChannelStorage {
  return {
    get: async (key) => storage.getItem(prefix + key) ?? undefined,
    set: async (key, value) => storage.setItem(prefix + key, value),
    remove: async (key) => storage.removeItem(prefix + key),
    keys: async () =>
      Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length)),
  }
}
