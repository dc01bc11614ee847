import { RequestError } from '../errors.ts'

/** A bounded number of places. */
export interface Slots {
  /** Takes a place; the returned function gives it back. Failure: `NODE_BUSY` when all are taken. */
  take(): () => void
}

/** At most `limit` at a time; the next one is refused at once rather than queued without bound. */
export function createSlots(limit: number): Slots {
  let used = 0
  return {
    take: () => {
      if (used >= limit) throw new RequestError('NODE_BUSY', { retryAfterSeconds: 1 })
      used += 1
      return () => {
        used -= 1
      }
    },
  }
}
