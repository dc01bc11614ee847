import { channelEscrowAbi } from '@spartan/abi'
import { type Address, type Hex, keccak256, parseEventLogs, type TransactionReceipt, toHex } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import type { Actor } from './actor.ts'

const DAY = 86_400n

/** Terms of a channel; what is not given is what most tests want. */
export interface ChannelTerms {
  readonly providerId: Hex
  readonly voucherSigner: Address
  readonly deposit: bigint
  readonly maxPricePerUnitIn: bigint
  readonly maxPricePerUnitOut: bigint
  /** Default 1, in its version 1. */
  readonly assetId?: bigint
  /** Default random. */
  readonly salt?: Hex
}

/** Opens a channel from the payer's Ledger balance: one hour of close delay, one day of life. */
export async function openChannel(
  payer: Actor,
  escrow: Address,
  terms: ChannelTerms,
): Promise<{ channelId: Hex; receipt: TransactionReceipt }> {
  const { timestamp } = await payer.client.getBlock()
  const params = {
    assetId: 1n,
    assetVersion: 1,
    closeDelaySeconds: 3_600,
    expiresAt: timestamp + DAY,
    salt: keccak256(toHex(generatePrivateKey())),
    ...terms,
  }
  const receipt = await payer.send({ address: escrow, abi: channelEscrowAbi, functionName: 'open', args: [params] })
  const [opened] = parseEventLogs({ abi: channelEscrowAbi, eventName: 'ChannelOpened', logs: receipt.logs })
  if (opened === undefined) throw new Error('the channel did not open')
  return { channelId: opened.args.channelId, receipt }
}
