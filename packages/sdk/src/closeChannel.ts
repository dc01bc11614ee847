import { cooperativeCloseDigest, createSessionKey } from '@spartan/protocol'
import type { Hex, TransactionReceipt } from 'viem'
import { loadChannel, saveChannel, withChannelLock } from './channelState.ts'
import type { ClientContext } from './clientContext.ts'
import { write } from './contractCall.ts'
import { escrowOf } from './infer.ts'
import { approveLedger, assertTokenBalance, deposit, ledgerBalance, missingAllowance } from './ledger.ts'
import { escrowContract, readChannel } from './openChannel.ts'

type Sent = (hash: Hex) => void

/** Starts the close delay, in which the provider can still settle. Failures: `CHANNEL_…`, wallet codes. */
export function requestClose(context: ClientContext, channelId: Hex, onSent?: Sent): Promise<TransactionReceipt> {
  return write(context, { ...escrowContract(context), functionName: 'requestClose', args: [channelId] }, onSent)
}

/** Refunds what is left after the close delay to the payer's ledger balance. Failure: `CHANNEL_CLOSE_TOO_EARLY`. */
export function finalizeClose(context: ClientContext, channelId: Hex, onSent?: Sent): Promise<TransactionReceipt> {
  return write(context, { ...escrowContract(context), functionName: 'finalizeClose', args: [channelId] }, onSent)
}

/** The payer's half of closing at once: the session key's signature over the final amount. */
export interface CooperativeClose {
  readonly channelId: Hex
  /** Token base units over the channel's life: the sum of the newest receipt. */
  readonly finalCumulative: bigint
  readonly voucherSignerSignature: Hex
}

/** Signs that the channel may be closed at the sum of its newest receipt. The provider has to sign the same. */
export async function signCooperativeClose(context: ClientContext, channelId: Hex): Promise<CooperativeClose> {
  const state = await loadChannel(context, channelId)
  const finalCumulative = state.lastReceipt?.receipt.cumulativeFee ?? 0n
  const digest = cooperativeCloseDigest(escrowOf(context), channelId, finalCumulative)
  const voucherSignerSignature = await createSessionKey(state.sessionPrivateKey).signDigest(digest)
  return { channelId, finalCumulative, voucherSignerSignature }
}

/** Closes at once with both signatures: pays the difference and refunds the rest. Failures: `CHANNEL_…`, wallet codes. */
export function closeCooperatively(
  context: ClientContext,
  close: CooperativeClose & { readonly keysetEpoch: bigint; readonly receiptSignerSignature: Hex },
  onSent?: Sent,
): Promise<TransactionReceipt> {
  const { channelId, finalCumulative, keysetEpoch, voucherSignerSignature, receiptSignerSignature } = close
  const args = [channelId, finalCumulative, keysetEpoch, voucherSignerSignature, receiptSignerSignature] as const
  return write(context, { ...escrowContract(context), functionName: 'closeCooperatively', args }, onSent)
}

/** Adds to a channel's deposit, from the ledger balance and, where that is too low, from the wallet. */
export function topUp(context: ClientContext, channelId: Hex, amount: bigint, onSent?: Sent): Promise<bigint> {
  return withChannelLock(context, channelId, async () => {
    const state = await loadChannel(context, channelId)
    const missing = amount - (await ledgerBalance(context, state.token, state.payer))
    if (missing > 0n) {
      await assertTokenBalance(context, state.token, state.payer, missing)
      const allowance = await missingAllowance(context, state.token, missing)
      if (allowance > 0n) await approveLedger(context, state.token, allowance, onSent)
      await deposit(context, state.token, missing, onSent)
    }
    await write(context, { ...escrowContract(context), functionName: 'topUp', args: [channelId, amount] }, onSent)
    const { deposit: locked } = await readChannel(context, channelId)
    await saveChannel(context, { ...state, deposit: locked })
    return locked
  })
}
