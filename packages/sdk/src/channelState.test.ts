import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ChannelState,
  forgetChannel,
  listChannels,
  loadChannel,
  parseChannel,
  saveChannel,
  serializeChannel,
  withChannelLock,
} from './channelState.ts'
import { createMemoryStorage, createWebStorage } from './storage.ts'

const word = (byte: string) => `0x${byte.repeat(32)}` as const
const address = (byte: string) => `0x${byte.repeat(20)}` as const
const state: ChannelState = {
  channelId: word('ab'),
  chainId: 31337,
  escrow: address('ee'),
  payer: address('01'),
  token: address('02'),
  params: {
    providerId: word('03'),
    assetId: 2n ** 255n,
    assetVersion: 1,
    deposit: 10n ** 30n,
    voucherSigner: address('04'),
    closeDelaySeconds: 3600,
    expiresAt: 1_900_000_000n,
    salt: word('05'),
    maxPricePerUnitIn: 3n,
    maxPricePerUnitOut: 50n,
  },
  sessionPrivateKey: word('07'),
  opened: true,
  deposit: 10n ** 30n,
  pricePerUnitIn: 3n,
  pricePerUnitOut: 50n,
  contentRoot: word('06'),
  openedAt: 1_800_000_000n,
  lastReceipt: undefined,
  pending: { seq: 1n, path: '/v2/models/trend/infer', body: Uint8Array.of(0, 255, 7), cumulativeMax: 9n, notAfter: 5n },
}
const contracts = { channelEscrow: address('ee') } as never
const contextWith = (storage = createMemoryStorage()) => ({ storage, chainId: 31337, contracts })

/** localStorage, as browsers have it. */
function fakeLocalStorage() {
  const values = new Map<string, string>()
  return {
    get length() {
      return values.size
    },
    key: (index: number) => [...values.keys()][index] ?? null,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  }
}

describe('channel state', () => {
  test('default: round trip through text, memory and web storage', async () => {
    expect(parseChannel(serializeChannel(state))).toEqual(state)
    for (const storage of [createMemoryStorage(), createWebStorage(fakeLocalStorage())]) {
      const context = contextWith(storage)
      await saveChannel(context, state)
      expect(await loadChannel(context, state.channelId)).toEqual(state)
      expect(await listChannels(context)).toEqual([state])
      expect(await listChannels({ ...context, chainId: 1 })).toEqual([])
      await forgetChannel(context, state.channelId)
      await expect(loadChannel(context, state.channelId)).rejects.toMatchObject({ code: 'SDK_CHANNEL_STATE_MISSING' })
    }
  })

  test('error: SDK_CHANNEL_STATE_MALFORMED for any other text, without the session key in the error', () => {
    const text = serializeChannel(state)
    const broken = text.replace('"deposit":"1', '"deposit":"-1')
    for (const bad of ['', '{}', text.slice(0, -1), broken]) {
      expect(() => parseChannel(bad)).toThrow(expect.objectContaining({ code: 'SDK_CHANNEL_STATE_MALFORMED' }))
    }
    try {
      parseChannel(broken)
    } catch (error) {
      expect(`${error} ${JSON.stringify(error)} ${(error as Error).cause}`).not.toContain('0707')
    }
    fc.assert(
      fc.property(fc.string(), (random) => {
        expect(() => parseChannel(random)).toThrow(expect.objectContaining({ code: 'SDK_CHANNEL_STATE_MALFORMED' }))
      }),
    )
  })

  test('withChannelLock: one at a time per channel, also after a failure', async () => {
    const context = contextWith()
    const order: string[] = []
    const work = (name: string, fail = false) =>
      withChannelLock(context, state.channelId, async () => {
        order.push(`${name} starts`)
        await new Promise((resolve) => setTimeout(resolve, 5))
        order.push(`${name} ends`)
        if (fail) throw new Error(name)
      })
    const results = await Promise.allSettled([work('a', true), work('b'), work('c')])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(order).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends'])
  })
})
