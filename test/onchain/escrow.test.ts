import { attestationRegistryAbi, channelEscrowAbi, ledgerAbi, reasonFromBytes32 } from '@spartan/abi'
import { type Receipt, receiptDigest, type Voucher, voucherDigest } from '@spartan/protocol'
import { type Address, type Hex, parseEventLogs, zeroHash } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { beforeAll, describe, expect, test } from 'vitest'
import { openChannel } from '../support/channel.ts'
import { fund } from '../support/funding.ts'
import { listAsset } from '../support/listing.ts'
import { type RegistryWorld, registryWorld, WORKLOAD_ID, word } from '../support/registryWorld.ts'

const OWNER = 1
const PAYER = 4
const ASSET_OWNER = 5
const PRICE = 10n
const DEPOSIT = 100_000n
const BATCH = 20
/** Aim of issue 2 per voucher at 20 per batch. */
const GAS_PER_VOUCHER = 60_000

interface Market {
  readonly world: RegistryWorld
  readonly receiptKey: PrivateKeyAccount
  readonly sessionKey: PrivateKeyAccount
  readonly providerId: Hex
  readonly token: Address
  readonly contentRoot: Hex
}

async function openMarket(): Promise<Market> {
  const world = await registryWorld()
  await world.admitWorkload()
  const prepared = await world.prepare({ sender: OWNER })
  await world.register(prepared)
  const { TestToken: token, Ledger, AssetRegistry } = world.contracts
  if (token === undefined) throw new Error('a dev world has a test token')
  await fund(world.actor(PAYER), { token, ledger: Ledger }, DEPOSIT * 100n)
  const { contentRoot } = await listAsset(world.actor(ASSET_OWNER), {
    registry: AssetRegistry,
    token,
    workloadId: WORKLOAD_ID,
    pricePerUnitIn: PRICE,
    pricePerUnitOut: 0n,
    ownerShareBps: 6_000,
  })
  const sessionKey = privateKeyToAccount(generatePrivateKey())
  const { receiptKey, providerId } = prepared
  return { world, receiptKey, sessionKey, providerId, token, contentRoot }
}

async function channelOf({ world, sessionKey, providerId }: Market): Promise<Hex> {
  const { channelId } = await openChannel(world.actor(PAYER), world.contracts.ChannelEscrow, {
    providerId,
    voucherSigner: sessionKey.address,
    deposit: DEPOSIT,
    maxPricePerUnitIn: PRICE,
    maxPricePerUnitOut: 0n,
  })
  return channelId
}

async function itemOf(market: Market, channelId: Hex, seq: bigint, units: bigint, promised = units * PRICE) {
  const { world, receiptKey, sessionKey, providerId, contentRoot } = market
  const escrow = { chainId: BigInt(await world.client.getChainId()), address: world.contracts.ChannelEscrow }
  const { timestamp } = await world.client.getBlock()
  const receipt: Receipt = {
    providerId,
    keysetEpoch: 1n,
    channelId,
    seq,
    requestHash: word(`request ${seq}`),
    responseHash: word(`response ${seq}`),
    assetId: 1n,
    assetVersion: 1,
    modelRoot: contentRoot,
    dataRoot: zeroHash,
    status: 0,
    unitsIn: units,
    unitsOut: 1n,
    fee: PRICE,
    cumulativeFee: units * PRICE,
    budgetCounter: seq,
    startedAt: timestamp,
    finishedAt: timestamp,
    previousReceipt: zeroHash,
  }
  const voucher: Voucher = { channelId, cumulativeMax: promised, seq, notAfter: timestamp + 3_600n }
  return {
    receipt,
    receiptSignature: await receiptKey.sign({ hash: receiptDigest(escrow, receipt) }),
    voucher,
    voucherSignature: await sessionKey.sign({ hash: voucherDigest(escrow, voucher) }),
  }
}

type Item = Awaited<ReturnType<typeof itemOf>>

async function settle({ world }: Market, items: readonly Item[]) {
  const call = {
    address: world.contracts.ChannelEscrow,
    abi: channelEscrowAbi,
    functionName: 'settleBatch',
    args: [items],
  }
  return await world.actor(6).send(call)
}

async function balances({ world, token }: Market) {
  const treasury = world.actor(0).address
  const of = async (user: Address) =>
    await world.client.readContract({
      address: world.contracts.Ledger,
      abi: ledgerAbi,
      functionName: 'balanceOf',
      args: [user, token],
    })
  const address = (index: number) => world.actor(index).address
  const [payer, owner, provider, protocol] = await Promise.all([
    of(address(PAYER)),
    of(address(ASSET_OWNER)),
    of(address(OWNER)),
    of(treasury),
  ])
  return { payer, owner, provider, protocol }
}

describe('a channel with an attested provider', () => {
  let market: Market
  beforeAll(async () => {
    market = await openMarket()
    return () => market.world.close()
  })

  test('pays owner, provider and protocol to the last unit, in steps as at once', async () => {
    const channelId = await channelOf(market)
    const before = await balances(market)
    for (const [seq, units] of [7n, 13n, 100n].entries()) {
      await settle(market, [await itemOf(market, channelId, BigInt(seq + 1), units)])
    }
    const after = await balances(market)
    // 1,000 paid: 60 % of it, then 2.5 % of it, then the rest.
    expect(after).toEqual({
      payer: before.payer,
      owner: before.owner + 600n,
      provider: before.provider + 375n,
      protocol: before.protocol + 25n,
    })
  })

  test('says why an item is not paid, and pays the others', async () => {
    const [good, bad] = [await channelOf(market), await channelOf(market)]
    const items = [await itemOf(market, bad, 1n, 5n), await itemOf(market, good, 1n, 5n)]
    const [first] = items
    if (first === undefined) throw new Error('no item')
    items[0] = { ...first, receipt: { ...first.receipt, cumulativeFee: 60n } }
    const { logs } = await settle(market, items)
    const [skipped] = parseEventLogs({ abi: channelEscrowAbi, eventName: 'SettleItemSkipped', logs })
    expect(skipped && reasonFromBytes32(skipped.args.reason)).toBe('CHANNEL_RECEIPT_SIGNATURE_INVALID')
    expect(parseEventLogs({ abi: channelEscrowAbi, eventName: 'ChannelSettled', logs })).toHaveLength(1)
  })

  test('never pays more than the voucher promised', async () => {
    const channelId = await channelOf(market)
    const { logs } = await settle(market, [await itemOf(market, channelId, 1n, 100n, 123n)])
    const [settled] = parseEventLogs({ abi: channelEscrowAbi, eventName: 'ChannelSettled', logs })
    expect(settled?.args.paid).toBe(123n)
  })

  test(`gas per voucher at ${BATCH} channels per batch`, async () => {
    const channels: Hex[] = []
    for (let i = 0; i < BATCH; i++) channels.push(await channelOf(market))
    const batch = async (seq: bigint, units: bigint) =>
      await settle(market, await Promise.all(channels.map((id) => itemOf(market, id, seq, units))))
    const first = await batch(1n, 100n)
    const second = await batch(2n, 250n)
    expect(parseEventLogs({ abi: channelEscrowAbi, eventName: 'ChannelSettled', logs: second.logs })).toHaveLength(
      BATCH,
    )
    console.log(`settleBatch: ${Number(first.gasUsed) / BATCH} gas first, ${Number(second.gasUsed) / BATCH} later`)
    expect(Number(first.gasUsed) / BATCH).toBeLessThan(GAS_PER_VOUCHER)
    expect(Number(second.gasUsed) / BATCH).toBeLessThan(GAS_PER_VOUCHER)
  })

  test('a receipt made after the revocation is not paid, one made before is', async () => {
    const channelId = await channelOf(market)
    const before = await itemOf(market, channelId, 1n, 5n)
    await market.world.travel(10n)
    await market.world.actor(OWNER).send({
      address: market.world.contracts.AttestationRegistry,
      abi: attestationRegistryAbi,
      functionName: 'revoke',
      args: [market.providerId],
    })
    const late = await settle(market, [await itemOf(market, channelId, 2n, 9n)])
    const [skipped] = parseEventLogs({ abi: channelEscrowAbi, eventName: 'SettleItemSkipped', logs: late.logs })
    expect(skipped && reasonFromBytes32(skipped.args.reason)).toBe('REGISTRY_PROVIDER_REVOKED')
    const { logs } = await settle(market, [before])
    expect(parseEventLogs({ abi: channelEscrowAbi, eventName: 'ChannelSettled', logs })).toHaveLength(1)
  })
})
