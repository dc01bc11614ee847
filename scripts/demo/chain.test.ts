import { describe, expect, test } from 'vitest'
import { accountOf, worldAccounts } from './chain.ts'
import { portsFrom } from './options.ts'
import { PROVIDER_PLANS } from './providerPlans.ts'

describe('accounts of the local world', () => {
  test('every role keeps its position, so that documents and scripts may name addresses', () => {
    expect(
      worldAccounts()
        .slice(0, 10)
        .map(({ role }) => role),
    ).toEqual([
      'deployer',
      'assetOwner',
      'providerOwnerA',
      'operatorA',
      'providerOwnerB',
      'operatorB',
      'trader',
      'traderB',
      'treasury',
      'feedKeeper',
    ])
    expect(accountOf('trader').address).toBe('0x976EA74026E726554dB657fA54763abd0C3a0aa9')
  })

  test('no two roles share an account, and the chain funds all of them', () => {
    const accounts = worldAccounts()
    expect(new Set(accounts.map(({ address }) => address)).size).toBe(accounts.length)
    // Hardhat funds 20 accounts of the mnemonic.
    expect(PROVIDER_PLANS.every(({ firstAccount }) => firstAccount + 1 < 20)).toBe(true)
  })

  test('every provider has its owner, its operator and its port', () => {
    const roles = worldAccounts().map(({ role }) => role)
    for (const { owner, operator } of PROVIDER_PLANS) expect(roles).toEqual(expect.arrayContaining([owner, operator]))
    expect(portsFrom(3000).providers).toEqual(PROVIDER_PLANS.map((_, index) => 3010 + index))
  })
})
