import {
  attestationRegistryAbi,
  channelEscrowAbi,
  reasonFromBytes32,
  receiptDigest,
  receiptHash,
  type SignedReceipt,
  verifyDigest,
} from '@spartan/sdk'
import { type Hex, type PublicClient, zeroHash } from 'viem'
import type { PublicWorld } from '../../config/worldSchema.ts'
import type { Check } from '../ui/CheckList.tsx'
import { contractAddress } from './WorldContext.tsx'

/** What the chain says about the channel of a receipt; undefined when it knows no such channel. */
export interface ChannelFacts {
  readonly status: number
  readonly settled: bigint
  readonly providerId: Hex
  readonly assetId: bigint
  readonly contentRoot: Hex
  readonly pricePerUnitIn: bigint
  readonly pricePerUnitOut: bigint
}

/** Everything that a receipt is compared with. */
export interface ReceiptContext {
  readonly escrow: { readonly chainId: bigint; readonly address: Hex }
  /** Signer of the epoch, from the registry, with the registry's objection at the receipt's time, if any. */
  readonly signer: Hex
  readonly objection: string | undefined
  readonly channel: ChannelFacts | undefined
  /** The receipt before this one, when this browser has it. */
  readonly previous: SignedReceipt | undefined
}

/** Outcome of all checks. */
export interface ReceiptVerdict {
  readonly verified: boolean
  readonly settled: 'settled' | 'pending' | 'unknown'
  readonly checks: readonly Check[]
}

const outcome = (id: string, title: string, passed: boolean | undefined, values: Record<string, string>): Check => ({
  id,
  title,
  status: passed === undefined ? 'not-requested' : passed ? 'done' : 'failed',
  values,
})

async function signatureHolds({ escrow, signer }: ReceiptContext, signed: SignedReceipt): Promise<boolean> {
  try {
    await verifyDigest(signer, receiptDigest(escrow, signed.receipt), signed.signature)
    return true
  } catch {
    return false
  }
}

/**
 * Checks a receipt against chain facts.
 *
 * Proves: the key that the registry held for this provider and epoch signed exactly these fields, and the fee follows from
 * the channel's pinned price. Does not prove: that the answer was a good one.
 */
export async function checkReceipt(signed: SignedReceipt, context: ReceiptContext): Promise<ReceiptVerdict> {
  const { receipt } = signed
  const { channel, previous, signer, objection, escrow } = context
  const expectedFee = channel && receipt.unitsIn * channel.pricePerUnitIn + receipt.unitsOut * channel.pricePerUnitOut
  const expectedPrevious = receipt.seq === 1n ? zeroHash : previous && receiptHash(previous.receipt)
  const sameChannel =
    channel &&
    channel.providerId === receipt.providerId &&
    channel.assetId === receipt.assetId &&
    channel.contentRoot === receipt.modelRoot
  const checks = [
    outcome('signature', 'Signed by the receipt key in the registry', await signatureHolds(context, signed), {
      signer,
      digest: receiptDigest(escrow, receipt),
      signature: signed.signature,
    }),
    outcome('attested', 'The provider was attested when it finished', objection === undefined, {
      finishedAt: String(receipt.finishedAt),
      ...(objection ? { objection } : {}),
    }),
    outcome('channel', 'Provider, asset and model are those of the channel', sameChannel ?? false, {
      channel: receipt.channelId,
      modelRoot: receipt.modelRoot,
      ...(channel ? { contentRoot: channel.contentRoot } : { 'on-chain': 'no such channel' }),
    }),
    outcome(
      'fee',
      'The fees are pinned price × units',
      expectedFee === undefined ? false : expectedFee === receipt.cumulativeFee,
      {
        'cumulative fee': String(receipt.cumulativeFee),
        'price × units': String(expectedFee ?? 'unknown'),
      },
    ),
    outcome(
      'hash-chain',
      receipt.seq === 1n ? 'First of its channel: follows nothing' : 'Follows the previous receipt of the channel',
      expectedPrevious === undefined ? undefined : expectedPrevious === receipt.previousReceipt,
      {
        previous: receipt.previousReceipt,
        expected: expectedPrevious ?? 'the previous receipt is not in this browser',
      },
    ),
  ]
  // The sum alone says it: a cooperative close pays without naming a receipt, so the escrow's newest number stays behind.
  const settled = channel && channel.settled >= receipt.cumulativeFee
  return {
    verified: checks.every((check) => check.status !== 'failed'),
    settled: channel === undefined ? 'unknown' : settled ? 'settled' : 'pending',
    checks,
  }
}

/** Reads what {@link checkReceipt} needs. */
export async function readReceiptContext(
  client: PublicClient,
  world: PublicWorld,
  signed: SignedReceipt,
  previous: SignedReceipt | undefined,
): Promise<ReceiptContext> {
  const escrow = contractAddress(world, 'channelEscrow')
  const { providerId, keysetEpoch, finishedAt, channelId } = signed.receipt
  const [[signer, reason], channel] = await Promise.all([
    client.readContract({
      address: contractAddress(world, 'attestationRegistry'),
      abi: attestationRegistryAbi,
      functionName: 'receiptSignerAt',
      args: [providerId, keysetEpoch, finishedAt],
    }),
    client.readContract({ address: escrow, abi: channelEscrowAbi, functionName: 'channelOf', args: [channelId] }),
  ])
  return {
    escrow: { chainId: BigInt(world.chainId), address: escrow },
    signer,
    objection: reasonFromBytes32(reason),
    channel: channel.status === 0 ? undefined : channel,
    previous,
  }
}
