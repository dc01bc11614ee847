import type { Receipt, Voucher } from '@spartan/protocol'
import { and, asc, desc, eq, gt, isNull, lte, ne, sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Hex } from 'viem'
import { JournalError } from '../../errors.ts'
import type { ChannelState, Journal, JournalEntry, SettleItem } from '../../services/ports.ts'
import { channels, entries, identity, replays } from './schema.ts'
import { fromStored, toStored } from './stored.ts'

type Database = PgDatabase<PgQueryResultHKT, Record<string, never>>
type ChannelRow = typeof channels.$inferSelect
type EntryRow = typeof entries.$inferSelect

function channelStateOf(row: ChannelRow): ChannelState {
  return { ...row, channelId: row.channelId as Hex, lastReceiptHash: row.lastReceiptHash as Hex }
}

function entryOf(row: EntryRow): JournalEntry {
  return {
    receipt: fromStored<Receipt>(row.receipt),
    receiptSignature: row.receiptSignature as Hex,
    voucher: fromStored<Voucher>(row.voucher),
    voucherSignature: row.voucherSignature as Hex,
    journaledAt: row.journaledAt,
    outcome: row.outcome ?? undefined,
  }
}

/** Database failures become `NODE_JOURNAL_FAILED`; the SQL and its values stay out of the message. */
async function guarded<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    if (cause instanceof JournalError) throw cause
    throw new JournalError('NODE_JOURNAL_FAILED', { metaMessages: [`while: ${what}`], cause })
  }
}

/**
 * Journal over any PostgreSQL that drizzle speaks to.
 *
 * @param close - Ends the connection and gives the data directory free.
 */
export function createJournal(db: Database, close: () => Promise<void>): Journal {
  return { ...reads(db), ...requestWrites(db), ...settlementWrites(db), close }
}

function reads(
  db: Database,
): Pick<Journal, 'channelState' | 'channelStates' | 'entry' | 'unsettled' | 'unsettledSummary'> {
  return {
    channelState: (channelId) =>
      guarded('reading a channel', async () => {
        const [row] = await db.select().from(channels).where(eq(channels.channelId, channelId))
        return row && channelStateOf(row)
      }),
    channelStates: () =>
      guarded('reading channels', async () => (await db.select().from(channels)).map((row) => channelStateOf(row))),
    entry: (channelId, seq) =>
      guarded('reading an entry', async () => {
        const [row] = await db
          .select()
          .from(entries)
          .where(and(eq(entries.channelId, channelId), eq(entries.seq, seq)))
        return row && entryOf(row)
      }),
    unsettled: () =>
      guarded('reading unsettled entries', async () => {
        const rows = await db
          .selectDistinctOn([entries.channelId], { entry: entries })
          .from(entries)
          .innerJoin(channels, eq(channels.channelId, entries.channelId))
          .where(and(isNull(entries.outcome), gt(entries.seq, channels.settledSeq)))
          .orderBy(asc(entries.channelId), desc(entries.seq))
        return rows.map((row) => entryOf(row.entry))
      }),
    unsettledSummary: () =>
      guarded('reading the unsettled value', async () => {
        const [row] = await db
          .select({
            value: sql<string>`coalesce(sum((${entries.receipt}->>'fee')::numeric), 0)::text`,
            oldestAt: sql<string | null>`min(${entries.journaledAt})::text`,
          })
          .from(entries)
          .where(isNull(entries.outcome))
        const oldestAt = row?.oldestAt == null ? undefined : Number(row.oldestAt)
        return { value: BigInt(row?.value ?? '0'), oldestAt }
      }),
  }
}

function requestWrites(db: Database): Pick<Journal, 'bind' | 'append' | 'admit' | 'forgetOtherKeysets'> {
  return {
    bind: ({ providerId, escrow, chainId }) =>
      guarded('binding the journal', async () => {
        const wanted = { providerId, escrow: escrow.toLowerCase(), chainId }
        await db.insert(identity).values(wanted).onConflictDoNothing()
        const [row] = await db.select().from(identity)
        if (row?.providerId !== providerId || row.escrow !== wanted.escrow || row.chainId !== chainId)
          throw new JournalError('NODE_JOURNAL_FAILED', {
            metaMessages: [
              `the journal belongs to provider ${row?.providerId} on escrow ${row?.escrow}, chain ${row?.chainId}`,
            ],
          })
      }),
    append: (item, receiptHash, journaledAt) =>
      guarded('writing an entry', () => db.transaction((tx) => appendEntry(tx, item, receiptHash, journaledAt))),
    admit: (keysetDigest, encapsulatedKeyHash, seenAt) =>
      guarded('writing the replay window', async () => {
        const inserted = await db
          .insert(replays)
          .values({ keysetDigest, encapsulatedKeyHash, seenAt })
          .onConflictDoNothing()
          .returning({ seenAt: replays.seenAt })
        return inserted.length === 1
      }),
    forgetOtherKeysets: (keysetDigest) =>
      guarded('clearing the replay window', async () => {
        await db.delete(replays).where(ne(replays.keysetDigest, keysetDigest))
      }),
  }
}

async function appendEntry(
  tx: Pick<Database, 'insert' | 'update'>,
  item: SettleItem,
  receiptHash: Hex,
  journaledAt: number,
): Promise<void> {
  const { receipt } = item
  const { channelId, seq } = receipt
  const state = {
    lastSeq: seq,
    unitsIn: receipt.unitsIn,
    unitsOut: receipt.unitsOut,
    cumulativeFee: receipt.cumulativeFee,
    lastReceiptHash: receiptHash,
  }
  // The first receipt inserts the channel; every later one moves it by exactly one from the receipt it names.
  const moved =
    seq === 1n
      ? await tx
          .insert(channels)
          .values({ channelId, ...state, settledFee: 0n, settledSeq: 0n })
          .onConflictDoNothing()
          .returning({ channelId: channels.channelId })
      : await tx
          .update(channels)
          .set(state)
          .where(
            and(
              eq(channels.channelId, channelId),
              eq(channels.lastSeq, seq - 1n),
              eq(channels.lastReceiptHash, receipt.previousReceipt),
            ),
          )
          .returning({ channelId: channels.channelId })
  if (moved.length !== 1)
    throw new JournalError('NODE_JOURNAL_FAILED', { metaMessages: [`channel ${channelId} is not at ${seq - 1n}`] })
  await tx.insert(entries).values({
    channelId,
    seq,
    keysetEpoch: receipt.keysetEpoch,
    receipt: toStored(receipt),
    receiptSignature: item.receiptSignature,
    voucher: toStored(item.voucher),
    voucherSignature: item.voucherSignature,
    journaledAt,
  })
}

function settlementWrites(db: Database): Pick<Journal, 'markSettled' | 'markSkipped'> {
  return {
    markSettled: (channelId, seq, settledFee, transactionHash) =>
      guarded('recording a settlement', () =>
        db.transaction(async (tx) => {
          await tx
            .update(channels)
            .set({ settledSeq: seq, settledFee })
            .where(and(eq(channels.channelId, channelId), lte(channels.settledSeq, seq)))
          await tx
            .update(entries)
            .set({ outcome: 'settled', transactionHash: transactionHash ?? null })
            .where(and(eq(entries.channelId, channelId), lte(entries.seq, seq), isNull(entries.outcome)))
        }),
      ),
    markSkipped: (channelId, seq, reason, final) =>
      guarded('recording a skipped item', async () => {
        const [row] = await db
          .update(entries)
          .set({ attempts: sql`${entries.attempts} + 1`, lastReason: reason, ...(final ? { outcome: reason } : {}) })
          .where(and(eq(entries.channelId, channelId), eq(entries.seq, seq)))
          .returning({ attempts: entries.attempts })
        return row?.attempts ?? 0
      }),
  }
}
