import type { Runtime } from '../runtime.ts'

/** Spaces requests to one source out, for sources that answer 429 to whoever asks faster. */
export interface Throttle {
  /** Waits for its turn. False, at once, when the turn comes after `deadlineMs`. */
  readonly acquire: (deadlineMs: number, signal?: AbortSignal) => Promise<boolean>
  /** Nobody asks before this much time has passed: the source said so. */
  readonly backOff: (delayMs: number) => void
}

/** A source that asks for more, or somebody in its place, does not keep everyone away for longer: an hour. */
const LONGEST_BACK_OFF_MS = 3_600_000

/** One request per `intervalMs`, in the order of the calls. */
export function createThrottle(intervalMs: number, runtime: Runtime): Throttle {
  let nextAtMs = 0
  let seenMs = 0
  const read = () => {
    const now = runtime.nowMs()
    // A clock that was set back must not hold everyone for as long as it moved.
    if (now < seenMs) nextAtMs -= seenMs - now
    seenMs = now
    return now
  }
  return {
    acquire: async (deadlineMs, signal) => {
      const now = read()
      const turnAtMs = Math.max(nextAtMs, now)
      if (turnAtMs > deadlineMs) return false
      nextAtMs = turnAtMs + intervalMs
      if (turnAtMs > now) await runtime.sleep(turnAtMs - now, signal)
      return true
    },
    backOff: (delayMs) => {
      nextAtMs = Math.max(nextAtMs, read() + Math.min(delayMs, LONGEST_BACK_OFF_MS))
    },
  }
}
