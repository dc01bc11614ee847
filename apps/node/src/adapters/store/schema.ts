import { bigint, index, integer, jsonb, numeric, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core'

/** uint128 and uint64 of the protocol do not fit PostgreSQL's bigint. */
const uint = (name: string) => numeric(name, { precision: 39, scale: 0, mode: 'bigint' })
const unixSeconds = (name: string) => bigint(name, { mode: 'number' })

/** Newest state of each channel: what the next request continues from. */
export const channels = pgTable('channels', {
  channelId: text('channel_id').primaryKey(),
  lastSeq: uint('last_seq').notNull(),
  unitsIn: uint('units_in').notNull(),
  unitsOut: uint('units_out').notNull(),
  /** Sum of all fees, token base units. */
  cumulativeFee: uint('cumulative_fee').notNull(),
  lastReceiptHash: text('last_receipt_hash').notNull(),
  /** Paid on-chain as far as this node has seen, token base units. */
  settledFee: uint('settled_fee').notNull(),
  /** Sum at which both sides agreed to close at once, token base units. Nothing is served after it. */
  closeFinal: uint('close_final'),
  closeAgreedAt: unixSeconds('close_agreed_at'),
})

/** One row per answered request, written before the answer leaves. No prompt, no answer: only their hashes. */
export const entries = pgTable(
  'entries',
  {
    channelId: text('channel_id')
      .notNull()
      .references(() => channels.channelId),
    seq: uint('seq').notNull(),
    keysetEpoch: uint('keyset_epoch').notNull(),
    /** Canonical JSON form with decimal strings, and its signature. */
    receipt: jsonb('receipt').notNull(),
    receiptSignature: text('receipt_signature').notNull(),
    voucher: jsonb('voucher').notNull(),
    voucherSignature: text('voucher_signature').notNull(),
    journaledAt: unixSeconds('journaled_at').notNull(),
    /** Null while not settled: 'settled', or the reason code why the chain will never take it. */
    outcome: text('outcome'),
    attempts: integer('attempts').notNull().default(0),
    lastReason: text('last_reason'),
    transactionHash: text('transaction_hash'),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.seq] }),
    index('entries_unsettled').on(table.outcome, table.channelId),
  ],
)

/** Encapsulated keys seen in a keyset epoch: the replay window. Rows of earlier epochs open nothing and are deleted. */
export const replays = pgTable(
  'replays',
  {
    keysetDigest: text('keyset_digest').notNull(),
    encapsulatedKeyHash: text('encapsulated_key_hash').notNull(),
    seenAt: unixSeconds('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.keysetDigest, table.encapsulatedKeyHash] })],
)

/** One row: which provider this journal belongs to, so that it is never mixed with another's. */
export const identity = pgTable('identity', {
  one: smallint('one').primaryKey().default(1),
  providerId: text('provider_id').notNull(),
  escrow: text('escrow').notNull(),
  chainId: uint('chain_id').notNull(),
})
