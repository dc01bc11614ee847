import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as enums from './enums.ts'

const CONTRACTS = new URL('../../../contracts/', import.meta.url)

/** Members of a Solidity enum, in order. */
function membersOf(file: string, name: string): readonly string[] {
  const source = readFileSync(new URL(file, CONTRACTS), 'utf8')
  const body = new RegExp(`\\benum ${name} \\{([^}]*)\\}`).exec(source)?.[1]
  if (body === undefined) throw new Error(`no enum ${name} in ${file}`)
  return body
    .replace(/\/\/.*$/gm, '')
    .split(',')
    .map((member) => member.trim())
}

describe('enum names', () => {
  test.each([
    ['types/ProtocolTypes.sol', 'TeeKind', enums.TEE_KINDS],
    ['types/ProtocolTypes.sol', 'TcbStatus', enums.TCB_STATUSES],
    ['types/ProtocolTypes.sol', 'TrustTier', enums.TRUST_TIERS],
    ['interfaces/IAttestationRegistry.sol', 'ProviderStatus', enums.PROVIDER_STATUSES],
    ['interfaces/IReferenceValues.sol', 'WorkloadStatus', enums.WORKLOAD_STATUSES],
    ['interfaces/IChannelEscrow.sol', 'ChannelStatus', enums.CHANNEL_STATUSES],
    ['interfaces/IAssetRegistry.sol', 'AssetKind', enums.ASSET_KINDS],
  ] as const)('%s %s has the members of the list, in its order', (file, name, names) => {
    expect(membersOf(file, name)).toEqual([...names])
  })

  test('the flags of claims are the bits of ClaimFlags.sol, in their order', () => {
    const source = readFileSync(new URL('types/ClaimFlags.sol', CONTRACTS), 'utf8')
    const bits = [...source.matchAll(/uint32 internal constant (\w+) = 1 << (\d+);/g)].map(([, name, bit]) => [
      name,
      bit,
    ])
    expect(bits).toEqual(enums.CLAIM_FLAGS.map((name, bit) => [name, String(bit)]))
  })

  test('the number of a member is its place', () => {
    expect(enums.enumNumber(enums.TEE_KINDS, 'Tdx')).toBe(1)
    expect(enums.enumNumber(enums.CHANNEL_STATUSES, 'Closed')).toBe(3)
  })
})
