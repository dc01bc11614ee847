import { readFileSync, writeFileSync } from 'node:fs'
import { attestationRegistryAbi, evidenceRouterAbi } from '@spartan/abi'
import { type Hex, keccak256 } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../apps/node/src/config.ts'
import { type RunningNode, startNode } from '../../apps/node/src/startNode.ts'
import { createLog } from '../../apps/node/src/telemetry/log.ts'
import { clientsFor } from '../../scripts/demo/chain.ts'
import { moduleSetting } from '../../scripts/deploy/policy.ts'
import { actorOf } from '../support/actor.ts'
import { channelOnChain, infer, openChannel, readyz, type TestChannel } from '../support/nodeCalls.ts'
import { brokerOnce, createNodeWorld, FEE, type NodeWorld, spartan } from '../support/nodeWorld.ts'
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
    node.registerAnew()
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
    node.registerAnew()
    await until('a new epoch', async () => (await epochOf()) > before)
    globalThis.fetch = real
    expect(lost).toBeGreaterThan(0)
    expect(await epochOf()).toBe(before + 1n)
    await serving()
    expect((await ask()).receipt.receipt.keysetEpoch).toBe(before + 1n)
  })

  describe('under the same keys', () => {
    const chain = () => clientsFor(world.rpcUrl, 6).publicClient
    const registry = () => ({ address: world.contracts.AttestationRegistry, abi: attestationRegistryAbi }) as const
    const record = () => chain().readContract({ ...registry(), functionName: 'recordOf', args: [world.providerId] })
    const renewals = async () =>
      (await chain().getContractEvents({ ...registry(), eventName: 'ProviderRenewed', fromBlock: 0n })).length
    /** A result that would end later is worth a renewal. */
    const later = async (seconds = 300) => {
      await chain().request({ method: 'evm_increaseTime', params: [seconds] } as never)
      await chain().request({ method: 'evm_mine' as never })
    }
    const renew = async (...more: string[]) => {
      const { code, out, err } = await spartan('node', 'renew', '--config', world.configFile, '--json', ...more)
      return { code, error: err === '' ? undefined : JSON.parse(err).error, result: out === '' ? {} : JSON.parse(out) }
    }

    /** What the RPC endpoint does with transactions that are sent meanwhile: loses them, or their answers. */
    async function losing<T>(what: 'request' | 'answer', run: () => Promise<T>): Promise<T> {
      const real = globalThis.fetch
      globalThis.fetch = (async (input: URL, init: RequestInit) => {
        if (!String(init?.body).includes('eth_sendRawTransaction')) return real(input, init)
        if (what === 'answer') await real(input, init)
        throw new TypeError('connection reset')
      }) as typeof fetch
      try {
        return await run()
      } finally {
        globalThis.fetch = real
      }
    }

    test('is never out of service meanwhile, and hands out the evidence that the registry has now', async () => {
      await later()
      const before = await record()
      const preview = await renew('--dry-run')
      expect(preview).toMatchObject({ code: 0, result: { renewed: false, activeUntil: Number(before.activeUntil) } })
      expect(preview.result.wouldBe.activeUntil).toBeGreaterThan(Number(before.activeUntil))
      expect((await record()).activeUntil).toBe(before.activeUntil)
      let done = false
      const renewed = renew().finally(() => {
        done = true
      })
      let answered = 0
      while (!done) {
        await ask()
        answered += 1
      }
      expect(answered).toBeGreaterThan(0)
      const after = await record()
      expect(after.activeUntil).toBeGreaterThan(before.activeUntil)
      expect(after.epoch).toBe(before.epoch)
      expect(await renewed).toMatchObject({
        code: 0,
        result: {
          ok: true,
          renewed: true,
          status: 'Active',
          tier: 'Simulated',
          activeUntil: Number(after.activeUntil),
        },
      })
      const answer = await (await fetch(`${node.url}/v1/attestation`)).json()
      const { evidence } = (answer as { registration: { evidence: Hex } }).registration
      const args = [world.providerId, after.epoch] as const
      expect(keccak256(evidence)).toBe(
        await chain().readContract({ ...registry(), functionName: 'evidenceHashOf', args }),
      )
    })

    test('error: NODE_RENEWAL_NOTHING_GAINED, exit 3, when it would change nothing; nothing is sent', async () => {
      await later()
      expect((await renew()).code).toBe(0)
      const before = await renewals()
      const { code, error } = await renew()
      expect(code).toBe(3)
      expect(error).toMatchObject({ code: 'NODE_RENEWAL_NOTHING_GAINED', action: expect.stringContaining('Wait') })
      expect(await renewals()).toBe(before)
    })

    test('a renewal whose answer was lost is found, not sent again', async () => {
      await later()
      const before = await renewals()
      expect(await losing('answer', () => renew())).toMatchObject({
        code: 4,
        error: { code: 'NODE_CHAIN_UNREACHABLE' },
      })
      await until('mined', async () => (await renewals()) === before + 1)
      const { code, result } = await renew()
      expect(code).toBe(0)
      expect(result.transactionHash).toBeUndefined()
      expect(await renewals()).toBe(before + 1)
    })

    test('a renewal that never arrived is sent again', async () => {
      await later()
      const before = await renewals()
      expect((await losing('request', () => renew())).code).toBe(4)
      expect(await renewals()).toBe(before)
      expect((await renew()).result.transactionHash).toMatch(/^0x/)
      expect(await renewals()).toBe(before + 1)
    })

    test('renews by itself when governance has replaced the verifier', async () => {
      const before = await record()
      const { EvidenceRouter, DcapVerifier } = world.contracts
      const args = [moduleSetting('Tdx', DcapVerifier), 0]
      const propose = { address: EvidenceRouter, abi: evidenceRouterAbi, functionName: 'propose', args }
      await actorOf(world.rpcUrl, 'deployer').send(propose)
      await until('renewed', async () => (await record()).moduleVersion === before.moduleVersion + 1)
      expect((await record()).epoch).toBe(before.epoch)
      await serving()
      await ask()
    })

    test('status says what the registry holds and what to do', async () => {
      const { code, out } = await spartan('node', 'status', '--config', world.configFile, '--json')
      expect(code).toBe(0)
      expect(JSON.parse(out)).toMatchObject({
        status: 'Active',
        serving: true,
        tee: 'Tdx',
        tier: 'Simulated',
        product: expect.stringMatching(/^[0-9A-F]{12}$/),
        gpus: [],
        next: 'Nothing: the node renews by itself.',
      })
    })
  })
})
