import type { Hex } from 'viem'
import type { ChannelState } from '../../services/ports.ts'

/** Channels kept in memory; each takes well under a kilobyte. */
const MAX_CHANNELS = 10_000

/**
 * Newest state of the channels served last, so that a request on a known channel reads nothing from the database.
 *
 * Only a shortcut: every write checks the state in the database again, and a write that fails forgets the channel here.
 */
export function createChannelStates() {
  const states = new Map<Hex, ChannelState>()
  return {
    get: (channelId: Hex) => states.get(channelId),
    set(state: ChannelState) {
      states.delete(state.channelId)
      states.set(state.channelId, state)
      const [oldest] = states.keys()
      if (states.size > MAX_CHANNELS && oldest !== undefined) states.delete(oldest)
    },
    forget: (channelId: Hex) => states.delete(channelId),
  }
}

export type ChannelStates = ReturnType<typeof createChannelStates>
