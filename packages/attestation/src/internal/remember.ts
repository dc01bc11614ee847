/** Outcome of work done once: its value, or what it threw. */
type Attempt<T> = { readonly value: T } | { readonly error: unknown }

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() }
  } catch (error) {
    return { error }
  }
}

function outcomeOf<T>(found: Attempt<T>): T {
  if ('error' in found) throw found.error
  return found.value
}

/** Does the work once for every object, errors included; what the object is gone with, the outcome is gone with. */
export function rememberByObject<K extends object, T>(work: (key: K) => T): (key: K) => T {
  const found = new WeakMap<K, Attempt<T>>()
  return (key) => {
    const known = found.get(key) ?? attempt(() => work(key))
    found.set(key, known)
    return outcomeOf(known)
  }
}

/** Does the work once for every text among the `capacity` used last, errors included. */
export function rememberByText<T>(capacity: number): (text: string, work: () => T) => T {
  const found = new Map<string, Attempt<T>>()
  return (text, work) => {
    const known = found.get(text) ?? attempt(work)
    // Put at the end: the first entry of a Map is then the one that was used least recently.
    found.delete(text)
    found.set(text, known)
    if (found.size > capacity) {
      const [oldest] = found.keys()
      if (oldest !== undefined) found.delete(oldest)
    }
    return outcomeOf(known)
  }
}

/** Bytes as text, one letter per byte: a key to remember them by. */
export const textOf = (bytes: Uint8Array) => LATIN1.decode(bytes)

const LATIN1 = new TextDecoder('latin1')
