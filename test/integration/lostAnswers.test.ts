import { type ChannelStorage, createMemoryStorage, createSpartanClient } from '@spartan/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHAIN_ID, clientsFor, indexOf } from '../../scripts/demo/chain.ts'
import { PRICES, type SdkWorld, startSdkWorld } from '../support/sdkWorld.ts'

const inputs = (step: number) => [
  { name: 'closes', datatype: 'FP64', shape: [1, 257], data: Array.from({ length: 257 }, (_, i) => 20_000 + i * step) },
]
const FEE = PRICES.pricePerUnitIn * 257n + PRICES.pricePerUnitOut * 4n

describe('a client whose answer was lost after it was charged', () => {
  let world: SdkWorld
  let losing = false
  const fetchOrLose: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    if (losing && String(input).endsWith('/v1/ohttp')) throw new TypeError('connection reset')
    return answer
  }

  beforeAll(async () => {
    world = await startSdkWorld()
  }, 120_000)
  afterAll(() => world?.stop())

  async function openedChannel(storage: ChannelStorage = createMemoryStorage()) {
    const { publicClient, walletClient } = clientsFor(world.rpcUrl, indexOf('trader'))
    const client = createSpartanClient({
      chainId: CHAIN_ID,
      contracts: world.contracts,
      publicClient,
      wallet: walletClient,
      trustAnchors: [{ publicKey: world.simulationRoot, simulated: true }],
      dangerouslyAllowSimulated: true,
      fetch: fetchOrLose,
      storage,
    })
    const { providerId } = world.node
    const { channelId } = await client.openChannel({ providerId, assetId: world.assetId, deposit: 50n * FEE })
    const infer = (step: number, model = 'trend') =>
      client.infer({ channelId, model, inputs: inputs(step), maxUnitsOut: 4n })
    const lose = async (step: number) => {
      losing = true
      try {
        await expect(infer(step)).rejects.toMatchObject({ code: 'SDK_PROVIDER_UNREACHABLE' })
      } finally {
        losing = false
      }
    }
    return { client, channelId, infer, lose }
  }

  test('gets it although the channel is not served any more', async () => {
    const { client, channelId, lose } = await openedChannel()
    await lose(1)
    await client.requestClose(channelId)
    expect((await client.recoverPending(channelId))?.receipt).toMatchObject({ seq: 1n, cumulativeFee: FEE })
  })

  test('keeps the request while the node cannot read the chain, and goes on after it', async () => {
    const { client, channelId, infer, lose } = await openedChannel()
    await lose(1)
    const real = globalThis.fetch
    globalThis.fetch = (async (input: URL, init: RequestInit) => {
      if (String(input).startsWith(world.rpcUrl)) throw new TypeError('the chain is down')
      return real(input, init)
    }) as typeof fetch
    await client.recoverPending(channelId).catch(() => undefined)
    globalThis.fetch = real
    let next = await infer(2).catch((error) => error)
    for (let i = 0; i < 50 && next instanceof Error; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      next = await infer(2).catch((error) => error)
    }
    expect(next.receipt).toMatchObject({ seq: 2n, cumulativeFee: 2n * FEE })
  })

  test('moves on by the receipt when the answer is gone, or its own state is older than the channel', async () => {
    const storage = createMemoryStorage()
    const { client, channelId, infer } = await openedChannel(storage)
    const [key = ''] = await storage.keys()
    const old = (await storage.get(key)) ?? ''
    await infer(1)
    await infer(2)
    await storage.set(key, old)
    await expect(infer(1)).rejects.toMatchObject({ code: 'NODE_ANSWER_NOT_KEPT' })
    expect((await client.channel(channelId)).lastReceipt?.receipt).toMatchObject({ seq: 1n, cumulativeFee: FEE })
    await expect(infer(3)).rejects.toMatchObject({ code: 'NODE_CHANNEL_SEQ_USED' })
    expect((await client.channel(channelId)).lastReceipt?.receipt).toMatchObject({ seq: 2n, cumulativeFee: 2n * FEE })
    expect((await infer(4)).receipt).toMatchObject({ seq: 3n, cumulativeFee: 3n * FEE })
  })

  test('a refusal that says that nothing was charged frees the number', async () => {
    const { client, channelId, infer } = await openedChannel()
    await expect(infer(1, 'other')).rejects.toMatchObject({ code: 'NODE_MODEL_UNKNOWN' })
    expect((await client.channel(channelId)).pending).toBeUndefined()
    expect((await infer(1)).receipt.seq).toBe(1n)
  })
})
