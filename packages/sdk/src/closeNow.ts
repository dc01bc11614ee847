import { CHANNEL_STATUSES } from '@spartan/abi'
import { BaseError, type ReasonCode } from '@spartan/errors'
import { cooperativeCloseDigest, verifyDigest } from '@spartan/protocol'
import type { Hex, TransactionReceipt } from 'viem'
import { z } from 'zod'
import { withChannelLock } from './channelState.ts'
import { type CooperativeClose, closeCooperatively, requestClose, signCooperativeClose } from './closeChannel.ts'
import { SdkError } from './errors.ts'
import { escrowOf, type InferContext, openState, refusalOf, sendToProvider, settlePending } from './infer.ts'
import { readChannel } from './openChannel.ts'

/** How closing went: at once, or, when the provider did not do its part, with the close delay before the refund. */
export type CloseResult =
  | {
      readonly outcome: 'closed'
      /** Token base units over the channel's life. */
      readonly finalCumulative: bigint
      readonly transaction: TransactionReceipt
    }
  | {
      readonly outcome: 'closeRequested'
      /** Why the channel could not be closed at once. */
      readonly reasonCode: ReasonCode
      readonly error: BaseError
      /** Unix seconds from which `finalizeClose` refunds. */
      readonly refundableAt: bigint
      /** Of the request; undefined when the close had been requested before. */
      readonly transaction: TransactionReceipt | undefined
    }

/** Failures on this side of the provider: they are the caller's to solve, and no reason to wait a close delay. */
const OWN_FAILURES = /^SDK_(?:WALLET|CHAIN_|TRANSACTION|CONFIG)/

/**
 * Closes a channel at once with the signatures of both sides: the provider is paid the sum of the newest receipt and the
 * rest is refunded to the payer's ledger balance in one transaction.
 *
 * A provider that says it is busy is asked again until the time for one request has passed.
 *
 * The provider's signature is verified against the receipt signer of its verified keyset before anything is sent. When
 * the provider does not answer, or answers wrongly, the close is requested instead and the result says why.
 *
 * @throws {BaseError} `SDK_CHANNEL_STATE_…`, `SDK_CHANNEL_NOT_OPEN`, wallet and chain codes, `CHANNEL_…` of the request.
 */
export function closeNow(context: InferContext, channelId: Hex, onSent?: (hash: Hex) => void): Promise<CloseResult> {
  return withChannelLock(context, channelId, async () => {
    await openState(context, channelId)
    const { status } = await readChannel(context, channelId)
    const name = CHANNEL_STATUSES[status]
    if (name !== 'Open' && name !== 'Closing') {
      throw new SdkError('SDK_CHANNEL_NOT_OPEN', { metaMessages: [`status ${name}`] })
    }
    try {
      const close = await whenNotBusy(context, () => agreeWithProvider(context, channelId))
      const transaction = await closeCooperatively(context, close, onSent)
      return { outcome: 'closed', finalCumulative: close.finalCumulative, transaction }
    } catch (error) {
      if (!(error instanceof BaseError) || OWN_FAILURES.test(error.code)) throw error
      return requestInstead(context, channelId, error, onSent)
    }
  })
}

/** What `NODE_BUSY` asks for. */
const BUSY_WAIT_MS = 1000

/**
 * Asks again while the provider is busy, for as long as one of its answers may take: an earlier request of this channel
 * may still be at work there, and a close that is only requested would cost the payer the close delay.
 */
async function whenNotBusy<T>(context: InferContext, ask: () => Promise<T>): Promise<T> {
  for (let waited = 0; ; waited += BUSY_WAIT_MS) {
    try {
      return await ask()
    } catch (error) {
      const busy = error instanceof BaseError && error.code === 'NODE_BUSY'
      if (!busy || waited >= context.requestTimeoutMs) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, BUSY_WAIT_MS))
  }
}

async function requestInstead(
  context: InferContext,
  channelId: Hex,
  error: BaseError,
  onSent?: (hash: Hex) => void,
): Promise<CloseResult> {
  const before = await readChannel(context, channelId)
  const requested = CHANNEL_STATUSES[before.status] === 'Closing'
  const transaction = requested ? undefined : await requestClose(context, channelId, onSent)
  const { closeRequestedAt, closeDelaySeconds } = requested ? before : await readChannel(context, channelId)
  const refundableAt = closeRequestedAt + BigInt(closeDelaySeconds)
  return { outcome: 'closeRequested', reasonCode: error.code, error, refundableAt, transaction }
}

const answerSchema = z.object({
  channelId: z.string(),
  finalCumulative: z.string(),
  keysetEpoch: z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,19})$/)
    .transform(BigInt),
  receiptSignerSignature: z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]{130}$/.test(value)),
})

/** Asks the provider for its signature over the sum of the newest receipt. */
async function agreeWithProvider(context: InferContext, channelId: Hex) {
  const state = await openState(context, channelId)
  // A request whose outcome is unknown may have been charged: its receipt decides the final sum.
  if (state.pending !== undefined) await settlePending(context, state, state.pending)
  const close = await signCooperativeClose(context, channelId)
  const body = { finalCumulative: `${close.finalCumulative}`, voucherSignerSignature: close.voucherSignerSignature }
  const { provider, response } = await sendToProvider(context, state.params.providerId, {
    method: 'POST',
    path: `/v1/channels/${channelId.toLowerCase()}/close`,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  })
  if (response.status !== 200) throw refusalOf(response)
  const { keysetEpoch, receiptSignerSignature } = answerOf(response.body, close)
  const digest = cooperativeCloseDigest(escrowOf(context), channelId, close.finalCumulative)
  const { epoch, receiptSigner } = provider.keyset
  if (keysetEpoch !== epoch) {
    throw new SdkError('SDK_CLOSE_SIGNATURE_INVALID', { metaMessages: [`expected epoch ${epoch}, got ${keysetEpoch}`] })
  }
  await verifyDigest(receiptSigner, digest, receiptSignerSignature).catch((cause) => {
    throw new SdkError('SDK_CLOSE_SIGNATURE_INVALID', { cause })
  })
  return { ...close, keysetEpoch, receiptSignerSignature }
}

function answerOf(body: Uint8Array, close: CooperativeClose): z.infer<typeof answerSchema> {
  const malformed = (cause?: unknown) => new SdkError('SDK_PROVIDER_ANSWER_MALFORMED', { cause })
  let answer: z.infer<typeof answerSchema>
  try {
    answer = answerSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)))
  } catch (cause) {
    throw malformed(cause)
  }
  const same =
    answer.channelId.toLowerCase() === close.channelId.toLowerCase() &&
    answer.finalCumulative === `${close.finalCumulative}`
  if (!same) throw malformed()
  return answer
}
