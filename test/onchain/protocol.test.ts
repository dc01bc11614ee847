import { attestationRegistryAbi, channelEscrowAbi } from '@spartan/abi'
import {
  cooperativeCloseDigest,
  keysetDigest,
  providerId,
  receiptDigest,
  receiptHash,
  registerDigest,
  registrationChallenge,
  voucherDigest,
} from '@spartan/protocol'
import fc from 'fast-check'
import { network } from 'hardhat'
import { type Address, getContract, type Hex, zeroAddress } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'

/** Random values per type; every width in full. */
const RUNS = 40
const word = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Hex)
const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((b) => `0x${Buffer.from(b).toString('hex')}` as Address)
const bytes = fc.uint8Array({ maxLength: 120 }).map((b) => `0x${Buffer.from(b).toString('hex')}` as Hex)
const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n })
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })

const keysets = fc.record({
  // The domain carries the chain id as a number in wallets: chain ids above 2^53 do not exist.
  chainId: uint(53),
  registry: address,
  owner: address,
  operator: address,
  epoch: uint(64),
  receiptSigner: bytes,
  hpkeKeyDigest: word,
  tlsSpkiDigest: word,
  workloadId: word,
  configDigest: word,
  notAfter: uint(64),
})

const receipts = fc.record({
  providerId: word,
  keysetEpoch: uint(64),
  channelId: word,
  seq: uint(64),
  requestHash: word,
  responseHash: word,
  assetId: uint(256),
  assetVersion: uint32,
  modelRoot: word,
  dataRoot: word,
  status: fc.integer({ min: 0, max: 255 }),
  unitsIn: uint(64),
  unitsOut: uint(64),
  fee: uint(128),
  cumulativeFee: uint(128),
  budgetCounter: uint(64),
  startedAt: uint(64),
  finishedAt: uint(64),
  previousReceipt: word,
})

const vouchers = fc.record({ channelId: word, cumulativeMax: uint(128), seq: uint(64), notAfter: uint(64) })

async function deployed() {
  const connection = await network.create('local')
  const { viem } = connection
  const zero = zeroAddress
  const client = await viem.getPublicClient()
  const registryAt = await viem.deployContract('AttestationRegistry', [zero, zero, zero, true, 1n, 1n])
  const escrowAt = await viem.deployContract('ChannelEscrow', [zero, zero, zero, zero, 0])
  const registry = getContract({ address: registryAt.address, abi: attestationRegistryAbi, client })
  const escrow = getContract({ address: escrowAt.address, abi: channelEscrowAbi, client })
  return { connection, registry, escrow, client, chainId: BigInt(await client.getChainId()) }
}

describe('EIP-712 in Solidity and TypeScript', () => {
  let world: Awaited<ReturnType<typeof deployed>>
  beforeAll(async () => {
    world = await deployed()
    return () => world.connection.close()
  })

  const property = async <T>(values: fc.Arbitrary<T>, check: (value: T) => Promise<void>) =>
    await fc.assert(fc.asyncProperty(values, check), { numRuns: RUNS })

  test('Keyset: struct hash', async () => {
    await property(keysets, async (keyset) => {
      expect(await world.registry.read.keysetDigestOf([keyset])).toBe(keysetDigest(keyset))
    })
  })

  test('Register: digest under the domain of the registry', async () => {
    const { registry, chainId } = world
    await property(fc.tuple(keysets, word), async ([random, challenge]) => {
      const keyset = { ...random, chainId, registry: registry.address }
      const onChain = await registry.read.registerDigestOf([keysetDigest(keyset), challenge])
      expect(onChain).toBe(registerDigest(keyset, challenge))
    })
  })

  test('Receipt: struct hash and digest', async () => {
    const { escrow, chainId } = world
    await property(receipts, async (receipt) => {
      expect(await escrow.read.receiptHash([receipt])).toBe(receiptHash(receipt))
      const digest = receiptDigest({ chainId, address: escrow.address }, receipt)
      expect(await escrow.read.receiptDigest([receipt])).toBe(digest)
    })
  })

  test('Voucher: digest', async () => {
    const { escrow, chainId } = world
    await property(vouchers, async (voucher) => {
      const digest = voucherDigest({ chainId, address: escrow.address }, voucher)
      expect(await escrow.read.voucherDigest([voucher])).toBe(digest)
    })
  })

  test('CooperativeClose: digest', async () => {
    const { escrow, chainId } = world
    await property(fc.tuple(word, uint(128)), async ([channelId, amount]) => {
      const digest = cooperativeCloseDigest({ chainId, address: escrow.address }, channelId, amount)
      expect(await escrow.read.cooperativeCloseDigest([channelId, amount])).toBe(digest)
    })
  })

  test('provider id and challenge', async () => {
    const { registry, client } = world
    await property(fc.tuple(address, address), async ([owner, operator]) => {
      expect(await registry.read.providerIdOf([owner, operator])).toBe(providerId(owner, operator))
    })
    // A call at the newest block cannot see that block's own hash: take the one before.
    const newest = await client.getBlockNumber()
    const block = await client.getBlock({ blockNumber: newest - 1n })
    const challenge = await registry.read.challengeOf([block.number, 3n])
    expect(challenge).toBe(registrationChallenge(block.number, block.hash, 3n))
  })
})
