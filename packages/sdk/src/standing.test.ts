import { enumNumber, TRUST_TIERS } from '@spartan/abi'
import type { PublicClient } from 'viem'
import { describe, expect, test } from 'vitest'
import { meetsTier, type ProviderRecord, readProducts, standingOf } from './standing.ts'

const platformId = `0x${'11'.repeat(32)}` as const
const gpuId = `0x${'22'.repeat(32)}` as const
const record = {
  teeKind: 3,
  tier: enumNumber(TRUST_TIERS, 'Low'),
  tcbStatus: 0,
  simulated: false,
  platformId,
  activeUntil: 1000n,
  validUntil: 1500n,
} as unknown as ProviderRecord
const gpu = {
  platformId: gpuId,
  measurement: platformId,
  evidenceHash: platformId,
  validUntil: 900,
  moduleVersion: 1,
  tier: enumNumber(TRUST_TIERS, 'Standard'),
  simulated: false,
  attestedAt: 100,
}

describe('standing of a provider', () => {
  test('names instead of numbers', () => {
    const products = new Map([
      [platformId, 'Milan'],
      [gpuId, 'GH100'],
    ])
    expect(standingOf(record, [gpu], products)).toEqual({
      tee: 'SevSnp',
      tier: 'Low',
      tcbStatus: 'Unknown',
      simulated: false,
      product: 'Milan',
      gpus: [{ platformId: gpuId, tier: 'Standard', validUntil: 900, simulated: false, product: 'GH100' }],
      activeUntil: 1000,
      validUntil: 1500,
      graceSeconds: 500,
    })
  })

  test('a number that this version does not know is worth nothing', () => {
    const later = { ...record, tier: 99, teeKind: 99 }
    expect(standingOf(later, [{ ...gpu, tier: 99 }], new Map())).toMatchObject({
      tee: 'None',
      tier: 'None',
      gpus: [{ tier: 'None' }],
    })
  })

  test('tiers are in order', () => {
    expect(meetsTier('Standard', 'Low')).toBe(true)
    expect(meetsTier('Low', 'Low')).toBe(true)
    expect(meetsTier('Simulated', 'Low')).toBe(false)
    expect(meetsTier('None', 'Simulated')).toBe(false)
  })

  test('an endpoint without old events takes the products away and nothing else', async () => {
    const client = { getContractEvents: () => Promise.reject(new Error('range too wide')) } as unknown as PublicClient
    expect(await readProducts(client, `0x${'33'.repeat(20)}`, platformId, { epoch: 1n, teeKind: 1 })).toEqual(new Map())
  })
})
