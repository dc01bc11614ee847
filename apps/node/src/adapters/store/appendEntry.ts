import { sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Hex } from 'viem'
import { JournalError } from '../../errors.ts'
import type { SettleItem } from '../../services/ports.ts'
import { toStored } from './stored.ts'

/**
 * Writes one entry and moves its channel, in one statement and so in one transaction.
 *
 * The first receipt inserts the channel; every later one moves it by exactly one from the receipt it names, and never after
 * a close was agreed. One statement instead of four because each costs the embedded database about as much as all of it.
 *
 * Failure: `NODE_JOURNAL_FAILED` when the channel is somewhere else.
 */
export async function appendEntry(
  db: PgDatabase<PgQueryResultHKT, Record<string, never>>,
  item: SettleItem,
  receiptHash: Hex,
  journaledAt: number,
): Promise<void> {
  const { receipt } = item
  const number = (value: bigint) => sql`${value.toString()}::numeric`
  const result = await db.execute(sql`
    with moved as (
      insert into channels (channel_id, last_seq, units_in, units_out, cumulative_fee, last_receipt_hash, settled_fee)
      select ${receipt.channelId}, ${number(receipt.seq)}, ${number(receipt.unitsIn)}, ${number(receipt.unitsOut)},
             ${number(receipt.cumulativeFee)}, ${receiptHash}, 0
      where ${number(receipt.seq)} = 1 or exists (select 1 from channels where channel_id = ${receipt.channelId})
      on conflict (channel_id) do update set
        last_seq = excluded.last_seq, units_in = excluded.units_in, units_out = excluded.units_out,
        cumulative_fee = excluded.cumulative_fee, last_receipt_hash = excluded.last_receipt_hash
      where channels.last_seq = excluded.last_seq - 1 and channels.last_receipt_hash = ${receipt.previousReceipt}
        and channels.close_final is null
      returning channel_id
    )
    insert into entries (channel_id, seq, keyset_epoch, receipt, receipt_signature, voucher, voucher_signature, journaled_at)
    select channel_id, ${number(receipt.seq)}, ${number(receipt.keysetEpoch)}, ${JSON.stringify(toStored(receipt))}::jsonb,
           ${item.receiptSignature}, ${JSON.stringify(toStored(item.voucher))}::jsonb, ${item.voucherSignature},
           ${journaledAt}::bigint
    from moved returning seq`)
  const { rows } = result as unknown as { readonly rows: readonly unknown[] }
  if (rows.length !== 1)
    throw new JournalError('NODE_JOURNAL_FAILED', {
      metaMessages: [`channel ${receipt.channelId} is not at ${receipt.seq - 1n}`],
    })
}
