import type { Hex } from 'viem'
import { RequestError } from '../errors.ts'
import type { Chain, Channel } from './ports.ts'

/** What a channel must be opened for, to be served by this node. */
export interface ServedAsset {
  readonly providerId: Hex
  readonly assetId: bigint
  readonly assetVersion: number
  readonly contentRoot: Hex
}

/** Channels as the chain has them, read at most every `maxAgeSeconds` each. */
export interface ChannelReader {
  read(channelId: Hex, fresh?: boolean): Promise<Channel>
}

/** Entries kept; the oldest goes first. Bounds memory against made-up channel ids. */
const MAX_CACHED = 10_000

/**
 * Reads channels with a bounded age.
 *
 * A close request younger than the age is not seen: what is served after it is not paid, and at most this age of it is at
 * risk. Receipts made before the request are paid anyway.
 */
export function createChannelReader(chain: Chain, maxAgeSeconds: number, nowMs: () => number): ChannelReader {
  const cache = new Map<Hex, { readonly channel: Channel; readonly readAt: number }>()
  return {
    read: async (channelId, fresh = false) => {
      const cached = cache.get(channelId)
      if (!fresh && cached !== undefined && nowMs() - cached.readAt <= maxAgeSeconds * 1000) return cached.channel
      const readAt = nowMs()
      const channel = await chain.channel(channelId)
      cache.delete(channelId)
      // Only channels that exist are kept: one that is about to be opened must be seen at once.
      if (channel.status !== 'None') cache.set(channelId, { channel, readAt })
      const [oldest] = cache.keys()
      if (cache.size > MAX_CACHED && oldest !== undefined) cache.delete(oldest)
      return channel
    },
  }
}

/**
 * Refuses a channel that could not be settled for this node and asset.
 *
 * @param marginSeconds - How long before its expiry a channel is no longer served.
 * @throws {RequestError} `CHANNEL_UNKNOWN`, `CHANNEL_NOT_OPEN`, `CHANNEL_CLOSED`, `NODE_CHANNEL_OTHER_PROVIDER`,
 *   `NODE_CHANNEL_OTHER_ASSET`, `NODE_CHANNEL_EXPIRING`.
 */
export function checkChannel(channel: Channel, served: ServedAsset, nowSeconds: number, marginSeconds: number): void {
  if (channel.status === 'None') throw new RequestError('CHANNEL_UNKNOWN')
  if (channel.status === 'Closed') throw new RequestError('CHANNEL_CLOSED')
  if (channel.status !== 'Open') throw new RequestError('CHANNEL_NOT_OPEN', { metaMessages: ['a close was requested'] })
  if (channel.providerId !== served.providerId)
    throw new RequestError('NODE_CHANNEL_OTHER_PROVIDER', {
      metaMessages: [`expected ${served.providerId}, got ${channel.providerId}`],
    })
  const { assetId, assetVersion, contentRoot } = served
  if (
    channel.assetId !== assetId ||
    channel.assetVersion !== assetVersion ||
    channel.contentRoot.toLowerCase() !== contentRoot.toLowerCase()
  )
    throw new RequestError('NODE_CHANNEL_OTHER_ASSET', {
      metaMessages: [
        `expected ${assetId} version ${assetVersion}, got ${channel.assetId} version ${channel.assetVersion}`,
      ],
    })
  if (channel.expiresAt < nowSeconds + marginSeconds)
    throw new RequestError('NODE_CHANNEL_EXPIRING', { metaMessages: [`expires at ${channel.expiresAt}`] })
}
