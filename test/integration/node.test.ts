import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { receiptDigest, responseHash, verifyDigest } from '@spartan/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../apps/node/src/config.ts'
import { type RunningNode, startNode } from '../../apps/node/src/startNode.ts'
import { createLog } from '../../apps/node/src/telemetry/log.ts'
import {
  balances,
  channelOnChain,
  encapsulate,
  escrowOf,
  infer,
  openChannel,
  paidRequest,
  post,
  readyz,
  refusal,
  revokeProvider,
  settlements,
  type TestChannel,
  trendBody,
} from '../support/nodeCalls.ts'
import { brokerOnce, createNodeWorld, FEE, type NodeWorld, spartan } from '../support/nodeWorld.ts'
import { until } from '../support/wait.ts'

/** A close price that occurs nowhere else: the prompt of this test. */
const CANARY = 48_151.623_42

describe('provider node', () => {
  let world: NodeWorld
  let node: RunningNode
  let channel: TestChannel
  const lines: string[] = []
  const start = () =>
    startNode(loadConfig(world.configFile, {}), { log: createLog('debug', { write: (line) => lines.push(line) }) })
  const serving = () => until('the node serves', async () => (await readyz(world)).status === 200)

  beforeAll(async () => {
    world = await createNodeWorld()
  })
  afterAll(async () => {
    await node?.stop()
    await world?.close()
  })

  test('doctor finds every precondition met, register proves that the registry would accept', async () => {
    const doctor = await spartan('node', 'doctor', '--config', world.configFile, '--json')
    expect(doctor.err).toBe('')
    expect(doctor.code).toBe(0)
    const register = await spartan('node', 'register', '--config', world.configFile, '--json')
    expect(register.err).toBe('')
    expect(JSON.parse(register.out)).toMatchObject({ ok: true, nextEpoch: '1', providerId: world.providerId })
  })

  test('does not serve before the content key is released, then does', async () => {
    node = await start()
    await until('registered', async () => (await readyz(world)).reasons.includes('NODE_ASSET_KEY_NOT_RELEASED'))
    expect((await readyz(world)).status).toBe(503)
    const refused = await post(world, new Uint8Array(100))
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: expect.stringMatching(/^NODE_/) })

    const dry = JSON.parse((await brokerOnce(world, '--dry-run')).out)
    expect(dry.decisions).toMatchObject([{ outcome: 'would release', providerId: world.providerId }])
    const real = await brokerOnce(world)
    expect(JSON.parse(real.out).decisions).toMatchObject([{ outcome: 'released' }])
    await serving()
    expect(JSON.parse((await brokerOnce(world)).out).decisions).toMatchObject([{ outcome: 'already released' }])
  })

  test('the broker releases nothing under another root', async () => {
    const args = ['--simulation-root', `0x04${'11'.repeat(64)}`]
    node.registerAnew()
    await until('new epoch', async () => lines.some((line) => line.includes('"epoch":"2"')))
    const { decisions } = JSON.parse((await brokerOnce(world, ...args)).out)
    expect(decisions).toMatchObject([{ outcome: 'refused' }])
    await serving()
  })

  test('one paid inference: answer, receipt, journal', async () => {
    channel = await openChannel(world, FEE * 10n)
    const { body, receipt } = await infer(world, channel, { seq: 1n, cumulativeMax: FEE, body: trendBody(CANARY) })
    const outputs = JSON.parse(body).outputs.map((output: { name: string }) => output.name)
    expect(outputs).toEqual(['position', 'probabilities'])
    expect(receipt.receipt).toMatchObject({ seq: 1n, fee: FEE, cumulativeFee: FEE, unitsIn: 257n, unitsOut: 4n })
    expect(receipt.receipt.responseHash).toBe(responseHash(new TextEncoder().encode(body)))
    const attestation = await (await fetch(`${node.url}/v1/attestation`)).json()
    const signer = (attestation as { keyset: { receiptSigner: `0x${string}` } }).keyset.receiptSigner
    const escrow = escrowOf(world)
    await verifyDigest(signer, receiptDigest(escrow, receipt.receipt), receipt.signature)
  })

  test('the same number with the same content is answered again and charged once', async () => {
    const again = await infer(world, channel, { seq: 1n, cumulativeMax: FEE, body: trendBody(CANARY) })
    expect(again.receipt.receipt.cumulativeFee).toBe(FEE)
    expect(await refusal(world, channel, { seq: 1n, cumulativeMax: FEE * 9n, body: trendBody(2) })).toBe(
      'NODE_CHANNEL_SEQ_USED',
    )
  })

  test.each([
    ['NODE_VOUCHER_TOO_SMALL', { seq: 2n, cumulativeMax: FEE * 2n - 1n }],
    ['NODE_CHANNEL_SEQ_UNEXPECTED', { seq: 3n, cumulativeMax: FEE * 9n }],
    ['CHANNEL_VOUCHER_EXPIRED', { seq: 2n, cumulativeMax: FEE * 9n, notAfter: 1_000_000n }],
    ['CHANNEL_UNKNOWN', { seq: 1n, cumulativeMax: FEE, channelId: `0x${'7'.repeat(64)}` as const }],
    ['NODE_INPUT_INVALID', { seq: 2n, cumulativeMax: FEE * 9n, body: new TextEncoder().encode('{}') }],
  ])('refuses with %s and charges nothing', async (code, ask) => {
    expect(await refusal(world, channel, ask)).toBe(code)
  })

  test('refuses a voucher signed by somebody else', async () => {
    const { session } = await openChannel(world, FEE)
    expect(await refusal(world, channel, { seq: 2n, cumulativeMax: FEE * 2n, session })).toBe(
      'CHANNEL_VOUCHER_SIGNATURE_INVALID',
    )
  })

  test('refuses when the deposit does not cover the fee', async () => {
    const small = await openChannel(world, FEE - 1n)
    expect(await refusal(world, small, { seq: 1n, cumulativeMax: FEE })).toBe('NODE_CHANNEL_DEPOSIT_TOO_LOW')
  })

  test('answers a replayed ciphertext with a refusal, and charges once', async () => {
    const request = await paidRequest(world, channel, { seq: 2n, cumulativeMax: FEE * 2n })
    const { message, open } = await encapsulate(world, request)
    const bytes = async (response: Response) => new Uint8Array(await response.arrayBuffer())
    expect((await open(await bytes(await post(world, message)))).status).toBe(200)
    const replay = await open(await bytes(await post(world, message)))
    expect(replay.status).toBe(409)
    expect(JSON.parse(new TextDecoder().decode(replay.body))).toMatchObject({ code: 'NODE_REQUEST_REPLAYED' })
  })

  test('of six requests at once under one number exactly one is charged', async () => {
    const ask = { seq: 3n, cumulativeMax: FEE * 3n }
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => refusalOrReceipt(world, channel, { ...ask, body: trendBody(i + 1) })),
    )
    expect(answers.filter((answer) => answer === 'charged')).toHaveLength(1)
    const others = new Set(answers.filter((answer) => answer !== 'charged'))
    expect([...others].filter((code) => code !== 'NODE_BUSY' && code !== 'NODE_CHANNEL_SEQ_USED')).toEqual([])
  })

  test('refuses what is too large or not for it, before opening it', async () => {
    const large = await post(world, new Uint8Array(2 * 1024 * 1024))
    expect(large.status).toBe(413)
    const { message } = await encapsulate(world, await paidRequest(world, channel, { seq: 9n, cumulativeMax: 1n }))
    message[60] = (message[60] ?? 0) ^ 1
    expect(await (await post(world, message)).json()).toMatchObject({ code: 'OHTTP_OPEN_FAILED' })
  })

  test('settles: three balances move exactly, and only once', async () => {
    const before = await balances(world)
    expect(await node.settle()).toMatchObject({ paid: 1, skipped: 0 })
    const paid = FEE * 3n
    expect((await channelOnChain(world, channel.channelId)).settled).toBe(paid)
    const after = await balances(world)
    const [payment, ...more] = await settlements(world, channel.channelId)
    expect(more).toEqual([])
    const { toOwner = 0n, toProvider = 0n, toProtocol = 0n } = payment ?? {}
    expect(toOwner + toProvider + toProtocol).toBe(paid)
    // 2.5 % to the protocol, half to the owner of the model, the rest to the provider.
    expect(toOwner).toBeGreaterThan(0n)
    expect(toProvider).toBeGreaterThan(0n)
    expect(toProtocol).toBe((paid * 250n) / 10_000n)
    expect(after.assetOwner - before.assetOwner).toBe(toOwner)
    expect(after.provider - before.provider).toBe(toProvider)
    expect(await node.settle()).toMatchObject({ paid: 0, skipped: 0 })
    expect(await settlements(world, channel.channelId)).toHaveLength(1)
  })

  test('continues the channel after a restart with new keys', async () => {
    await node.stop()
    node = await start()
    await until('registered', async () => (await readyz(world)).reasons.includes('NODE_ASSET_KEY_NOT_RELEASED'))
    await brokerOnce(world)
    await serving()
    const next = await infer(world, channel, { seq: 4n, cumulativeMax: FEE * 4n })
    expect(next.receipt.receipt).toMatchObject({ keysetEpoch: 3n, cumulativeFee: FEE * 4n, unitsIn: 257n * 4n })
  })

  test('no log line and no file of the node holds the prompt or a key', async () => {
    await node.stop()
    const secrets = [String(CANARY), String(20_000 + CANARY), world.operatorKey, world.operatorKey.slice(2)]
    const owner = JSON.parse(readFileSync(join(world.dir, 'owner.json'), 'utf8'))
    secrets.push(owner.contentKey, owner.contentKey.slice(2))
    const data = join(world.dir, 'node')
    const files = readdirSync(data, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    expect(lines.length).toBeGreaterThan(10)
    // The search finds what is there: the journal names its channels.
    expect(files.some((file) => file.includes(channel.channelId))).toBe(true)
    for (const secret of secrets) {
      expect(lines.filter((line) => line.includes(secret))).toEqual([])
      expect(files.filter((file) => file.includes(secret))).toHaveLength(0)
    }
  })

  test('does not serve from a journal older than the chain', async () => {
    rmSync(join(world.dir, 'node', 'journal'), { recursive: true })
    node = await start()
    await until('registered', async () => (await readyz(world)).reasons.includes('NODE_ASSET_KEY_NOT_RELEASED'))
    await brokerOnce(world)
    await serving()
    expect(await refusal(world, channel, { seq: 5n, cumulativeMax: FEE * 5n })).toBe('NODE_JOURNAL_BEHIND_CHAIN')
    expect((await readyz(world)).reasons).toContain('NODE_JOURNAL_BEHIND_CHAIN')
    expect((await post(world, new Uint8Array(100))).status).toBe(503)
  })

  test('stops serving when it is revoked', async () => {
    await revokeProvider(world)
    await until('revocation seen', async () => (await readyz(world)).reasons.includes('REGISTRY_PROVIDER_REVOKED'))
  })
})

async function refusalOrReceipt(world: NodeWorld, channel: TestChannel, ask: Parameters<typeof refusal>[2]) {
  try {
    await infer(world, channel, ask)
    return 'charged'
  } catch (error) {
    return /"code":"([A-Z_]+)"/.exec(String(error))?.[1] ?? String(error)
  }
}
