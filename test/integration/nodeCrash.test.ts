import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  balances,
  channelOnChain,
  infer,
  openChannel,
  readyz,
  settlements,
  settleOneUnit,
  type TestChannel,
} from '../support/nodeCalls.ts'
import { brokerOnce, createNodeWorld, FEE, type NodeWorld, spartan } from '../support/nodeWorld.ts'
import { until } from '../support/wait.ts'

const MAIN = fileURLToPath(new URL('../../apps/node/src/main.ts', import.meta.url))

describe('a node killed with kill -9 between inference and settlement', () => {
  let world: NodeWorld
  let child: ChildProcess | undefined
  let channel: TestChannel

  const start = async () => {
    const running = spawn(process.execPath, [MAIN, 'node', 'serve', '--config', world.configFile], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: process.env.PATH },
    })
    child = running
    await until('registered', async () => (await readyz(world)).reasons.includes('NODE_ASSET_KEY_NOT_RELEASED'))
    const { code, err } = await brokerOnce(world)
    expect(err).toBe('')
    expect(code).toBe(0)
    await until('serving', async () => (await readyz(world)).status === 200)
    return running
  }
  const kill = async (signal: 'SIGKILL' | 'SIGTERM') => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null) return
    const exited = once(running, 'exit')
    running.kill(signal)
    await exited
  }
  const configure = (settlement: Record<string, unknown>) => {
    const config = JSON.parse(readFileSync(world.configFile, 'utf8'))
    writeFileSync(world.configFile, JSON.stringify({ ...config, settlement }))
  }

  beforeAll(async () => {
    world = await createNodeWorld()
  })
  afterAll(async () => {
    await kill('SIGKILL')
    await world?.close()
  })

  test('nothing is lost: after the restart the receipts from before are settled, exactly once', async () => {
    await start()
    channel = await openChannel(world, FEE * 10n)
    await infer(world, channel, { seq: 1n, cumulativeMax: FEE })
    const last = await infer(world, channel, { seq: 2n, cumulativeMax: FEE * 2n })
    await kill('SIGKILL')
    expect((await channelOnChain(world, channel.channelId)).settled).toBe(0n)

    configure({ valueThreshold: '1', pollSeconds: 1 })
    await start()
    await until('settled', async () => (await channelOnChain(world, channel.channelId)).settled === FEE * 2n)
    // The same number again gets the same answer and the receipt from before the crash, and is not charged.
    const again = await infer(world, channel, { seq: 2n, cumulativeMax: FEE * 2n })
    expect(again.receipt).toEqual(last.receipt)
    expect(again.body).toBe(last.body)
  })

  test('nobody is paid twice: killed right after settling, it settles nothing again', async () => {
    const paidBefore = await balances(world)
    const renew = () => spartan('node', 'renew', '--config', world.configFile)
    const cutOff = renew()
    await new Promise((resolve) => setTimeout(resolve, 50))
    await kill('SIGKILL')
    expect([0, 3, 4]).toContain((await cutOff).code)
    await start()
    // The keys that were being renewed are gone; the next ones are registered, and the socket of the dead process is in nobody's way.
    expect((await renew()).err).not.toContain('CLI_NODE_')
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(await settlements(world, channel.channelId)).toHaveLength(1)
    expect(await balances(world)).toEqual(paidBefore)
  })

  test('the channel goes on, and SIGTERM settles what is open before the process ends', async () => {
    configure({ valueThreshold: '1000000000000', maxAgeSeconds: 600_000, pollSeconds: 1 })
    await kill('SIGTERM')
    const running = await start()
    await infer(world, channel, { seq: 3n, cumulativeMax: FEE * 3n })
    await kill('SIGTERM')
    expect(running.exitCode).toBe(0)
    expect((await channelOnChain(world, channel.channelId)).settled).toBe(FEE * 3n)
    expect(await settlements(world, channel.channelId)).toHaveLength(2)
  })

  test('a payer who settles one unit of the newest receipt while the node is down takes nothing from it', async () => {
    await start()
    const { receipt } = await infer(world, channel, { seq: 4n, cumulativeMax: FEE * 4n })
    await kill('SIGKILL')
    await settleOneUnit(world, channel, receipt, FEE * 3n + 1n)
    expect(await channelOnChain(world, channel.channelId)).toMatchObject({ settled: FEE * 3n + 1n, lastSeq: 4n })
    configure({ valueThreshold: '1', pollSeconds: 1 })
    await start()
    await until('settled', async () => (await channelOnChain(world, channel.channelId)).settled === FEE * 4n)
  })
})
