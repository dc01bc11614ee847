import type { Hex } from 'viem'

interface KeptAnswer {
  readonly requestHash: Hex
  readonly body: Uint8Array
}

/** The newest answer of each channel, in memory. */
export interface KeptAnswers {
  /** Undefined unless it answers this very request. */
  get(channelId: Hex, requestHash: Hex): Uint8Array | undefined
  set(channelId: Hex, requestHash: Hex, body: Uint8Array): void
}

/** What an entry takes beside its body, bytes; bounds the number of small ones. */
const ENTRY_BYTES = 512

/** Keeps the newest answers up to `maxBytes` together; the oldest go first, and one larger than all is not kept. */
export function createKeptAnswers(maxBytes: number): KeptAnswers {
  const kept = new Map<Hex, KeptAnswer>()
  let bytes = 0
  const drop = (channelId: Hex) => {
    const found = kept.get(channelId)
    if (found === undefined) return
    bytes -= found.body.length + ENTRY_BYTES
    kept.delete(channelId)
  }
  return {
    get: (channelId, requestHash) => {
      const found = kept.get(channelId)
      return found?.requestHash === requestHash ? found.body : undefined
    },
    set: (channelId, requestHash, body) => {
      drop(channelId)
      if (body.length + ENTRY_BYTES > maxBytes) return
      kept.set(channelId, { requestHash, body })
      bytes += body.length + ENTRY_BYTES
      for (const [oldest] of kept) {
        if (bytes <= maxBytes) return
        drop(oldest)
      }
    },
  }
}
