import type { Receipt, Voucher } from '@spartan/protocol'
import { and, asc, desc, eq, isNull, lt, lte, ne, sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { type Hex, zeroHash } from 'viem'
import { JournalError } from '../../errors.ts'
import type { ChannelState, Journal, JournalEntry, SettleItem } from '../../services/ports.ts'
import { channels, entries, identity, replays } from './schema.ts'
import { fromStored, toStored } from './stored.ts'

type Database = PgDatabase<PgQueryResultHKT, Record<string, never>>
type ChannelRow = typeof channels.$inferSelect
type EntryRow = typeof entries.$inferSelect

function channelStateOf(row: ChannelRow): ChannelState {
  const { closeFinal, closeAgreedAt, ...rest } = row
  return {
    ...rest,
    channelId: row.channelId as Hex,
    lastReceiptHash: row.lastReceiptHash as Hex,
    closeFinal: closeFinal ?? undefined,
    closeAgreedAt: closeAgreedAt ?? undefined,
  }
}

/** Sum over the channel up to an entry, and the second in which it finished: read from the receipt that was signed. */
const entrySum = sql`(${entries.receipt}->>'cumulativeFee')::numeric`
const entryFinishedAt = sql`(${entries.receipt}->>'finishedAt')::numeric`
/** Entries that may still be paid. Needs the join with channels. */
const isOpen = and(isNull(entries.outcome), sql`${entrySum} > ${channels.settledFee}`)

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
): Pick<
  Journal,
  'channelState' | 'channelStates' | 'entry' | 'unsettledChannels' | 'unsettledOf' | 'unsettledSummary'
> {
  const withOpenEntries = () =>
    db
      .select({
        channelId: entries.channelId,
        value: sql<string>`max(${entrySum}) - max(${channels.settledFee})`.as('value'),
        oldestAt: sql<string>`min(${entries.journaledAt})`.as('oldest_at'),
      })
      .from(entries)
      .innerJoin(channels, eq(channels.channelId, entries.channelId))
      .where(isOpen)
      .groupBy(entries.channelId)
      .as('open')
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
    unsettledChannels: () =>
      guarded('reading channels with open entries', async () => {
        const open = withOpenEntries()
        const rows = await db
          .select({ channel: channels })
          .from(channels)
          .innerJoin(open, eq(open.channelId, channels.channelId))
          .orderBy(asc(channels.channelId))
        return rows.map((row) => channelStateOf(row.channel))
      }),
    unsettledOf: (channelId, { limit, belowSeq }) =>
      guarded('reading open entries', async () => {
        const below = belowSeq === undefined ? undefined : lt(entries.seq, belowSeq)
        const rows = await db
          .select({ entry: entries })
          .from(entries)
          .innerJoin(channels, eq(channels.channelId, entries.channelId))
          .where(and(eq(entries.channelId, channelId), isOpen, below))
          .orderBy(desc(entries.seq))
          .limit(limit)
        return rows.map((row) => entryOf(row.entry))
      }),
    unsettledSummary: () =>
      guarded('reading the unsettled value', async () => {
        const open = withOpenEntries()
        const [row] = await db
          .select({
            value: sql<string>`coalesce(sum(${open.value}), 0)::text`,
            oldestAt: sql<string | null>`min(${open.oldestAt})::text`,
          })
          .from(open)
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
          .values({ channelId, ...state, settledFee: 0n })
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
              isNull(channels.closeFinal),
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

function settlementWrites(db: Database): Pick<Journal, 'markSettled' | 'markSkipped' | 'markLost' | 'agreeClose'> {
  return {
    markSettled: (channelId, settledFee, transactionHash) =>
      guarded('recording a settlement', () =>
        db.transaction(async (tx) => {
          await tx
            .update(channels)
            .set({ settledFee })
            .where(and(eq(channels.channelId, channelId), lt(channels.settledFee, settledFee)))
          await tx
            .update(entries)
            .set({ outcome: 'settled', transactionHash: transactionHash ?? null })
            .where(
              and(
                eq(entries.channelId, channelId),
                isNull(entries.outcome),
                sql`${entrySum} <= ${String(settledFee)}::numeric`,
              ),
            )
        }),
      ),
    markSkipped: (channelId, seq, reason, final) =>
      guarded('recording a skipped item', async () => {
        await db
          .update(entries)
          .set({ attempts: sql`${entries.attempts} + 1`, lastReason: reason, ...(final ? { outcome: reason } : {}) })
          .where(and(eq(entries.channelId, channelId), eq(entries.seq, seq)))
      }),
    markLost: (channelId, reason, finishedAfter) =>
      guarded('recording lost entries', async () => {
        const after = finishedAfter === undefined ? undefined : sql`${entryFinishedAt} > ${finishedAfter}::bigint`
        await db
          .update(entries)
          .set({ outcome: reason, lastReason: reason })
          .where(and(eq(entries.channelId, channelId), isNull(entries.outcome), after))
      }),
    agreeClose: (channelId, finalCumulative, agreedAt) =>
      guarded('recording a close', () => db.transaction((tx) => agreeClose(tx, channelId, finalCumulative, agreedAt))),
  }
}

async function agreeClose(
  tx: Pick<Database, 'insert' | 'update' | 'select'>,
  channelId: Hex,
  finalCumulative: bigint,
  agreedAt: number,
): Promise<bigint> {
  const untouched = { lastSeq: 0n, unitsIn: 0n, unitsOut: 0n, cumulativeFee: 0n, lastReceiptHash: zeroHash }
  await tx
    .insert(channels)
    .values({ channelId, ...untouched, settledFee: 0n })
    .onConflictDoNothing()
  // The bound is checked by the same statement that writes: another replica may have served meanwhile.
  await tx
    .update(channels)
    .set({ closeFinal: finalCumulative, closeAgreedAt: agreedAt })
    .where(
      and(eq(channels.channelId, channelId), isNull(channels.closeFinal), lte(channels.cumulativeFee, finalCumulative)),
    )
  const [row] = await tx.select().from(channels).where(eq(channels.channelId, channelId))
  if (row?.closeFinal == null)
    throw new JournalError('NODE_JOURNAL_FAILED', {
      metaMessages: [`channel ${channelId} moved on to ${row?.cumulativeFee}`],
    })
  return row.closeFinal
}
