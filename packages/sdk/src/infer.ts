import { attestationRegistryAbi, reasonFromBytes32 } from '@spartan/abi'
import { BaseError, type ReasonCode } from '@spartan/errors'
import {
  CHANNEL_HEADER,
  createSessionKey,
  type EscrowRef,
  encodeVoucherHeader,
  feeOf,
  type InnerRequest,
  type InnerResponse,
  parseReceiptHeader,
  RECEIPT_HEADER,
  type Receipt,
  requestHash,
  responseHash,
  type SignedReceipt,
  VOUCHER_HEADER,
  type Voucher,
  voucherDigest,
} from '@spartan/protocol'
import type { Hex } from 'viem'
import { type ChannelState, loadChannel, type PendingRequest, saveChannel, withChannelLock } from './channelState.ts'
import type { Check } from './checks.ts'
import type { ClientContext } from './clientContext.ts'
import { read } from './contractCall.ts'
import { sendEncrypted } from './encryptedRequest.ts'
import { SdkError } from './errors.ts'
import {
  encodeInferBody,
  expectedUnitsOut,
  type ModelMetadata,
  modelPath,
  parseInferAnswer,
  parseMetadata,
  type TensorInput,
  type TensorOutput,
  unitsInOf,
  unitsInOfBody,
} from './openInference.ts'
import { isProblem, problemError } from './problem.ts'
import type { ProviderCache } from './providerCache.ts'
import type { VerifiedProvider } from './verifyProvider.ts'
import { type ReceiptCheckId, type ReceiptExpectation, verifyReceipt } from './verifyReceipt.ts'

export interface InferOptions {
  readonly channelId: Hex
  readonly model: string
  readonly inputs: readonly TensorInput[]
  /** Upper bound of the response's units; needed only for models whose output sizes are not fixed. */
  readonly maxUnitsOut?: bigint
  /** Token base units; a request that would cost more is refused before anything is signed. */
  readonly maxFee?: bigint
}

export interface InferResult {
  readonly outputs: readonly TensorOutput[]
  readonly receipt: Receipt
  readonly receiptSignature: Hex
  /** Every step of the receipt's verification. */
  readonly checks: readonly Check<ReceiptCheckId>[]
}

/** What paid requests need: the client's context and its verified providers. */
export interface InferContext extends ClientContext {
  readonly providers: ProviderCache
  /** Metadata by provider, epoch and model: a keyset epoch serves one model version, so it does not change. */
  readonly models: Map<string, ModelMetadata>
}

/** Voucher life, seconds: long enough for a slow answer and skewed clocks, short enough to end a forgotten promise. */
const VOUCHER_LIFE_SECONDS = 3600

/**
 * Runs one paid inference: verifies the provider, persists the voucher, encrypts, sends, verifies the receipt.
 *
 * One request at a time per channel. A request that was interrupted earlier is repeated first, with the voucher it had: the
 * node answers the same number and content with the same receipt and charges once.
 *
 * @throws {BaseError} Every refusal by its code; see docs/errors.md, areas SDK, NODE, CHANNEL, OHTTP, HEADER, DCAP.
 */
export function infer(context: InferContext, options: InferOptions): Promise<InferResult> {
  const path = `${modelPath(options.model)}/infer`
  const body = encodeInferBody(options.inputs)
  return withChannelLock(context, options.channelId, async () => {
    const state = await openState(context, options.channelId)
    const { pending } = state
    const same = pending !== undefined && pending.path === path && sameBytes(pending.body, body)
    if (same) return exchange(context, state, pending)
    if (pending !== undefined) await settlePending(context, state, pending)
    const current = pending === undefined ? state : await openState(context, options.channelId)
    const next = await prepare(context, current, options, path, body)
    return exchange(context, await saveChannel(context, { ...current, pending: next }), next)
  })
}

/**
 * Repeats a request that was interrupted (a closed tab, a crash), and returns its answer; undefined when there is none.
 * Nothing is charged twice.
 */
export function recoverPending(context: InferContext, channelId: Hex): Promise<InferResult | undefined> {
  return withChannelLock(context, channelId, async () => {
    const state = await openState(context, channelId)
    return state.pending === undefined ? undefined : exchange(context, state, state.pending)
  })
}

/** Stored state of a channel whose opening was finished. Failures: `SDK_CHANNEL_NOT_OPEN`, `SDK_CHANNEL_STATE_…`. */
export async function openState(context: ClientContext, channelId: Hex): Promise<ChannelState> {
  const state = await loadChannel(context, channelId)
  if (!state.opened) throw new SdkError('SDK_CHANNEL_NOT_OPEN', { metaMessages: ['opening was not finished'] })
  return state
}

/** Ends an earlier request, whatever its own outcome; throws only while its outcome is still unknown. */
export async function settlePending(
  context: InferContext,
  state: ChannelState,
  pending: PendingRequest,
): Promise<void> {
  try {
    await exchange(context, state, pending)
  } catch (error) {
    const after = await loadChannel(context, state.channelId)
    if (after.pending !== undefined) throw error
  }
}

async function prepare(
  context: InferContext,
  state: ChannelState,
  options: InferOptions,
  path: string,
  body: Uint8Array,
): Promise<PendingRequest> {
  const unitsOut = options.maxUnitsOut ?? (await unitsOutOf(context, state, options))
  const fee = feeOf(state, unitsInOf(options.inputs), unitsOut)
  if (options.maxFee !== undefined && fee > options.maxFee) {
    throw new SdkError('SDK_FEE_ABOVE_LIMIT', { metaMessages: [`fee ${fee}, limit ${options.maxFee}`] })
  }
  const last = state.lastReceipt?.receipt
  const cumulativeMax = (last?.cumulativeFee ?? 0n) + fee
  if (cumulativeMax > state.deposit) {
    throw new SdkError('SDK_CHANNEL_DEPOSIT_TOO_LOW', {
      metaMessages: [`deposit ${state.deposit}, spent ${last?.cumulativeFee ?? 0n}, fee ${fee}`],
    })
  }
  const notAfter = BigInt(context.now() + VOUCHER_LIFE_SECONDS)
  return { seq: (last?.seq ?? 0n) + 1n, path, body, cumulativeMax, notAfter }
}

async function unitsOutOf(context: InferContext, state: ChannelState, options: InferOptions): Promise<bigint> {
  const metadata = await modelMetadata(context, state.params.providerId, options.model)
  const units = expectedUnitsOut(metadata, options.inputs)
  if (units === undefined) throw new SdkError('SDK_FEE_UNKNOWN', { metaMessages: [`model ${options.model}`] })
  return units
}

/** Reads what a model takes and gives, encrypted like everything else. Free. Failures: as {@link infer}. */
export async function modelMetadata(context: InferContext, providerId: Hex, model: string): Promise<ModelMetadata> {
  const provider = await context.providers.require(providerId)
  const key = `${provider.providerId}:${provider.keyset.epoch}:${model}`
  const known = context.models.get(key)
  if (known !== undefined) return known
  const request = { method: 'GET', path: modelPath(model), headers: {}, body: new Uint8Array() }
  const response = await sendEncrypted(context, provider, request)
  if (response.status !== 200) throw refusalOf(response)
  const metadata = parseMetadata(response.body)
  context.models.set(key, metadata)
  return metadata
}

/** Sends a persisted request and works its answer into the channel's state. */
async function exchange(context: InferContext, state: ChannelState, pending: PendingRequest): Promise<InferResult> {
  const { provider, response } = await sendPending(context, state, pending).catch(async (error) => {
    if (error instanceof BaseError && TOO_LARGE.has(error.code)) {
      await saveChannel(context, { ...state, pending: undefined })
    }
    throw error
  })
  if (response.status === 200) return accept(context, state, pending, provider, response)
  const refusal = refusalOf(response)
  const next = CHARGED_BEFORE.has(refusal.code)
    ? await chargedBefore(context, state, pending, provider, response)
    : // The answer was encrypted to this request by the attested node, so its word that nothing was charged counts.
      NOT_CHARGED.has(refusal.code) && { ...state, pending: undefined }
  if (next) await saveChannel(context, next)
  throw refusal
}

/**
 * Refusals that a node gives only after it found the number new, so nothing was charged under it. After any other one the
 * request may have been charged, and stays pending until it is answered.
 */
const NOT_CHARGED: ReadonlySet<ReasonCode> = new Set([
  'CHANNEL_CLOSED',
  'CHANNEL_NOT_OPEN',
  'CHANNEL_UNKNOWN',
  'CHANNEL_VOUCHER_EXPIRED',
  'NODE_CHANNEL_CLOSE_AGREED',
  'NODE_CHANNEL_DEPOSIT_TOO_LOW',
  'NODE_CHANNEL_EXPIRING',
  'NODE_CHANNEL_OTHER_ASSET',
  'NODE_CHANNEL_OTHER_PROVIDER',
  'NODE_CHANNEL_SEQ_UNEXPECTED',
  'NODE_INFERENCE_FAILED',
  'NODE_INPUT_INVALID',
  'NODE_MODEL_UNKNOWN',
  'NODE_REQUEST_TIMED_OUT',
  'NODE_VOUCHER_TOO_SMALL',
])

/**
 * A request that is too large is never opened, and would be refused for ever. The node's word for it is not encrypted, so it
 * could be another's: should the number have been charged, the next request under it is told so, with the receipt.
 */
const TOO_LARGE: ReadonlySet<ReasonCode> = new Set(['NODE_REQUEST_TOO_LARGE', 'OHTTP_MESSAGE_TOO_LARGE'])

/** Refusals that say that the number was charged, and whose answer cannot be had any more. They carry the receipt. */
const CHARGED_BEFORE: ReadonlySet<ReasonCode> = new Set(['NODE_ANSWER_NOT_KEPT', 'NODE_CHANNEL_SEQ_USED'])

/**
 * The state after a number that was charged without an answer we could read: its receipt is verified as far as it can be
 * and becomes the newest one. Undefined without a receipt. Failures: `SDK_RECEIPT_…`, and the request stays pending.
 *
 * The sum is within the voucher signed for this number, so the provider gains nothing by claiming it wrongly.
 */
async function chargedBefore(
  context: ClientContext,
  state: ChannelState,
  pending: PendingRequest,
  provider: VerifiedProvider,
  response: InnerResponse,
): Promise<ChannelState | undefined> {
  const header = response.headers[RECEIPT_HEADER]
  if (header === undefined) return undefined
  const signed = parseReceiptHeader(header)
  const { unitsIn, unitsOut, requestHash: asked, responseHash: answered } = signed.receipt
  const previous = state.lastReceipt?.receipt
  const units = { unitsIn: unitsIn - (previous?.unitsIn ?? 0n), unitsOut: unitsOut - (previous?.unitsOut ?? 0n) }
  if (units.unitsIn < 0n || units.unitsOut < 0n) throw new SdkError('SDK_RECEIPT_UNITS_WRONG')
  await verified(context, state, pending, provider, signed, { requestHash: asked, responseHash: answered, ...units })
  return { ...state, lastReceipt: signed, pending: undefined }
}

/** Refusals that say that the node has moved on to another keyset. */
const KEYSET_CHANGED: ReadonlySet<ReasonCode> = new Set([
  'OHTTP_KEY_UNKNOWN',
  'OHTTP_OPEN_FAILED',
  'NODE_REQUEST_NOT_OPENED',
])

async function sendPending(context: InferContext, state: ChannelState, pending: PendingRequest) {
  const headers = await paymentHeaders(context, state, pending)
  const request = { method: 'POST', path: pending.path, headers, body: pending.body }
  return sendToProvider(context, state.params.providerId, request)
}

/** Sends to a verified provider, and once more after verifying it anew when it has moved on to other keys. */
export async function sendToProvider(context: InferContext, providerId: Hex, request: InnerRequest) {
  const send = async () => {
    const provider = await context.providers.require(providerId)
    return { provider, response: await sendEncrypted(context, provider, request) }
  }
  try {
    return await send()
  } catch (error) {
    if (!(error instanceof BaseError) || !KEYSET_CHANGED.has(error.code)) throw error
    context.providers.drop(providerId)
    return send()
  }
}

/** The same voucher for the same pending request, always: its content was persisted before its first signature. */
async function paymentHeaders(context: ClientContext, state: ChannelState, pending: PendingRequest) {
  const { seq, cumulativeMax, notAfter } = pending
  const voucher: Voucher = { channelId: state.channelId, cumulativeMax, seq, notAfter }
  const key = createSessionKey(state.sessionPrivateKey)
  const signature = await key.signDigest(voucherDigest(escrowOf(context), voucher))
  return {
    'content-type': 'application/json',
    [CHANNEL_HEADER]: state.channelId.toLowerCase(),
    [VOUCHER_HEADER]: encodeVoucherHeader({ voucher, signature }),
  }
}

async function accept(
  context: ClientContext,
  state: ChannelState,
  pending: PendingRequest,
  provider: VerifiedProvider,
  response: InnerResponse,
): Promise<InferResult> {
  const header = response.headers[RECEIPT_HEADER]
  if (header === undefined) throw new SdkError('SDK_RECEIPT_MISSING')
  const signed = parseReceiptHeader(header)
  const { outputs, unitsOut } = parseInferAnswer(response.body)
  const checks = await verified(context, state, pending, provider, signed, {
    requestHash: requestHash({ method: 'POST', path: pending.path, body: pending.body }),
    responseHash: responseHash(response.body),
    unitsIn: unitsInOfBody(pending.body),
    unitsOut,
  })
  await saveChannel(context, { ...state, lastReceipt: signed, pending: undefined })
  return { outputs, receipt: signed.receipt, receiptSignature: signed.signature, checks }
}

/** Verifies a receipt of the pending number for one exchange; throws its refusal. */
async function verified(
  context: ClientContext,
  state: ChannelState,
  pending: PendingRequest,
  provider: VerifiedProvider,
  signed: SignedReceipt,
  exchanged: Pick<ReceiptExpectation, 'requestHash' | 'responseHash' | 'unitsIn' | 'unitsOut'>,
): Promise<readonly Check<ReceiptCheckId>[]> {
  const verification = await verifyReceipt(signed, {
    ...exchanged,
    escrow: escrowOf(context),
    receiptSigner: await receiptSignerOf(context, provider, signed.receipt),
    providerId: state.params.providerId,
    keysetEpoch: signed.receipt.keysetEpoch,
    channelId: state.channelId,
    assetId: state.params.assetId,
    assetVersion: state.params.assetVersion,
    modelRoot: state.contentRoot,
    prices: state,
    previous: state.lastReceipt?.receipt,
    voucher: pending,
    openedAt: state.openedAt,
  })
  if (verification.verdict === 'refused') throw verification.error
  return verification.checks
}

/**
 * The signer that the registry has for the epoch of a receipt. An answer given again after the node renewed its keys
 * carries the receipt of the earlier epoch.
 */
async function receiptSignerOf(context: ClientContext, provider: VerifiedProvider, receipt: Receipt): Promise<Hex> {
  if (receipt.keysetEpoch === provider.keyset.epoch) return provider.keyset.receiptSigner
  const [signer, reason] = await read(context, {
    address: context.contracts.attestationRegistry,
    abi: attestationRegistryAbi,
    functionName: 'receiptSignerAt',
    args: [provider.providerId, receipt.keysetEpoch, receipt.finishedAt],
  })
  const code = reasonFromBytes32(reason)
  if (code !== undefined) throw new SdkError('SDK_RECEIPT_SIGNATURE_INVALID', { metaMessages: [`registry: ${code}`] })
  return signer
}

/** The error of a refusal inside an encrypted answer. */
export function refusalOf(response: InnerResponse): SdkError {
  return problemError(response.status, isProblem(response.headers['content-type']) ? response.body : new Uint8Array())
}

/** The escrow under whose domain vouchers and receipts are signed. */
export function escrowOf(context: ClientContext): EscrowRef {
  return { chainId: BigInt(context.chainId), address: context.contracts.channelEscrow }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
