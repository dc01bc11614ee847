import {
  assetRegistryAbi,
  attestationRegistryAbi,
  channelEscrowAbi,
  ledgerAbi,
  reasonFromBytes32,
  testTokenAbi,
} from '@spartan/abi'
import { type Receipt, receiptDigest, type Voucher, voucherDigest } from '@spartan/protocol'
import { type Address, type Hex, parseEventLogs, zeroHash } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { beforeAll, describe, expect, test } from 'vitest'
import { type RegistryWorld, registryWorld, WORKLOAD_ID, word } from './support/registryWorld.ts'

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
  await world.propose(await world.uploadEndorsements())
  const prepared = await world.prepare({ sender: OWNER })
  await world.register(prepared)
  const { TestToken: token, Ledger, AssetRegistry } = world.contracts
  if (token === undefined) throw new Error('a dev world has a test token')
  const payer = world.wallet(PAYER).account.address
  const money = DEPOSIT * 100n
  await world.send(PAYER, { address: token, abi: testTokenAbi, functionName: 'faucet', args: [payer, money] })
  await world.send(PAYER, { address: token, abi: testTokenAbi, functionName: 'approve', args: [Ledger, money] })
  await world.send(PAYER, { address: Ledger, abi: ledgerAbi, functionName: 'deposit', args: [token, money] })
  const contentRoot = word('content')
  const version = {
    manifestHash: word('manifest'),
    contentRoot,
    manifestUri: 'http://127.0.0.1:1/manifest.json',
    terms: { token, pricePerUnitIn: PRICE, pricePerUnitOut: 0n, ownerShareBps: 6_000 },
    acceptedTeeKinds: 2,
    acceptedWorkloads: [WORKLOAD_ID],
    publishedAt: 0n,
    retired: false,
  }
  const list = { address: AssetRegistry, abi: assetRegistryAbi, functionName: 'list', args: [0, 'trend', version] }
  await world.send(ASSET_OWNER, list)
  const sessionKey = privateKeyToAccount(generatePrivateKey())
  const { receiptKey, providerId } = prepared
  return { world, receiptKey, sessionKey, providerId, token, contentRoot }
}

async function openChannel({ world, sessionKey, providerId }: Market, salt: string): Promise<Hex> {
  const { timestamp } = await world.client.getBlock()
  const params = {
    providerId,
    assetId: 1n,
    assetVersion: 1,
    deposit: DEPOSIT,
    voucherSigner: sessionKey.address,
    closeDelaySeconds: 3_600,
    expiresAt: timestamp + 86_400n,
    salt: word(salt),
    maxPricePerUnitIn: PRICE,
    maxPricePerUnitOut: 0n,
  }
  const call = { address: world.contracts.ChannelEscrow, abi: channelEscrowAbi, functionName: 'open', args: [params] }
  const { logs } = await world.send(PAYER, call)
  const [opened] = parseEventLogs({ abi: channelEscrowAbi, eventName: 'ChannelOpened', logs })
  if (opened === undefined) throw new Error('no ChannelOpened')
  return opened.args.channelId
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
  return await world.send(6, call)
}

async function balances({ world, token }: Market) {
  const treasury = world.wallet(0).account.address
  const of = async (user: Address) =>
    await world.client.readContract({
      address: world.contracts.Ledger,
      abi: ledgerAbi,
      functionName: 'balanceOf',
      args: [user, token],
    })
  const address = (index: number) => world.wallet(index).account.address
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
    const channelId = await openChannel(market, 'steps')
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
    const [good, bad] = [await openChannel(market, 'good'), await openChannel(market, 'bad')]
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
    const channelId = await openChannel(market, 'promise')
    const { logs } = await settle(market, [await itemOf(market, channelId, 1n, 100n, 123n)])
    const [settled] = parseEventLogs({ abi: channelEscrowAbi, eventName: 'ChannelSettled', logs })
    expect(settled?.args.paid).toBe(123n)
  })

  test(`gas per voucher at ${BATCH} channels per batch`, async () => {
    const channels: Hex[] = []
    for (let i = 0; i < BATCH; i++) channels.push(await openChannel(market, `gas ${i}`))
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
    const channelId = await openChannel(market, 'revoked')
    const before = await itemOf(market, channelId, 1n, 5n)
    await market.world.travel(10n)
    await market.world.send(OWNER, {
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
