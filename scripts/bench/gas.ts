import { channelEscrowAbi } from '@spartan/abi'
import {
  RECEIPT_STATUS,
  type Receipt,
  receiptDigest,
  type SessionKey,
  type Voucher,
  voucherDigest,
} from '@spartan/protocol'
import { type Hex, keccak256, toHex, zeroHash } from 'viem'
import type { AttestedWorld, RegisteredProvider } from '../../test/support/attestedWorld.ts'
import { CHAIN_ID } from '../demo/chain.ts'

/** Items of one settled batch: the size at which the per-voucher cost is stated. */
export const BATCH = 20
const TERMS = { pricePerUnitIn: 10n, pricePerUnitOut: 500n, ownerShareBps: 3_000 }
const DEPOSIT = 1_000_000n
const UNITS = { in: 257n, out: 4n }

/** Gas of the calls that decide what the marketplace costs; whole transactions, calldata and 21,000 base included. */
export interface WorldGas {
  readonly registerFirst: bigint
  readonly registerNextEpoch: bigint
  readonly openChannel: bigint
  /** First settlement of 20 channels, per voucher. */
  readonly settleFirstPerVoucher: bigint
  /** A later settlement of the same 20 channels, per voucher. */
  readonly settleNextPerVoucher: bigint
  readonly uploads: readonly { readonly functionName: string; readonly gasUsed: bigint }[]
}

interface OpenedChannel {
  readonly channelId: Hex
  readonly sign: (seq: bigint) => Promise<SettleItem>
}

interface SettleItem {
  readonly receipt: Receipt
  readonly receiptSignature: Hex
  readonly voucher: Voucher
  readonly voucherSignature: Hex
}

/** Registers, opens 20 channels and settles them twice on a fresh world. */
export async function measureGas(world: AttestedWorld): Promise<WorldGas> {
  const uploads = await world.uploadEndorsements()
  const first = await world.register('providerOwnerA', 'operatorA')
  const provider = await world.register('providerOwnerA', 'operatorA')
  const asset = await world.listAsset(TERMS)
  await world.fund('trader', 100_000_000n)
  const channels: OpenedChannel[] = []
  let openGas = 0n
  for (let index = 0; index < BATCH; index++) {
    const opened = await world.openChannel('trader', {
      providerId: provider.providerId,
      assetId: asset.assetId,
      deposit: DEPOSIT,
      maxPricePerUnitIn: TERMS.pricePerUnitIn,
      maxPricePerUnitOut: TERMS.pricePerUnitOut,
    })
    openGas = opened.receipt.gasUsed
    channels.push({ channelId: opened.channelId, sign: (seq) => signItem(world, provider, asset, opened, seq) })
  }
  return {
    registerFirst: first.gasUsed,
    registerNextEpoch: provider.gasUsed,
    openChannel: openGas,
    settleFirstPerVoucher: await settle(world, channels, 1n),
    settleNextPerVoucher: await settle(world, channels, 2n),
    uploads,
  }
}

async function settle(world: AttestedWorld, channels: readonly OpenedChannel[], seq: bigint): Promise<bigint> {
  const items = await Promise.all(channels.map(({ sign }) => sign(seq)))
  const call = {
    address: world.contracts.ChannelEscrow,
    abi: channelEscrowAbi,
    functionName: 'settleBatch',
    args: [items],
  }
  const { logs, gasUsed } = await world.actor('operatorA').send(call)
  const settled = logs.filter(({ topics }) => topics[0] === SETTLED_TOPIC).length
  if (settled !== channels.length) throw new Error(`settled ${settled} of ${channels.length} items`)
  return gasUsed / BigInt(channels.length)
}

const SETTLED_TOPIC = keccak256(toHex('ChannelSettled(bytes32,uint64,uint128,uint128,uint128,uint128,uint128)'))

async function signItem(
  world: AttestedWorld,
  provider: RegisteredProvider,
  asset: { assetId: bigint; version: number; contentRoot: Hex },
  channel: { channelId: Hex; session: SessionKey },
  seq: bigint,
): Promise<SettleItem> {
  const escrow = { chainId: BigInt(CHAIN_ID), address: world.contracts.ChannelEscrow }
  const { timestamp } = await world.client.getBlock()
  const fee = TERMS.pricePerUnitIn * UNITS.in + TERMS.pricePerUnitOut * UNITS.out
  const receipt: Receipt = {
    providerId: provider.providerId,
    keysetEpoch: provider.registration.keyset.epoch,
    channelId: channel.channelId,
    seq,
    requestHash: keccak256(toHex('request')),
    responseHash: keccak256(toHex('response')),
    assetId: asset.assetId,
    assetVersion: asset.version,
    modelRoot: asset.contentRoot,
    dataRoot: zeroHash,
    status: RECEIPT_STATUS.complete,
    unitsIn: UNITS.in * seq,
    unitsOut: UNITS.out * seq,
    fee,
    cumulativeFee: fee * seq,
    budgetCounter: seq,
    startedAt: timestamp,
    finishedAt: timestamp,
    previousReceipt: seq === 1n ? zeroHash : keccak256(toHex('previous')),
  }
  const voucher: Voucher = { channelId: channel.channelId, cumulativeMax: fee * seq, seq, notAfter: timestamp + 3_600n }
  const receiptSignature = await provider.receiptKey.sign({ hash: receiptDigest(escrow, receipt) })
  const voucherSignature = await channel.session.signDigest(voucherDigest(escrow, voucher))
  return { receipt, receiptSignature, voucher, voucherSignature }
}
