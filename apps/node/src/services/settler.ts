import { BaseError } from '@spartan/errors'
import type { Log } from '../telemetry/log.ts'
import { failureFields } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { ChannelReader } from './channels.ts'
import type { Chain, Clock, Journal, JournalEntry, SettleResult } from './ports.ts'

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

/** Reasons that no later attempt can change. Anything else is tried again, up to {@link MAX_ATTEMPTS} times. */
const FINAL_REASONS = new Set([
  'CHANNEL_UNKNOWN',
  'CHANNEL_CLOSED',
  'CHANNEL_RECEIPT_MISMATCH',
  'CHANNEL_RECEIPT_SIGNATURE_INVALID',
  'CHANNEL_VOUCHER_SIGNATURE_INVALID',
  'CHANNEL_VOUCHER_EXPIRED',
  'CHANNEL_VOUCHER_SEQ_TOO_LOW',
  'CHANNEL_NOTHING_TO_PAY',
])
const MAX_ATTEMPTS = 20

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
   * @returns Channels of which the chain knows a newer receipt than the journal.
   */
  reconcile(): Promise<readonly `0x${string}`[]>
  /** Settles what is due; everything when `force`. Failures leave the journal as it was. */
  settle(force?: boolean): Promise<SettleRound>
}

/**
 * Makes the settler: the newest receipt and voucher of each channel, in batches, when enough value or age has come
 * together or when a channel is about to close.
 *
 * Safe to repeat after a crash anywhere: the escrow pays only above what it has paid, so the worst is one transaction
 * in which every item is refused as not newer.
 */
export function createSettler(options: SettlerOptions): Settler {
  const { journal, channels, metrics } = options
  let running: Promise<SettleRound> | undefined

  const reconcileEntry = async (channelId: `0x${string}`, lastSeq: bigint, settledSeq: bigint): Promise<boolean> => {
    const channel = await channels.read(channelId, true)
    if (channel.lastSeq > settledSeq && channel.lastSeq <= lastSeq)
      await journal.markSettled(channelId, channel.lastSeq, channel.settled, undefined)
    return channel.lastSeq <= lastSeq
  }

  const round = async (force: boolean): Promise<SettleRound> => {
    const summary = await journal.unsettledSummary()
    metrics.unsettledValue.set(Number(summary.value))
    const entries = await journal.unsettled()
    const due = force || isDue(options, summary) ? entries : await closingSoon(options, entries)
    let paid = 0
    let skipped = 0
    for (let first = 0; first < due.length; first += options.batchSize) {
      const batch = due.slice(first, first + options.batchSize)
      const result = await options.chain.settle(batch)
      const count = await recordBatch(options, batch, result)
      paid += count
      skipped += batch.length - count
      options.log.info('settled', {
        transactionHash: result.transactionHash,
        items: batch.length,
        paid: count,
        skipped: batch.length - count,
      })
    }
    if (due.length > 0) metrics.unsettledValue.set(Number((await journal.unsettledSummary()).value))
    return { paid, skipped }
  }

  return {
    reconcile: async () => {
      const behind: `0x${string}`[] = []
      for (const { channelId, lastSeq, settledSeq } of await journal.channelStates())
        if (!(await reconcileEntry(channelId, lastSeq, settledSeq))) behind.push(channelId)
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

function isDue(options: SettlerOptions, summary: { readonly value: bigint; readonly oldestAt: number | undefined }) {
  if (summary.value >= options.valueThreshold && summary.value > 0n) return true
  return summary.oldestAt !== undefined && options.clock.nowSeconds() - summary.oldestAt >= options.maxAgeSeconds
}

/** Channels that close or expire within the margin: later is too late. */
async function closingSoon(options: SettlerOptions, entries: readonly JournalEntry[]): Promise<JournalEntry[]> {
  const due: JournalEntry[] = []
  for (const entry of entries) {
    const channel = await options.channels.read(entry.receipt.channelId)
    const closing = channel.status === 'Closing'
    if (closing || channel.expiresAt - options.clock.nowSeconds() < options.marginSeconds) due.push(entry)
  }
  return due
}

async function recordBatch(
  options: SettlerOptions,
  batch: readonly JournalEntry[],
  result: SettleResult,
): Promise<number> {
  let paid = 0
  for (const [index, { receipt }] of batch.entries()) {
    const reason = result.reasons[index]
    options.metrics.settlements.inc({ code: reason ?? 'ok' })
    const { channelId, seq } = receipt
    if (reason === undefined || reason === 'CHANNEL_RECEIPT_NOT_NEWER') {
      const channel = await options.channels.read(channelId, true)
      await options.journal.markSettled(channelId, channel.lastSeq, channel.settled, result.transactionHash)
      if (reason === undefined) paid += 1
      continue
    }
    const attempts = await options.journal.markSkipped(channelId, seq, reason, FINAL_REASONS.has(reason))
    if (attempts >= MAX_ATTEMPTS) await options.journal.markSkipped(channelId, seq, reason, true)
    options.log.warn('settlement skipped', { channelId, seq, code: reason })
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
