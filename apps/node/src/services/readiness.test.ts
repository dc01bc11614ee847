import type { ProviderStatus } from '@spartan/abi'
import { zeroHash } from 'viem'
import { describe, expect, test } from 'vitest'
import { createMetrics } from '../telemetry/metrics.ts'
import type { ActiveKeyset } from './keysets.ts'
import type { Chain, ProviderRecord } from './ports.ts'
import { createReadiness } from './readiness.ts'

const NOW = 1_800_000_000
const DIGEST = `0x${'d'.repeat(64)}` as const

interface View {
  status: ProviderStatus
  timestamp: number
  epoch: bigint
  digest: `0x${string}`
  down: boolean
  /** Answers of the chain wait for it. */
  held?: Promise<void>
}

function setup(change: Partial<View> = {}) {
  const view: View = { status: 'Active', timestamp: NOW, epoch: 4n, digest: DIGEST, down: false, ...change }
  let now = NOW
  const chain = {
    head: async () => {
      await view.held
      if (view.down) throw new Error('down')
      return { number: 9n, parentHash: zeroHash, timestamp: view.timestamp }
    },
    providerStatus: async () => view.status,
    providerRecord: async () =>
      ({ epoch: view.epoch, keysetDigest: view.digest, activeUntil: NOW + 100 }) as ProviderRecord,
  } as unknown as Chain
  const readiness = createReadiness({
    chain,
    providerId: zeroHash,
    maxHeadAgeSeconds: 60,
    maxClockSkewSeconds: 15,
    pollSeconds: 4,
    metrics: createMetrics(),
    observeBlockTime: () => undefined,
    wall: () => now,
  })
  const active = { digest: DIGEST, keyset: { epoch: 4n } } as ActiveKeyset
  return {
    view,
    readiness,
    look: () => readiness.check(active),
    pass: (seconds: number) => {
      now += seconds
    },
    active,
  }
}

describe('createReadiness', () => {
  test('behavior: a look that was overtaken by a later one changes nothing', async () => {
    const { readiness, look, view } = setup()
    const { promise, resolve } = Promise.withResolvers<void>()
    view.held = promise
    const slow = look()
    delete view.held
    await look()
    view.down = true
    resolve()
    await slow
    expect(readiness.objections()).toEqual([])
  })

  test('behavior: not ready before the first look, ready after a good one', async () => {
    const { readiness, look } = setup()
    expect(readiness.objections()).toContain('NODE_NOT_READY')
    await look()
    expect(readiness.objections()).toEqual([])
  })

  test.each([
    ['REGISTRY_PROVIDER_REVOKED', { status: 'Revoked' }],
    ['REGISTRY_PROVIDER_EXPIRED', { status: 'Expired' }],
    ['REGISTRY_PROVIDER_UNKNOWN', { status: 'None' }],
    ['REGISTRY_EPOCH_UNKNOWN', { epoch: 5n }],
    ['REGISTRY_EPOCH_UNKNOWN', { digest: zeroHash }],
    ['NODE_CHAIN_LAGGING', { timestamp: NOW - 61 }],
    ['NODE_CLOCK_SKEWED', { timestamp: NOW + 16 }],
    ['NODE_CHAIN_UNREACHABLE', { down: true }],
  ] as const)('behavior: %s is an objection', async (code, change) => {
    const { readiness, look } = setup(change)
    await look()
    expect(readiness.objections()).toContain(code)
  })

  test.each(['Active', 'Grace', 'Draining'] as const)('behavior: open channels are served in %s', async (status) => {
    const { readiness, look } = setup({ status })
    await look()
    expect(readiness.objections()).toEqual([])
  })

  test('behavior: stops by itself when the chain can no longer be seen', async () => {
    const { readiness, look, pass } = setup()
    await look()
    pass(120)
    expect(readiness.objections()).toEqual(['NODE_CHAIN_UNREACHABLE'])
  })

  test('behavior: an objection of the process stays until it is taken back', async () => {
    const { readiness, look } = setup()
    await look()
    readiness.set('NODE_DRAINING', true)
    await look()
    expect(readiness.objections()).toEqual(['NODE_DRAINING'])
    readiness.set('NODE_DRAINING', false)
    expect(readiness.objections()).toEqual([])
  })
})
