import { createSimulatedGpu, type SimulatedGpu } from '@spartan/simulator'
import { bytesToHex, type Hex, keccak256, zeroHash } from 'viem'
import { beforeAll, expect, test } from 'vitest'
import { ChainError } from '../errors.ts'
import { createLog } from '../telemetry/log.ts'
import type { GpuEvidence, GpuSource } from './gpuEvidence.ts'
import { createGpuKeeper } from './gpus.ts'
import type { ActiveKeyset } from './keysets.ts'
import type { BoundGpu, Chain } from './ports.ts'

const AT = 1_780_000_000
const [MINUTE, DAY] = [60, 86_400]
const id = (byte: string): Hex => `0x${byte.repeat(32)}`
const account: Hex = `0x${'33'.repeat(20)}`
const PROVIDER = id('11')

let gpu: SimulatedGpu

beforeAll(async () => {
  gpu = await createSimulatedGpu({ now: AT })
})

const keyset = {
  chainId: 1n,
  registry: account,
  owner: account,
  operator: account,
  epoch: 1n,
  receiptSigner: account,
  hpkeKeyDigest: zeroHash,
  tlsSpkiDigest: zeroHash,
  workloadId: zeroHash,
  configDigest: zeroHash,
  notAfter: BigInt(AT + 28 * DAY),
}
const active = { keyset, digest: id('22'), receiptKey: { signDigest: async () => '0x00' } } as unknown as ActiveKeyset

/** A registry that lists what is bound for a week, and a keeper of one GPU. */
function world(refusal: () => ChainError | undefined = () => undefined) {
  const state = { now: AT, listed: [] as BoundGpu[], calls: 0, isReachable: true }
  const bindGpu: Chain['bindGpu'] = async ({ evidence }) => {
    state.calls += 1
    const refused = refusal()
    if (refused !== undefined) throw refused
    const shown = { evidenceHash: keccak256(evidence), validUntil: state.now + 7 * DAY, tier: 1, simulated: true }
    state.listed = [{ platformId: id('44'), ...shown }]
    return zeroHash
  }
  const chain = {
    head: async () => ({ number: 100n, timestamp: state.now, parentHash: zeroHash }),
    gpus: async () => {
      if (!state.isReachable) throw new ChainError('NODE_CHAIN_UNREACHABLE')
      return state.listed
    },
    gpuEvidence: async ({ report }: { report: Uint8Array }) => bytesToHex(report),
    bindGpu,
  } as unknown as Chain
  const issue: GpuSource['issue'] = async (nonce) => (await gpu.issueEvidence(nonce, state.now)) as GpuEvidence
  const options = { chain, providerId: PROVIDER, renewBeforeSeconds: DAY, log: createLog('silent') }
  const sources = [{ name: 'source', simulated: true, issue }]
  const keeper = createGpuKeeper({ ...options, sources, nowSeconds: () => state.now })
  return Object.assign(state, {
    /** Looks every minute. */
    keepFor: async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        state.now += MINUTE
        await keeper.keep(active)
      }
    },
    end: () => {
      state.listed = state.listed.map((one) => ({ ...one, validUntil: state.now - 1 }))
    },
  })
}

test('default: binds once', async () => {
  const node = world()
  await node.keepFor(120)
  expect(node.calls).toBe(1)
})

test('what ended on-chain is bound again at the next look', async () => {
  const node = world()
  await node.keepFor(10)
  node.end()
  await node.keepFor(1)
  expect(node.calls).toBe(2)
  expect(node.listed[0]?.validUntil).toBe(node.now + 7 * DAY)
  await node.keepFor(10)
  expect(node.calls).toBe(2)
})

test.each<[string, (listed: readonly BoundGpu[]) => BoundGpu[]]>([
  ['is gone', () => []],
  ['ends earlier', (listed) => listed.map((one) => ({ ...one, validUntil: one.validUntil - 1 }))],
])('what %s is bound again', async (_, change) => {
  const node = world()
  await node.keepFor(10)
  node.listed = change(node.listed)
  await node.keepFor(1)
  expect(node.calls).toBe(2)
})

test('what is ended again and again is bound ever more rarely', async () => {
  const node = world()
  for (let minute = 0; minute < 60; minute++) {
    await node.keepFor(1)
    node.end()
  }
  // After 1, 2, 4, 8, and then every 15 minutes.
  expect(node.calls).toBe(7)
})

test('a loss that the registry refuses to mend is tried ever more rarely', async () => {
  let denied = false
  const node = world(() => (denied ? new ChainError('REGISTRY_PLATFORM_DENIED') : undefined))
  await node.keepFor(10)
  denied = true
  node.end()
  await node.keepFor(60)
  expect(node.calls).toBeLessThan(14)
  expect(node.calls).toBeGreaterThan(5)
})

test('a registry that does not answer is no loss', async () => {
  const node = world()
  await node.keepFor(10)
  node.isReachable = false
  await node.keepFor(10)
  expect(node.calls).toBe(1)
})
