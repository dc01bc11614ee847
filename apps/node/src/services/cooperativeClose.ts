import { cooperativeCloseDigest, verifyDigest } from '@spartan/protocol'
import type { Hex } from 'viem'
import { RequestError } from '../errors.ts'
import { type CallContext, channelStateFor, type InferenceDeps, type ServingState } from './inference.ts'
import type { ActiveKeyset } from './keysets.ts'
import type { Channel } from './ports.ts'

/** The payer's half: the voucher signer's signature over CooperativeClose{channelId, finalCumulative}. */
export interface CloseRequest {
  readonly channelId: Hex
  /** Token base units over the channel's life. */
  readonly finalCumulative: bigint
  readonly voucherSignerSignature: Hex
}

/** The provider's half; with both anyone may call `ChannelEscrow.closeCooperatively`. */
export interface CloseAgreement {
  readonly channelId: Hex
  readonly finalCumulative: bigint
  readonly keysetEpoch: bigint
  readonly receiptSignerSignature: Hex
}

/** Agrees to close a channel; see {@link createCooperativeClose}. */
export type AgreeClose = (
  request: CloseRequest,
  state: ServingState,
  admission: CallContext['admission'],
) => Promise<CloseAgreement>

/**
 * Makes the cooperative close: checks the payer's half, writes down durably that the channel is served no more, and
 * signs. Settles nothing: the escrow pays the difference when the two signatures arrive, and if they never do, the
 * receipts in the journal are settled as usual.
 *
 * The same request again gets the same agreement, under the keys of today. Another sum is refused.
 *
 * Failures: `CHANNEL_UNKNOWN`, `CHANNEL_CLOSED`, `NODE_CHANNEL_OTHER_PROVIDER`, `NODE_CLOSE_SIGNATURE_INVALID`,
 * `NODE_BUSY`, `NODE_CLOSE_AMOUNT_WRONG`, `NODE_CHANNEL_CLOSE_AGREED`, `NODE_JOURNAL_…`.
 */
export function createCooperativeClose(deps: InferenceDeps): AgreeClose {
  return async (request, state, admission) => {
    const channel = await closingChannel(deps, request, state)
    admission.claim()
    await admission.write()
    return await deps.oneAtATime(request.channelId, () => agree(deps, request, channel, state.active))
  }
}

/** The channel, after the payer's signature was checked: nobody else may keep a channel busy. */
async function closingChannel(deps: InferenceDeps, request: CloseRequest, { served }: ServingState): Promise<Channel> {
  const { channelId, finalCumulative, voucherSignerSignature } = request
  const channel = await deps.channels.read(channelId, true)
  if (channel.status === 'None') throw new RequestError('CHANNEL_UNKNOWN')
  if (channel.status === 'Closed') throw new RequestError('CHANNEL_CLOSED')
  if (channel.providerId !== served.providerId) throw new RequestError('NODE_CHANNEL_OTHER_PROVIDER')
  const digest = cooperativeCloseDigest(deps.escrow, channelId, finalCumulative)
  try {
    await verifyDigest(channel.voucherSigner, digest, voucherSignerSignature)
  } catch (cause) {
    throw new RequestError('NODE_CLOSE_SIGNATURE_INVALID', { cause })
  }
  return channel
}

async function agree(deps: InferenceDeps, request: CloseRequest, channel: Channel, active: ActiveKeyset) {
  const { channelId, finalCumulative } = request
  const journaled = await channelStateFor(deps, channelId, channel)
  const { cumulativeFee } = journaled
  if (finalCumulative < cumulativeFee || finalCumulative < channel.settled || finalCumulative > channel.deposit)
    throw new RequestError('NODE_CLOSE_AMOUNT_WRONG', {
      metaMessages: [
        `served ${cumulativeFee}, settled ${channel.settled}, deposit ${channel.deposit}, got ${finalCumulative}`,
      ],
    })
  const stands = await deps.journal.agreeClose(channelId, finalCumulative, deps.clock.nowSeconds())
  if (stands !== finalCumulative)
    throw new RequestError('NODE_CHANNEL_CLOSE_AGREED', { metaMessages: [`at ${stands}`] })
  const digest = cooperativeCloseDigest(deps.escrow, channelId, finalCumulative)
  const receiptSignerSignature = await active.receiptKey.signDigest(digest)
  return { channelId, finalCumulative, keysetEpoch: active.keyset.epoch, receiptSignerSignature }
}
