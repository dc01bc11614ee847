import type { Receipt, Voucher } from '@spartan/protocol'
import { and, asc, desc, eq, isNull, lt, lte, ne, sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { type Hex, zeroHash } from 'viem'
import { JournalError } from '../../errors.ts'
import type { ChannelState, Journal, JournalEntry } from '../../services/ports.ts'
import { appendEntry, type RunStatement } from './appendEntry.ts'
import { type ChannelStates, createChannelStates } from './channelStates.ts'
import { channels, entries, identity, replays } from './schema.ts'
import { fromStored } from './stored.ts'

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

/** State after one more receipt. */
function movedBy(state: ChannelState, receipt: Receipt, lastReceiptHash: Hex): ChannelState {
  const { seq: lastSeq, unitsIn, unitsOut, cumulativeFee } = receipt
  return { ...state, lastSeq, unitsIn, unitsOut, cumulativeFee, lastReceiptHash }
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
 * @param run - The same database without drizzle, for the one statement that every request waits for.
 * @param close - Ends the connection and gives the data directory free.
 */
export function createJournal(db: Database, run: RunStatement, close: () => Promise<void>): Journal {
  const states = createChannelStates()
  return { ...reads(db, states), ...requestWrites(db, run, states), ...settlementWrites(db, states), close }
}

function reads(
  db: Database,
  states: ChannelStates,
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
        const known = states.get(channelId)
        if (known) return known
        const [row] = await db.select().from(channels).where(eq(channels.channelId, channelId))
        if (!row) return undefined
        const state = channelStateOf(row)
        states.set(state)
        return state
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

function requestWrites(
  db: Database,
  run: RunStatement,
  states: ChannelStates,
): Pick<Journal, 'bind' | 'append' | 'admit' | 'forgetOtherKeysets'> {
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
    append: (item, receiptHash, journaledAt, replay) =>
      guarded('writing an entry', async () => {
        const { receipt } = item
        const before = states.get(receipt.channelId)
        // Forgotten while the write is under way: a failure in the middle leaves nothing wrong behind.
        states.forget(receipt.channelId)
        const fresh = await appendEntry(run, item, receiptHash, journaledAt, replay)
        if (before) states.set(fresh ? movedBy(before, receipt, receiptHash) : before)
        return fresh
      }),
    admit: (replay) =>
      guarded('writing the replay window', async () => {
        const inserted = await db
          .insert(replays)
          .values(replay)
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

function settlementWrites(
  db: Database,
  states: ChannelStates,
): Pick<Journal, 'markSettled' | 'markSkipped' | 'markLost' | 'agreeClose'> {
  return {
    markSettled: (channelId, settledFee, transactionHash) =>
      guarded('recording a settlement', async () => {
        await db.transaction(async (tx) => {
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
        })
        states.forget(channelId)
      }),
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
      guarded('recording a close', async () => {
        const agreed = await db.transaction((tx) => agreeClose(tx, channelId, finalCumulative, agreedAt))
        states.forget(channelId)
        return agreed
      }),
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
  // The bound is checked by the same statement that writes: the channel may have moved on meanwhile.
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
