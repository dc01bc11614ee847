import { RequestError } from '../errors.ts'

/** Runs work one at a time per key, and refuses what comes meanwhile: waiting would take the places of others. */
export type OneAtATime = <T>(key: string, run: () => Promise<T>) => Promise<T>

/** Makes a {@link OneAtATime}. Failure: `NODE_BUSY` while work under the same key is under way. */
export function createOneAtATime(): OneAtATime {
  const busy = new Set<string>()
  return async (key, run) => {
    if (busy.has(key)) throw new RequestError('NODE_BUSY', { metaMessages: ['one at a time'], retryAfterSeconds: 1 })
    busy.add(key)
    try {
      return await run()
    } finally {
      busy.delete(key)
    }
  }
}
