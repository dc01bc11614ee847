import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../apps/node/src/config.ts'
import { type RunningNode, startNode } from '../../apps/node/src/startNode.ts'
import { createLog } from '../../apps/node/src/telemetry/log.ts'
import { clientsFor } from '../../scripts/demo/chain.ts'
import { channelOnChain, infer, openChannel, readyz, type TestChannel } from '../support/nodeCalls.ts'
import { brokerOnce, createNodeWorld, FEE, type NodeWorld } from '../support/nodeWorld.ts'
import { until } from '../support/wait.ts'

describe('a node that renews its registration', () => {
  let world: NodeWorld
  let node: RunningNode
  let channel: TestChannel
  let miner: NodeJS.Timeout
  let seq = 1n
  const epochOf = async () => {
    const answer = await (await fetch(`${node.url}/v1/attestation`)).json()
    return BigInt((answer as { keyset: { epoch: string } }).keyset.epoch)
  }
  const serving = () => until('the node serves', async () => (await readyz(world)).status === 200)
  const ask = async () => {
    const answer = await infer(world, channel, { seq, cumulativeMax: FEE * seq })
    seq += 1n
    return answer
  }

  beforeAll(async () => {
    world = await createNodeWorld()
    const config = JSON.parse(readFileSync(world.configFile, 'utf8'))
    // A registration stays under way for many blocks.
    config.chain.confirmations = 12
    config.settlement.pollSeconds = 3600
    writeFileSync(world.configFile, JSON.stringify(config))
    const { publicClient } = clientsFor(world.rpcUrl, 6)
    const mine = () => publicClient.request({ method: 'evm_mine' as never }).catch(() => undefined)
    miner = setInterval(mine, 100)
    node = await startNode(loadConfig(world.configFile, {}), { log: createLog('silent') })
    await brokerOnce(world)
    await serving()
    channel = await openChannel(world, FEE * 1000n)
  }, 120_000)
  afterAll(async () => {
    await node?.stop()
    clearInterval(miner)
    await world?.close()
  })

  test('is paid for everything it answers meanwhile', async () => {
    await ask()
    const before = await epochOf()
    node.renew()
    let refused = 0
    while ((await epochOf()) === before) {
      const { reasons } = await readyz(world)
      await ask().catch((error) => {
        refused += 1
        expect(String(error)).toMatch(/NODE_REGISTERING|REGISTRY_EPOCH_UNKNOWN|OHTTP_/)
      })
      if (reasons.length > 0) await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(refused).toBeGreaterThan(0)
    await serving()
    await ask()
    while ((await node.settle()).paid > 0);
    expect((await channelOnChain(world, channel.channelId)).settled).toBe(FEE * (seq - 1n))
  })

  test('keeps the keys of a registration whose answer was lost, and serves under them', async () => {
    const before = await epochOf()
    const real = globalThis.fetch
    let lost = 0
    globalThis.fetch = (async (input: URL, init: RequestInit) => {
      const answer = await real(input, init)
      if (lost >= 3 || !String(init?.body).includes('eth_sendRawTransaction')) return answer
      lost += 1
      throw new TypeError('connection reset')
    }) as typeof fetch
    node.renew()
    await until('a new epoch', async () => (await epochOf()) > before)
    globalThis.fetch = real
    expect(lost).toBeGreaterThan(0)
    expect(await epochOf()).toBe(before + 1n)
    await serving()
    expect((await ask()).receipt.receipt.keysetEpoch).toBe(before + 1n)
  })
})
