import { BaseError } from '@spartan/errors'
import type { Hex } from 'viem'
import type { Log } from '../telemetry/log.ts'
import { failureFields } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { ChannelReader } from './channels.ts'
import type { Chain, Channel, ChannelState, Clock, Journal, JournalEntry, SettleResult } from './ports.ts'

export interface SettlerOptions {
  readonly chain: Chain
  readonly channels: ChannelReader
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Token base units over all channels. */
  readonly valueThreshold: bigint
  readonly maxAgeSeconds: number
  readonly marginSeconds: number
  /** At most 20, the escrow's MAX_BATCH. */
  readonly batchSize: number
}

/**
 * Reasons that no later attempt can change. Anything else is offered again in later rounds, while older receipts of the
 * channel are settled meanwhile: nothing that can still be paid may wait behind what cannot.
 */
const FINAL_REASONS = new Set([
  'CHANNEL_RECEIPT_MISMATCH',
  'CHANNEL_RECEIPT_SIGNATURE_INVALID',
  'CHANNEL_VOUCHER_SIGNATURE_INVALID',
  'CHANNEL_VOUCHER_EXPIRED',
  'CHANNEL_VOUCHER_SEQ_TOO_LOW',
])

/** What one round did. */
export interface SettleRound {
  readonly paid: number
  readonly skipped: number
}

/** Settles journaled receipts; see {@link createSettler}. */
export interface Settler {
  /**
   * Brings the journal up to what the chain has paid already, e.g. before a crash could note it.
   *
   * @returns Channels of which the chain knows a newer receipt, or has paid more, than the journal holds.
   */
  reconcile(): Promise<readonly Hex[]>
  /** Settles what is due; everything when `force`. Failures leave the journal as it was. */
  settle(force?: boolean): Promise<SettleRound>
}

/**
 * Makes the settler: the newest payable receipt and voucher of each channel, in batches, when enough value or age has
 * come together or when a channel is about to close.
 *
 * What is paid is judged by sums, never by receipt numbers: anyone may settle the newest receipt with a small voucher.
 * Every item is previewed before it is sent, so a batch holds what the escrow pays at this moment.
 *
 * Safe to repeat after a crash anywhere: the escrow pays only above what it has paid.
 */
export function createSettler(options: SettlerOptions): Settler {
  const { journal, metrics } = options
  let running: Promise<SettleRound> | undefined

  const round = async (force: boolean): Promise<SettleRound> => {
    const summary = await journal.unsettledSummary()
    metrics.unsettledValue.set(Number(summary.value))
    const everything = force || isDue(options, summary)
    const due: Hex[] = []
    for (const state of await journal.unsettledChannels())
      if (await isChannelDue(options, state, force, everything)) due.push(state.channelId)
    const offered = await payableEntries(options, due)
    let { paid, skipped } = { paid: 0, skipped: offered.skipped }
    for (const batch of batchesOf(offered.entries, options.batchSize)) {
      const result = await options.chain.settle(batch)
      const count = await recordBatch(options, batch, result)
      paid += count
      skipped += batch.length - count
      const { transactionHash } = result
      options.log.info('settled', { transactionHash, items: batch.length, paid: count, skipped: batch.length - count })
    }
    if (due.length > 0) metrics.unsettledValue.set(Number((await journal.unsettledSummary()).value))
    return { paid, skipped }
  }

  return {
    reconcile: async () => {
      const behind: Hex[] = []
      for (const state of await journal.channelStates()) {
        const channel = await options.channels.read(state.channelId, true)
        if (isJournalBehind(channel, state)) behind.push(state.channelId)
        else await journal.markSettled(state.channelId, channel.settled, undefined)
      }
      return behind
    },
    settle: async (force = false) => {
      // One round at a time: a second one would send the same items again.
      while (running !== undefined) await running.catch(() => undefined)
      running = round(force)
      try {
        return await running
      } finally {
        running = undefined
      }
    },
  }
}

/**
 * Whether the chain knows what the journal does not: more paid than was ever asked for, or a receipt with a higher
 * number. Both carry a signature of this provider, so no payer can make it look so.
 */
export function isJournalBehind(
  channel: Channel,
  state: Pick<ChannelState, 'cumulativeFee' | 'lastSeq' | 'closeFinal'>,
): boolean {
  return channel.settled > (state.closeFinal ?? state.cumulativeFee) || channel.lastSeq > state.lastSeq
}

function isDue(options: SettlerOptions, summary: { readonly value: bigint; readonly oldestAt: number | undefined }) {
  if (summary.value >= options.valueThreshold && summary.value > 0n) return true
  return summary.oldestAt !== undefined && options.clock.nowSeconds() - summary.oldestAt >= options.maxAgeSeconds
}

/** Brings the journal up to the chain, and tells whether the channel is to be settled in this round. */
async function isChannelDue(
  options: SettlerOptions,
  state: ChannelState,
  force: boolean,
  everything: boolean,
): Promise<boolean> {
  const { channelId } = state
  const channel = await options.channels.read(channelId, everything)
  if (channel.settled > state.settledFee) await options.journal.markSettled(channelId, channel.settled, undefined)
  if (channel.status === 'Closed') {
    await options.journal.markLost(channelId, 'CHANNEL_CLOSED')
    return false
  }
  if (channel.status === 'Closing') {
    await options.journal.markLost(channelId, 'CHANNEL_RECEIPT_OUT_OF_TIME', channel.closeRequestedAt)
    return true
  }
  const now = options.clock.nowSeconds()
  if (force || channel.expiresAt - now < options.marginSeconds) return true
  // The payer is about to close with both signatures, which pays the same; settled as usual when he does not.
  if (state.closeAgreedAt !== undefined && now - state.closeAgreedAt < options.maxAgeSeconds) return false
  return everything
}

function batchesOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

/** The newest entry of each channel that the escrow would pay now. */
async function payableEntries(options: SettlerOptions, channelIds: readonly Hex[]) {
  const newest = await Promise.all(channelIds.map((channelId) => options.journal.unsettledOf(channelId, { limit: 1 })))
  const entries: JournalEntry[] = []
  let skipped = 0
  for (const batch of batchesOf(newest.flat(), options.batchSize)) {
    const reasons = await previewNextBlock(options, batch)
    for (const [index, entry] of batch.entries()) {
      const reason = reasons[index]
      if (reason === undefined) {
        entries.push(entry)
        continue
      }
      skipped += 1
      await recordRefusal(options, entry, reason)
      const older = await olderPayableEntry(options, entry.receipt.channelId, entry.receipt.seq)
      if (older !== undefined) entries.push(older)
    }
  }
  return { entries, skipped }
}

/**
 * What the escrow would say in the next block. The preview runs in the newest one, for which a receipt of this second is
 * still from the future; the block that settles it will be later.
 */
async function previewNextBlock(options: SettlerOptions, items: readonly JournalEntry[]) {
  const reasons = await options.chain.previewSettle(items)
  return await Promise.all(
    items.map(async ({ receipt }, index) => {
      const reason = reasons[index]
      if (reason !== 'CHANNEL_RECEIPT_OUT_OF_TIME' || receipt.finishedAt > BigInt(options.clock.nowSeconds()))
        return reason
      const { status } = await options.channels.read(receipt.channelId, true)
      return status === 'Open' ? undefined : reason
    }),
  )
}

/** Looks through everything older than a refused entry in this round: a close delay may be running. */
async function olderPayableEntry(
  options: SettlerOptions,
  channelId: Hex,
  refusedSeq: bigint,
): Promise<JournalEntry | undefined> {
  let belowSeq = refusedSeq
  for (;;) {
    const page = await options.journal.unsettledOf(channelId, { limit: options.batchSize, belowSeq })
    const last = page.at(-1)
    if (last === undefined) return undefined
    const reasons = await previewNextBlock(options, page)
    for (const [index, entry] of page.entries()) {
      const reason = reasons[index]
      if (reason === undefined) return entry
      await recordRefusal(options, entry, reason)
    }
    belowSeq = last.receipt.seq
  }
}

async function recordRefusal(options: SettlerOptions, { receipt }: JournalEntry, reason: string): Promise<void> {
  const { channelId, seq } = receipt
  options.metrics.settlements.inc({ code: reason })
  // Somebody has settled this sum already: noted from the channel itself, and nothing beyond it.
  if (reason === 'CHANNEL_NOTHING_TO_PAY') {
    const { settled } = await options.channels.read(channelId, true)
    await options.journal.markSettled(channelId, settled, undefined)
    if (settled >= receipt.cumulativeFee) return
  }
  await options.journal.markSkipped(channelId, seq, reason, FINAL_REASONS.has(reason))
  options.log.warn('settlement skipped', { channelId, seq, code: reason })
}

async function recordBatch(
  options: SettlerOptions,
  batch: readonly JournalEntry[],
  result: SettleResult,
): Promise<number> {
  let paid = 0
  for (const [index, entry] of batch.entries()) {
    const reason = result.reasons[index]
    if (reason !== undefined) {
      await recordRefusal(options, entry, reason)
      continue
    }
    options.metrics.settlements.inc({ code: 'ok' })
    const { channelId } = entry.receipt
    const { settled } = await options.channels.read(channelId, true)
    await options.journal.markSettled(channelId, settled, result.transactionHash)
    paid += 1
  }
  return paid
}

/** Calls `settle` every `pollSeconds`; after a failure it waits longer each time, up to a minute. */
export function startSettling(settler: Settler, log: Log, pollSeconds: number): () => void {
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const next = () => {
    if (stopped) return
    const delay = Math.min(pollSeconds * 2 ** failures, Math.max(60, pollSeconds))
    timer = setTimeout(async () => {
      try {
        await settler.settle()
        failures = 0
      } catch (error) {
        failures = Math.min(failures + 1, 6)
        log[error instanceof BaseError ? 'warn' : 'error']('settlement failed', failureFields(error))
      }
      next()
    }, delay * 1000)
  }
  next()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
