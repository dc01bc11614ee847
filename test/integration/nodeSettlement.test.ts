import { readFileSync, writeFileSync } from 'node:fs'
import { cooperativeCloseDigest, type SignedReceipt } from '@spartan/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../apps/node/src/config.ts'
import { type RunningNode, startNode } from '../../apps/node/src/startNode.ts'
import { createLog } from '../../apps/node/src/telemetry/log.ts'
import {
  balances,
  channelOnChain,
  escrowOf,
  infer,
  openChannel,
  payerCalls,
  readyz,
  refusal,
  send,
  settlements,
  settleOneUnit,
  type TestChannel,
} from '../support/nodeCalls.ts'
import { brokerOnce, createNodeWorld, FEE, type NodeWorld } from '../support/nodeWorld.ts'
import { until } from '../support/wait.ts'

describe('a node against a payer who wants its money back', () => {
  let world: NodeWorld
  let node: RunningNode | undefined

  /** Nothing is settled by itself; channels are believed for a minute unless they owe `valueThreshold`. */
  const start = async (valueThreshold = '1000000000000') => {
    const config = JSON.parse(readFileSync(world.configFile, 'utf8'))
    config.limits = { channelCacheSeconds: 60 }
    config.settlement = { valueThreshold, maxAgeSeconds: 600_000, pollSeconds: 3600 }
    writeFileSync(world.configFile, JSON.stringify(config))
    const running = await startNode(loadConfig(world.configFile, {}), { log: createLog('silent') })
    node = running
    await until('registered', async () => (await readyz(world)).reasons.includes('NODE_ASSET_KEY_NOT_RELEASED'))
    await brokerOnce(world)
    await until('the node serves', async () => (await readyz(world)).status === 200)
    return running
  }
  const stop = async () => {
    await node?.stop()
    node = undefined
  }
  const escrow = () => escrowOf(world)

  beforeAll(async () => {
    world = await createNodeWorld()
  })
  afterEach(stop)
  afterAll(() => world?.close())

  test('settling the newest receipt with a voucher of one unit takes nothing from the provider', async () => {
    const running = await start()
    const channel = await openChannel(world, FEE * 10n)
    await infer(world, channel, { seq: 1n, cumulativeMax: FEE })
    const { receipt } = await infer(world, channel, { seq: 2n, cumulativeMax: FEE * 2n })
    await settleOneUnit(world, channel, receipt, 1n)
    expect(await channelOnChain(world, channel.channelId)).toMatchObject({ settled: 1n, lastSeq: 2n })
    expect(await running.settle()).toEqual({ paid: 1, skipped: 0 })
    expect((await channelOnChain(world, channel.channelId)).settled).toBe(FEE * 2n)
  })

  test('receipts made after the close request do not hide those made before it', async () => {
    const running = await start()
    const channel = await openChannel(world, FEE * 50n)
    const receipts = [(await infer(world, channel, { seq: 1n, cumulativeMax: FEE })).receipt.receipt]
    await payerCalls(world, 'requestClose', [channel.channelId])
    const { closeRequestedAt } = await channelOnChain(world, channel.channelId)
    // Blocks of this chain run ahead of the clock, so it takes some requests until one is too late.
    for (let seq = 2n; seq <= 40n && (receipts.at(-1)?.finishedAt ?? 0n) <= closeRequestedAt; seq += 1n) {
      receipts.push((await infer(world, channel, { seq, cumulativeMax: FEE * seq })).receipt.receipt)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(receipts.at(-1)?.finishedAt).toBeGreaterThan(closeRequestedAt)
    const inTime = receipts.filter(({ finishedAt }) => finishedAt <= closeRequestedAt)
    expect(await running.settle()).toEqual({ paid: 1, skipped: 0 })
    expect((await channelOnChain(world, channel.channelId)).settled).toBe(FEE * BigInt(inTime.length))
    expect(await running.settle()).toEqual({ paid: 0, skipped: 0 })
  })

  test('a channel that owes the settlement threshold is read fresh before it is served on', async () => {
    await start(`${FEE * 2n}`)
    const channel = await openChannel(world, FEE * 10n)
    await infer(world, channel, { seq: 1n, cumulativeMax: FEE })
    await payerCalls(world, 'requestClose', [channel.channelId])
    await infer(world, channel, { seq: 2n, cumulativeMax: FEE * 2n })
    expect(await refusal(world, channel, { seq: 3n, cumulativeMax: FEE * 3n })).toBe('CHANNEL_NOT_OPEN')
  })

  describe('cooperative close', () => {
    const ask = async (channel: TestChannel, finalCumulative: bigint, signedAmount = finalCumulative) => {
      const digest = cooperativeCloseDigest(escrow(), channel.channelId, signedAmount)
      const voucherSignerSignature = await channel.session.signDigest(digest)
      const response = await send(world, {
        method: 'POST',
        path: `/v1/channels/${channel.channelId}/close`,
        headers: { 'content-type': 'application/json' },
        body: new TextEncoder().encode(
          JSON.stringify({ finalCumulative: `${finalCumulative}`, voucherSignerSignature }),
        ),
      })
      return { ...JSON.parse(new TextDecoder().decode(response.body)), voucherSignerSignature }
    }

    test('refuses less than was served and what the payer did not sign; what is agreed stands after a restart', async () => {
      await start()
      const channel = await openChannel(world, FEE * 10n)
      await infer(world, channel, { seq: 1n, cumulativeMax: FEE })
      const { receipt } = await infer(world, channel, { seq: 2n, cumulativeMax: FEE * 2n })
      expect(await ask(channel, FEE * 2n - 1n)).toMatchObject({ code: 'NODE_CLOSE_AMOUNT_WRONG' })
      expect(await ask(channel, FEE * 11n)).toMatchObject({ code: 'NODE_CLOSE_AMOUNT_WRONG' })
      expect(await ask(channel, FEE * 2n, FEE)).toMatchObject({ code: 'NODE_CLOSE_SIGNATURE_INVALID' })
      // Refusals leave the channel open for service.
      await infer(world, channel, { seq: 3n, cumulativeMax: FEE * 3n })
      const before = await balances(world)
      expect(await ask(channel, FEE * 3n)).toMatchObject({ finalCumulative: `${FEE * 3n}` })
      expect((await channelOnChain(world, channel.channelId)).settled).toBe(0n)
      expect(await refusal(world, channel, { seq: 4n, cumulativeMax: FEE * 4n })).toBe('NODE_CHANNEL_CLOSE_AGREED')

      await node?.stop()
      await start()
      expect(await refusal(world, channel, { seq: 4n, cumulativeMax: FEE * 4n })).toBe('NODE_CHANNEL_CLOSE_AGREED')
      expect(await ask(channel, FEE * 4n)).toMatchObject({ code: 'NODE_CHANNEL_CLOSE_AGREED' })
      const agreed = await ask(channel, FEE * 3n)
      const { keysetEpoch, voucherSignerSignature, receiptSignerSignature } = agreed
      expect(BigInt(keysetEpoch)).toBeGreaterThan(receipt.receipt.keysetEpoch)
      const args = [channel.channelId, FEE * 3n, BigInt(keysetEpoch), voucherSignerSignature, receiptSignerSignature]
      await payerCalls(world, 'closeCooperatively', args)
      expect(await channelOnChain(world, channel.channelId)).toMatchObject({ status: 3, settled: FEE * 3n })
      const after = await balances(world)
      expect(after.payer - before.payer).toBe(FEE * 7n)
      const paid = await settlements(world, channel.channelId)
      const toProvider = paid.reduce((sum, payment) => sum + (payment.toProvider ?? 0n), 0n)
      expect(after.provider - before.provider).toBe(toProvider)
      expect(toProvider).toBe(FEE * 3n - (FEE * 3n) / 2n - (FEE * 3n * 250n) / 10_000n)
      await expect(payerCalls(world, 'closeCooperatively', args)).rejects.toThrow()
      expect(await ask(channel, FEE * 3n)).toMatchObject({ code: 'CHANNEL_CLOSED' })
      expect((await node?.settle())?.paid).toBe(0)
    })

    test('of a request and a close at the same moment only one wins', async () => {
      await start()
      for (let round = 0; round < 6; round += 1) {
        const channel = await openChannel(world, FEE * 10n)
        const request = () => outcome(infer(world, channel, { seq: 1n, cumulativeMax: FEE }))
        const close = () => ask(channel, 0n).then(({ code = 'agreed' }): string => code)
        const [served, closed] = await bothAtOnce(request, close, round % 2 === 0)
        if (closed === 'agreed') {
          // A request that found the close under way is told the rest when it asks again.
          if (served !== 'NODE_BUSY') expect(served).toBe('NODE_CHANNEL_CLOSE_AGREED')
          expect(await request()).toBe('NODE_CHANNEL_CLOSE_AGREED')
        } else {
          expect(served).toBe('served')
          if (closed !== 'NODE_BUSY') expect(closed).toBe('NODE_CLOSE_AMOUNT_WRONG')
          expect(await close()).toBe('NODE_CLOSE_AMOUNT_WRONG')
          expect(await ask(channel, FEE)).toMatchObject({ finalCumulative: `${FEE}` })
        }
      }
    })
  })
})

/** `served` for an answer whose receipt charges the fee, else the reason code of the refusal. */
async function outcome(answer: Promise<{ readonly receipt: SignedReceipt }>): Promise<string> {
  try {
    const { receipt } = await answer
    expect(receipt.receipt.cumulativeFee).toBe(FEE)
    return 'served'
  } catch (error) {
    const [code] = /(?:NODE|CHANNEL)_[A-Z_]+/.exec(String(error)) ?? []
    if (code === undefined) throw error
    return code
  }
}

/** Starts both before it waits for either; which of them goes first is the caller's choice. */
async function bothAtOnce(first: () => Promise<string>, second: () => Promise<string>, inOrder: boolean) {
  if (inOrder) return await Promise.all([first(), second()])
  const [answerOfSecond, answerOfFirst] = await Promise.all([second(), first()])
  return [answerOfFirst, answerOfSecond] as const
}
