import { BaseError } from '@spartan/errors'
import {
  CHANNEL_HEADER,
  type EscrowRef,
  encodeVoucherHeader,
  feeOf,
  type InnerRequest,
  parseChannelHeader,
  parseVoucherHeader,
  RECEIPT_STATUS,
  type Receipt,
  receiptDigest,
  receiptHash,
  requestHash,
  responseHash,
  type SignedReceipt,
  type SignedVoucher,
  VOUCHER_HEADER,
  type Voucher,
  verifyDigest,
  voucherDigest,
} from '@spartan/protocol'
import { type Hex, zeroHash } from 'viem'
import { JournalError, RequestError } from '../errors.ts'
import type { Admission } from './admission.ts'
import { type ChannelReader, checkChannel, type ServedAsset } from './channels.ts'
import { createKeptAnswers, type KeptAnswers } from './keptAnswers.ts'
import type { ActiveKeyset } from './keysets.ts'
import type { OneAtATime } from './oneAtATime.ts'
import type { Channel, ChannelState, Clock, Journal, JournalEntry, PreparedInference, ServedModel } from './ports.ts'
import { isJournalBehind } from './settler.ts'

export interface InferenceDeps {
  readonly escrow: EscrowRef
  readonly journal: Journal
  readonly channels: ChannelReader
  readonly clock: Clock
  readonly channelMarginSeconds: number
  /** A channel that owes at least this much, token base units, is read fresh before it is served on. */
  readonly freshReadThreshold: bigint
  /** One piece of work at a time per channel, shared with {@link createCooperativeClose}. */
  readonly oneAtATime: OneAtATime
  /** While this is true the epoch of the keys may end at any moment. */
  readonly registering: () => boolean
  /** Called when the journal is found to be older than the chain: the node stops serving. */
  readonly onJournalBehindChain: (channelId: Hex) => void
}

/** Answers kept in memory for repeats. Not on disk: a repeat after a restart runs the model again. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024

/** What the node serves at this moment. */
export interface ServingState {
  readonly active: ActiveKeyset
  readonly model: ServedModel
  readonly served: ServedAsset
}

export interface PaidAnswer {
  readonly body: Uint8Array
  readonly receipt: SignedReceipt
  /** False when an earlier answer was given again. */
  readonly charged: boolean
}

/** What one call brings along beside its request. */
export interface CallContext {
  readonly signal: AbortSignal
  /** Of the encrypted message: claimed once its payer is known, so that a stranger cannot make the journal grow. */
  readonly admission: Admission
}

/** Answers a paid request; see {@link createInference}. */
export type Infer = (request: InnerRequest, state: ServingState, call: CallContext) => Promise<PaidAnswer>

/**
 * Makes the paid inference: checks channel and voucher, runs the model, signs the receipt and journals receipt and
 * voucher in one transaction **before** the answer leaves.
 *
 * Proves to the payer: one request number is charged at most once; the same number with the same content gets the same
 * answer and the same receipt, or, when that answer is gone, the receipt alone. Charges nothing for anything refused.
 * What was charged is looked up before anything that can pass, so only the codes of {@link repeatAnswer} and those that
 * say "later" are ever given for a number that was charged.
 *
 * Failures: `HEADER_…`, `CHANNEL_…`, `NODE_PAYMENT_MISSING`, `NODE_VOUCHER_…`, `NODE_CHANNEL_…`, `NODE_INPUT_INVALID`,
 * `NODE_MODEL_UNKNOWN`, `NODE_BUSY`, `NODE_CHANNEL_CLOSE_AGREED`, `NODE_ANSWER_NOT_KEPT`, `NODE_JOURNAL_…`.
 */
export function createInference(deps: InferenceDeps): Infer {
  const kept = createKeptAnswers(MAX_KEPT_BYTES)
  return async (request, state, { signal, admission }) => {
    const { channelId, signed } = paymentOf(request)
    await authenticate(deps, signed)
    admission.claim()
    return await deps.oneAtATime(channelId, async () => {
      const hash = requestHash(request)
      const entry = await chargedEntry(deps.journal, signed.voucher)
      if (entry !== undefined) {
        await admission.write()
        return await repeatAnswer(entry, { request, state, hash }, kept, signal)
      }
      const { channel, journaled } = await payingChannel(deps, state.served, channelId)
      const answer = await newAnswer(deps, { request, state, channel, journaled, signed, hash, admission }, signal)
      kept.set(channelId, hash, answer.body)
      return answer
    })
  }
}

function paymentOf(request: InnerRequest): { readonly channelId: Hex; readonly signed: SignedVoucher } {
  const channelHeader = request.headers[CHANNEL_HEADER]
  const voucherHeader = request.headers[VOUCHER_HEADER]
  if (channelHeader === undefined || voucherHeader === undefined) throw new RequestError('NODE_PAYMENT_MISSING')
  const channelId = parseChannelHeader(channelHeader)
  const signed = parseVoucherHeader(voucherHeader)
  if (signed.voucher.channelId !== channelId)
    throw new RequestError('NODE_VOUCHER_MALFORMED', { metaMessages: ['channel and voucher name different channels'] })
  return { channelId, signed }
}

/**
 * Demands the payer's signature. The very voucher that was charged is known by its bytes, so that an answer can be given
 * again while the chain cannot be read.
 */
async function authenticate(deps: InferenceDeps, signed: SignedVoucher): Promise<void> {
  const charged = await chargedEntry(deps.journal, signed.voucher)
  if (charged !== undefined && encodeVoucherHeader(signed) === encodeVoucherHeader(voucherOf(charged))) return
  const channel = await deps.channels.read(signed.voucher.channelId)
  if (channel.status === 'None') throw new RequestError('CHANNEL_UNKNOWN')
  await checkVoucherSignature(deps.escrow, channel, signed)
}

const voucherOf = ({ voucher, voucherSignature }: JournalEntry): SignedVoucher => ({
  voucher,
  signature: voucherSignature,
})

interface NewestEntry extends JournalEntry {
  /** Whether nothing was charged on the channel after it. */
  readonly newest: boolean
}

/** What was charged under the number of a voucher; undefined for a new one. */
async function chargedEntry(journal: Journal, { channelId, seq }: Voucher): Promise<NewestEntry | undefined> {
  const state = await journal.channelState(channelId)
  const entry = state === undefined || seq > state.lastSeq ? undefined : await journal.entry(channelId, seq)
  return entry && { ...entry, newest: seq === state?.lastSeq }
}

/**
 * The channel and what the journal has of it, after every check that needs no request body.
 *
 * A payer who requested the close is served until the cache notices. Once much is owed the chain is asked each time, so
 * what can be lost that way is bounded by the threshold and one cache window.
 */
async function payingChannel(deps: InferenceDeps, served: ServedAsset, channelId: Hex) {
  const check = (channel: Channel) => checkChannel(channel, served, deps.clock.nowSeconds(), deps.channelMarginSeconds)
  let channel = await deps.channels.read(channelId)
  check(channel)
  const journaled = await channelStateFor(deps, channelId, channel)
  if (journaled.cumulativeFee - channel.settled >= deps.freshReadThreshold) {
    channel = await deps.channels.read(channelId, true)
    check(channel)
  }
  return { channel, journaled }
}

async function checkVoucherSignature(escrow: EscrowRef, channel: Channel, signed: SignedVoucher): Promise<void> {
  try {
    await verifyDigest(channel.voucherSigner, voucherDigest(escrow, signed.voucher), signed.signature)
  } catch (cause) {
    throw new RequestError('CHANNEL_VOUCHER_SIGNATURE_INVALID', { cause })
  }
}

/** Journal state of the channel, checked against what the chain has settled. Failure: `NODE_JOURNAL_BEHIND_CHAIN`. */
export async function channelStateFor(
  deps: Pick<InferenceDeps, 'journal' | 'onJournalBehindChain'>,
  channelId: Hex,
  channel: Channel,
): Promise<ChannelState> {
  const state = (await deps.journal.channelState(channelId)) ?? {
    channelId,
    lastSeq: 0n,
    unitsIn: 0n,
    unitsOut: 0n,
    cumulativeFee: 0n,
    lastReceiptHash: zeroHash,
    settledFee: 0n,
    closeFinal: undefined,
    closeAgreedAt: undefined,
  }
  if (isJournalBehind(channel, state)) {
    deps.onJournalBehindChain(channelId)
    throw new JournalError('NODE_JOURNAL_BEHIND_CHAIN', {
      metaMessages: [
        `channel ${channelId}: chain at ${channel.lastSeq}, ${channel.settled} paid; journal at ${state.lastSeq}`,
      ],
    })
  }
  return state
}

type Asked = Pick<NewRequest, 'request' | 'state' | 'hash'>

/**
 * The same request under the same number gets the same bytes and the journaled receipt; nothing is charged again. The
 * model runs again only for the newest number of a channel, so that repeats cost the node at most as much as they paid.
 *
 * Refusals carry the receipt, so that the payer can go on with the next number.
 */
async function repeatAnswer(
  entry: NewestEntry,
  { request, state, hash }: Asked,
  kept: KeptAnswers,
  signal: AbortSignal,
): Promise<PaidAnswer> {
  const { channelId, seq } = entry.receipt
  const receipt = { receipt: entry.receipt, signature: entry.receiptSignature }
  if (entry.receipt.requestHash !== hash)
    throw new RequestError('NODE_CHANNEL_SEQ_USED', { metaMessages: [`number ${seq}`], receipt })
  const body = kept.get(channelId, hash) ?? (entry.newest ? await runAgain(request, state.model, signal) : undefined)
  if (body === undefined || responseHash(body) !== entry.receipt.responseHash)
    throw new RequestError('NODE_ANSWER_NOT_KEPT', { receipt })
  kept.set(channelId, hash, body)
  return { body, receipt, charged: false }
}

/** Undefined when this model does not answer this request any more. Failure: `NODE_BUSY` when it takes too long now. */
async function runAgain(
  request: InnerRequest,
  model: ServedModel,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    return await preparedFor(request, model).run(signal)
  } catch (error) {
    if (signal.aborted) throw new RequestError('NODE_BUSY', { retryAfterSeconds: 1, cause: error })
    if (error instanceof BaseError) return undefined
    throw error
  }
}

function preparedFor(request: InnerRequest, model: ServedModel): PreparedInference {
  if (request.path !== `/v2/models/${model.name}/infer`)
    throw new RequestError('NODE_MODEL_UNKNOWN', { metaMessages: [`use ${model.name}`] })
  return model.prepare(request.body)
}

interface NewRequest {
  readonly request: InnerRequest
  readonly state: ServingState
  readonly channel: Channel
  readonly journaled: ChannelState
  readonly signed: SignedVoucher
  readonly hash: Hex
  readonly admission: Admission
}

async function newAnswer(deps: InferenceDeps, work: NewRequest, signal: AbortSignal): Promise<PaidAnswer> {
  const { request, state, channel, journaled, signed } = work
  if (journaled.closeFinal !== undefined) throw new RequestError('NODE_CHANNEL_CLOSE_AGREED')
  const prepared = preparedFor(request, state.model)
  const fee = checkPayment(deps.clock.nowSeconds(), channel, journaled, signed, prepared)
  // Never before the block that opened the channel, however our view of the chain lags.
  const startedAt = BigInt(Math.max(deps.clock.nowSeconds(), channel.openedAt))
  const body = await prepared.run(signal)
  const now = BigInt(deps.clock.nowSeconds())
  const finishedAt = now > startedAt ? now : startedAt
  if (finishedAt > signed.voucher.notAfter) throw new RequestError('CHANNEL_VOUCHER_EXPIRED')
  // Looked at after the time was taken: a registration that starts later ends the epoch later, and this receipt is paid.
  if (deps.registering()) throw new RequestError('NODE_REGISTERING', { retryAfterSeconds: 2 })
  const { active, served } = state
  const receipt: Receipt = {
    providerId: served.providerId,
    keysetEpoch: active.keyset.epoch,
    channelId: journaled.channelId,
    seq: signed.voucher.seq,
    requestHash: work.hash,
    responseHash: responseHash(body),
    assetId: served.assetId,
    assetVersion: served.assetVersion,
    modelRoot: served.contentRoot,
    dataRoot: zeroHash,
    status: RECEIPT_STATUS.complete,
    unitsIn: journaled.unitsIn + prepared.unitsIn,
    unitsOut: journaled.unitsOut + prepared.unitsOut,
    fee,
    cumulativeFee: journaled.cumulativeFee + fee,
    budgetCounter: signed.voucher.seq,
    startedAt,
    finishedAt,
    previousReceipt: journaled.lastReceiptHash,
  }
  const signature = await active.receiptKey.signDigest(receiptDigest(deps.escrow, receipt))
  const { voucher, signature: voucherSignature } = signed
  const item = { receipt, receiptSignature: signature, voucher, voucherSignature }
  await work.admission.writeWith((row) => deps.journal.append(item, receiptHash(receipt), Number(finishedAt), row))
  return { body, receipt: { receipt, signature }, charged: true }
}

/** Every bound the escrow will apply later, before any work is done. Returns the fee, token base units. */
function checkPayment(
  nowSeconds: number,
  channel: Channel,
  journaled: ChannelState,
  { voucher }: SignedVoucher,
  prepared: PreparedInference,
): bigint {
  const expected = journaled.lastSeq + 1n
  if (voucher.seq !== expected)
    throw new RequestError('NODE_CHANNEL_SEQ_UNEXPECTED', {
      metaMessages: [`expected ${expected}, got ${voucher.seq}`],
    })
  if (voucher.notAfter < BigInt(nowSeconds)) throw new RequestError('CHANNEL_VOUCHER_EXPIRED')
  const fee = feeOf(channel, prepared.unitsIn, prepared.unitsOut)
  const cumulative = journaled.cumulativeFee + fee
  if (voucher.cumulativeMax < cumulative)
    throw new RequestError('NODE_VOUCHER_TOO_SMALL', {
      metaMessages: [`needed cumulativeMax ${cumulative}, got ${voucher.cumulativeMax}`],
    })
  if (channel.deposit < cumulative)
    throw new RequestError('NODE_CHANNEL_DEPOSIT_TOO_LOW', {
      metaMessages: [`needed ${cumulative}, deposit ${channel.deposit}`],
    })
  return fee
}
