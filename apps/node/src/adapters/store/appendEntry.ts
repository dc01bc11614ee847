import type { Hex } from 'viem'
import { JournalError } from '../../errors.ts'
import type { ReplayRow, SettleItem } from '../../services/ports.ts'
import { toStored } from './stored.ts'

/** Runs one parametrised statement; the text is always the same, so that a server can keep its plan. */
export type RunStatement = (text: string, values: readonly unknown[]) => Promise<{ readonly rows: readonly unknown[] }>

/**
 * The first receipt inserts the channel; every later one moves it by exactly one from the receipt it names, and never after
 * a close was agreed. Nothing of it happens for an encapsulated key that is there already.
 */
const APPEND = `
with admitted as (
  insert into replays (keyset_digest, encapsulated_key_hash, seen_at) values ($13, $14, $15::bigint)
  on conflict do nothing returning 1
), moved as (
  insert into channels (channel_id, last_seq, units_in, units_out, cumulative_fee, last_receipt_hash, settled_fee)
  select $1, $2::numeric, $3::numeric, $4::numeric, $5::numeric, $6, 0
  where exists (select 1 from admitted)
    and ($2::numeric = 1 or exists (select 1 from channels where channel_id = $1))
  on conflict (channel_id) do update set
    last_seq = excluded.last_seq, units_in = excluded.units_in, units_out = excluded.units_out,
    cumulative_fee = excluded.cumulative_fee, last_receipt_hash = excluded.last_receipt_hash
  where channels.last_seq = excluded.last_seq - 1 and channels.last_receipt_hash = $7 and channels.close_final is null
  returning channel_id
), written as (
  insert into entries (channel_id, seq, keyset_epoch, receipt, receipt_signature, voucher, voucher_signature, journaled_at)
  select channel_id, $2::numeric, $8::numeric, $9::text::jsonb, $10, $11::text::jsonb, $12, $16::bigint
  from moved returning 1
)
select (select count(*) from admitted)::int as admitted, (select count(*) from written)::int as written`

/**
 * Writes one entry, moves its channel and remembers the encapsulated key of its request, in one statement and so in one
 * transaction. One statement because each costs the embedded database about as much as all of it.
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
  const { admitted, written } = rows[0] as { readonly admitted: number; readonly written: number }
  if (admitted !== 1) return false
  if (written === 1) return true
  throw new JournalError('NODE_JOURNAL_FAILED', {
    metaMessages: [`channel ${receipt.channelId} is not at ${receipt.seq - 1n}`],
  })
}
