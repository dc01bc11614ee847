import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Receipt } from '@spartan/protocol'
import { type Hex, zeroHash } from 'viem'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openEmbeddedJournal } from '../adapters/store/open.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import type { Chain, Channel, Journal, SettleItem } from './ports.ts'
import { createSettler } from './settler.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const CHANNEL = `0x${'c'.repeat(64)}` as const
const hashOf = (seq: bigint) => `0x${seq.toString(16).padStart(64, '0')}` as Hex

function item(seq: bigint): SettleItem {
  const receipt = {
    channelId: CHANNEL,
    seq,
    keysetEpoch: 1n,
    unitsIn: seq,
    unitsOut: seq,
    fee: 100n,
    cumulativeFee: 100n * seq,
    previousReceipt: seq === 1n ? zeroHash : hashOf(seq - 1n),
  } as Receipt
  const voucher = { channelId: CHANNEL, cumulativeMax: 100n * seq, seq, notAfter: 5000n }
  return { receipt, receiptSignature: '0xaa', voucher, voucherSignature: '0xbb' }
}

describe('createSettler', () => {
  let journal: Journal
  let channel: Channel
  /** The escrow's answers to the next batches, by item; undefined pays. */
  let answers: ((sent: SettleItem) => string | undefined) | 'down'
  let sent: bigint[]

  const settler = () => {
    const chain = {
      settle: async (items: readonly SettleItem[]) => {
        if (answers === 'down') throw new Error('down')
        const decide = answers
        const reasons = items.map((one) => {
          sent.push(one.receipt.seq)
          const reason = decide(one)
          if (reason === undefined)
            channel = { ...channel, lastSeq: one.receipt.seq, settled: one.receipt.cumulativeFee }
          return reason
        })
        return { transactionHash: zeroHash, reasons }
      },
    } as unknown as Chain
    return createSettler({
      chain,
      channels: { read: async () => channel },
      journal,
      clock: { nowSeconds: () => 1000 },
      log: createLog('silent'),
      metrics: createMetrics(),
      valueThreshold: 250n,
      maxAgeSeconds: 100,
      marginSeconds: 50,
      batchSize: 20,
    })
  }

  beforeEach(async () => {
    journal = await openEmbeddedJournal(mkdtempSync(join(tmpdir(), 'spartan-settler-')))
    channel = { status: 'Open', lastSeq: 0n, settled: 0n, expiresAt: 9000 } as Channel
    answers = () => undefined
    sent = []
    for (const seq of [1n, 2n]) await journal.append(item(seq), hashOf(seq), 990)
  })
  afterEach(() => journal.close())

  test('default: waits for value or age, then sends only the newest receipt', async () => {
    expect(await settler().settle()).toEqual({ paid: 0, skipped: 0 })
    await journal.append(item(3n), hashOf(3n), 995)
    expect(await settler().settle()).toEqual({ paid: 1, skipped: 0 })
    expect(sent).toEqual([3n])
    expect(await settler().settle(true)).toEqual({ paid: 0, skipped: 0 })
  })

  test('behavior: settles below the threshold when a close was requested', async () => {
    channel = { ...channel, status: 'Closing' }
    expect(await settler().settle()).toEqual({ paid: 1, skipped: 0 })
  })

  test('behavior: after a final refusal of the newest receipt the one before it is settled', async () => {
    answers = ({ receipt }) => (receipt.seq === 2n ? 'CHANNEL_VOUCHER_EXPIRED' : undefined)
    expect(await settler().settle(true)).toEqual({ paid: 0, skipped: 1 })
    expect(await settler().settle(true)).toEqual({ paid: 1, skipped: 0 })
    expect(sent).toEqual([2n, 1n])
  })

  test('behavior: a refusal that may pass is tried again', async () => {
    answers = () => 'CHANNEL_RECEIPT_OUT_OF_TIME'
    await settler().settle(true)
    answers = () => undefined
    expect(await settler().settle(true)).toEqual({ paid: 1, skipped: 0 })
    expect(sent).toEqual([2n, 2n])
  })

  test('behavior: a failed transaction leaves the journal as it was', async () => {
    answers = 'down'
    await expect(settler().settle(true)).rejects.toThrow('down')
    expect((await journal.unsettledSummary()).value).toBe(200n)
  })

  test('behavior: reconcile notes what was paid before a crash, and names a journal behind the chain', async () => {
    channel = { ...channel, lastSeq: 2n, settled: 200n }
    expect(await settler().reconcile()).toEqual([])
    expect(await settler().settle(true)).toEqual({ paid: 0, skipped: 0 })
    expect(sent).toEqual([])
    channel = { ...channel, lastSeq: 5n, settled: 500n }
    expect(await settler().reconcile()).toEqual([CHANNEL])
  })
})
