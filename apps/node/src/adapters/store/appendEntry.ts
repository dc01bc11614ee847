import type { Hex } from 'viem'
import { JournalError } from '../../errors.ts'
import type { ReplayRow, SettleItem } from '../../services/ports.ts'
import { toStored } from './stored.ts'

/** Runs one parametrised statement; the text is always the same, so that a server can keep its plan. */
export type RunStatement = (text: string, values: readonly unknown[]) => Promise<{ readonly rows: readonly unknown[] }>

/** What it does, and what it answers: migrations/0003_journal_append.sql. */
const APPEND = `select journal_append($1, $2::numeric, $3::numeric, $4::numeric, $5::numeric, $6, $7, $8::numeric,
  $9::text::jsonb, $10, $11::text::jsonb, $12, $13, $14, $15::bigint, $16::bigint) as outcome`
const REPLAYED = 0
const WRITTEN = 2

/**
 * Writes one entry, moves its channel by exactly one, never after a close was agreed, and remembers the encapsulated key of
 * its request, in one transaction. A function because planning costs the embedded database as much as all the writing.
 *
 * @returns False, and writes nothing, when the encapsulated key was there already.
 * Failure: `NODE_JOURNAL_FAILED` when the channel is somewhere else.
 */
export async function appendEntry(
  run: RunStatement,
  item: SettleItem,
  receiptHash: Hex,
  journaledAt: number,
  replay: ReplayRow,
): Promise<boolean> {
  const { receipt, voucher } = item
  const { rows } = await run(APPEND, [
    receipt.channelId,
    ...[receipt.seq, receipt.unitsIn, receipt.unitsOut, receipt.cumulativeFee].map(String),
    receiptHash,
    receipt.previousReceipt,
    String(receipt.keysetEpoch),
    JSON.stringify(toStored(receipt)),
    item.receiptSignature,
    JSON.stringify(toStored(voucher)),
    item.voucherSignature,
    replay.keysetDigest,
    replay.encapsulatedKeyHash,
    String(replay.seenAt),
    String(journaledAt),
  ])
  const { outcome } = rows[0] as { readonly outcome: number }
  if (outcome === REPLAYED) return false
  if (outcome === WRITTEN) return true
  throw new JournalError('NODE_JOURNAL_FAILED', {
    metaMessages: [`channel ${receipt.channelId} is not at ${receipt.seq - 1n}`],
  })
}
