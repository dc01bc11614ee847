import { describe, expect, test } from 'vitest'
import { connectOrigins, publicWorldOf, worldSchema } from './worldSchema.ts'

const FILE = {
  rpcUrl: 'http://127.0.0.1:8545',
  chainId: 31337,
  contracts: { channelEscrow: `0x${'11'.repeat(20)}` },
  providers: [
    { url: 'http://127.0.0.1:9101', providerId: `0x${'22'.repeat(32)}` },
    { url: 'http://127.0.0.1:9101/base', providerId: `0x${'33'.repeat(32)}` },
  ],
  assets: [{ assetId: 1, version: 1, name: 'trend' }],
  webUrl: 'http://127.0.0.1:3000',
  marketUrl: 'http://127.0.0.1:9200',
  simulatorUrl: 'http://127.0.0.1:9300',
  simulationRootKey: '0x04ab',
  token: { address: `0x${'44'.repeat(20)}`, symbol: 'tUSD', decimals: 6 },
  accounts: [{ role: 'trader', address: `0x${'55'.repeat(20)}`, privateKey: `0x${'66'.repeat(32)}` }],
}

describe('worldSchema', () => {
  test('behavior: private keys and internal URLs never reach the public part', () => {
    const text = JSON.stringify(publicWorldOf(worldSchema.parse(FILE)))
    expect(text).not.toContain('66'.repeat(32))
    expect(text).not.toContain('9200')
    expect(text).not.toContain('9300')
  })

  test('a simulation root makes the world a simulated one', () => {
    expect(publicWorldOf(worldSchema.parse(FILE)).simulated).toBe(true)
    const { simulationRootKey: _, ...hardware } = FILE
    expect(publicWorldOf(worldSchema.parse(hardware)).simulated).toBe(false)
  })

  test('asset ids become decimal strings', () => {
    expect(worldSchema.parse(FILE).assets[0]?.assetId).toBe('1')
  })

  test('error: an address of the wrong length', () => {
    expect(worldSchema.safeParse({ ...FILE, contracts: { ledger: '0x12' } }).success).toBe(false)
  })

  test('connectOrigins names each origin once', () => {
    expect(connectOrigins(worldSchema.parse(FILE))).toEqual(['http://127.0.0.1:8545', 'http://127.0.0.1:9101'])
  })
})
