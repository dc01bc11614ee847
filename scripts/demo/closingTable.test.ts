import { describe, expect, test } from 'vitest'
import { worldAccounts } from './chain.ts'
import { closingTable } from './closingTable.ts'
import type { World } from './world.ts'

const accounts = worldAccounts()
const world: World = {
  rpcUrl: 'http://127.0.0.1:3001',
  chainId: 31337,
  contracts: {},
  providers: [],
  assets: [],
  priceFeeds: {},
  webUrl: 'http://127.0.0.1:3000',
  marketUrl: 'http://127.0.0.1:3002',
  simulatorUrl: 'http://127.0.0.1:3003',
  simulationRootKey: '0x04',
  workloadId: '0x01',
  token: { address: '0x0000000000000000000000000000000000000001', symbol: 'tUSD', decimals: 6 },
  accounts,
  logs: 'logs',
}

describe('closingTable', () => {
  const text = closingTable(world, '/state/world.json')

  test('lists every funded account with its role', () => {
    for (const { role, address } of accounts) expect(text).toMatch(new RegExp(`${role} +${address}`))
  })

  test("shows the traders' private keys and nobody else's", () => {
    const shown = accounts.filter(({ privateKey }) => text.includes(privateKey)).map(({ role }) => role)
    expect(shown).toEqual(['trader', 'traderB'])
    expect(text).toContain('/state/world.json')
  })
})
