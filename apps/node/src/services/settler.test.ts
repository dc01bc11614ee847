import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Receipt } from '@spartan/protocol'
import { concatHex, type Hex, keccak256, stringToHex, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openEmbeddedJournal } from '../adapters/store/open.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import type { Chain, Channel, Journal, SettleItem } from './ports.ts'
import { createSettler } from './settler.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const hashOf = (seq: bigint) => `0x${seq.toString(16).padStart(64, '0')}` as Hex

/** A request of its own for each entry. */
const replayOf = (seq: bigint) => ({
  keysetDigest: zeroHash,
  encapsulatedKeyHash: keccak256(concatHex([channelId, hashOf(seq)])),
  seenAt: 1,
})

/** One journal for all tests, for opening a database takes seconds; each test has a channel of its own. */
let channelId: Hex

function item(seq: bigint, finishedAt = 980n + seq): SettleItem {
  const receipt = {
    channelId,
    seq,
    keysetEpoch: 1n,
    unitsIn: seq,
    unitsOut: seq,
    fee: 100n,
    cumulativeFee: 100n * seq,
    finishedAt,
    previousReceipt: seq === 1n ? zeroHash : hashOf(seq - 1n),
  } as Receipt
  const voucher = { channelId, cumulativeMax: 100n * seq, seq, notAfter: 5000n }
  return { receipt, receiptSignature: '0xaa', voucher, voucherSignature: '0xbb' }
}

describe('createSettler', () => {
  let journal: Journal
  let channel: Channel
  /** What the escrow says beside its rules on time and money; undefined has no objection. */
  let objection: (sent: SettleItem) => string | undefined
  let down: boolean
  let sent: bigint[]

  /** Time and money as ChannelEscrow judges them: no receipt number decides. */
  const judge = (one: SettleItem): string | undefined => {
    const { finishedAt, cumulativeFee } = one.receipt
    if (channel.status === 'Closed') return 'CHANNEL_CLOSED'
    if (channel.closeRequestedAt !== 0 && finishedAt > channel.closeRequestedAt) return 'CHANNEL_RECEIPT_OUT_OF_TIME'
    return objection(one) ?? (cumulativeFee <= channel.settled ? 'CHANNEL_NOTHING_TO_PAY' : undefined)
  }
  const settler = () => {
    const chain = {
      previewSettle: async (items: readonly SettleItem[]) => items.map(judge),
      settle: async (items: readonly SettleItem[]) => {
        if (down) throw new Error('down')
        const reasons = items.map((one) => {
          sent.push(one.receipt.seq)
          const reason = judge(one)
          if (reason === undefined)
            channel = { ...channel, lastSeq: one.receipt.seq, settled: one.receipt.cumulativeFee }
          return reason
        })
        return { transactionHash: zeroHash, reasons }
      },
    } as unknown as Chain
    return createSettler({
      chain,
      channels: { read: async (id) => (id === channelId ? channel : ({ settled: 0n, lastSeq: 0n } as Channel)) },
      journal,
      clock: { nowSeconds: () => 1000 },
      log: createLog('silent'),
      metrics: createMetrics(),
      valueThreshold: 250n,
      maxAgeSeconds: 100,
      marginSeconds: 50,
      batchSize: 3,
    })
  }

  beforeAll(async () => {
    journal = await openEmbeddedJournal(mkdtempSync(join(tmpdir(), 'spartan-settler-')))
  })
  afterAll(() => journal.close())
  beforeEach(async ({ task }) => {
    channelId = keccak256(stringToHex(task.name))
    channel = { status: 'Open', lastSeq: 0n, settled: 0n, expiresAt: 9000, closeRequestedAt: 0 } as Channel
    objection = () => undefined
    down = false
    sent = []
    for (const seq of [1n, 2n]) await journal.append(item(seq), hashOf(seq), 990, replayOf(seq))
  })
  afterEach(() => journal.markLost(channelId, 'TEST_OVER'))

  test('default: waits for value or age, then sends only the newest receipt', async () => {
    expect(await settler().settle()).toEqual({ paid: 0, skipped: 0 })
    await journal.append(item(3n), hashOf(3n), 995, replayOf(3n))
    expect(await settler().settle()).toEqual({ paid: 1, skipped: 0 })
    expect(sent).toEqual([3n])
    expect(await settler().settle(true)).toEqual({ paid: 0, skipped: 0 })
  })

  test('behavior: settles below the threshold when a close was requested', async () => {
    channel = { ...channel, status: 'Closing', closeRequestedAt: 985 }
    expect(await settler().settle()).toEqual({ paid: 1, skipped: 0 })
  })

  test('security: a payer who settles the newest receipt with a voucher of one unit takes nothing away', async () => {
    channel = { ...channel, lastSeq: 2n, settled: 1n }
    expect(await settler().reconcile()).toEqual([])
    expect(await journal.unsettledSummary()).toMatchObject({ value: 199n })
    expect(await settler().settle(true)).toEqual({ paid: 1, skipped: 0 })
    expect(sent).toEqual([2n])
    expect(channel.settled).toBe(200n)
  })

  test('security: an answer "nothing to pay" is no proof of payment: the older receipt is tried, the sum stays open', async () => {
    objection = ({ receipt }) => (receipt.seq === 2n ? 'CHANNEL_NOTHING_TO_PAY' : undefined)
    expect(await settler().settle(true)).toEqual({ paid: 1, skipped: 1 })
    expect(channel.settled).toBe(100n)
    expect(await journal.unsettledSummary()).toMatchObject({ value: 100n })
  })

  test('security: receipts made after the close request hide nothing made before it, however many there are', async () => {
    for (let seq = 3n; seq <= 30n; seq += 1n) await journal.append(item(seq, 990n), hashOf(seq), 990, replayOf(seq))
    channel = { ...channel, status: 'Closing', closeRequestedAt: 985 }
    expect(await settler().settle()).toEqual({ paid: 1, skipped: 0 })
    expect(sent).toEqual([2n])
    expect(await journal.unsettledSummary()).toEqual({ value: 0n, oldestAt: undefined })
  })

  test('behavior: what the escrow would refuse is not sent; the newest payable one is found in the same round', async () => {
    for (let seq = 3n; seq <= 12n; seq += 1n) await journal.append(item(seq), hashOf(seq), 990, replayOf(seq))
    objection = ({ receipt }) => (receipt.seq > 2n ? 'REGISTRY_PROVIDER_REVOKED' : undefined)
    expect(await settler().settle()).toEqual({ paid: 1, skipped: 1 })
    expect(sent).toEqual([2n])
    objection = () => undefined
    expect(await settler().settle()).toEqual({ paid: 1, skipped: 0 })
    expect(sent).toEqual([2n, 12n])
  })

  test('behavior: a receipt of this second, which the newest block calls early, is sent to the next one', async () => {
    objection = () => (sent.length === 0 ? 'CHANNEL_RECEIPT_OUT_OF_TIME' : undefined)
    expect(await settler().settle(true)).toEqual({ paid: 1, skipped: 0 })
    expect(sent).toEqual([2n])
  })

  test('behavior: after a final refusal of the newest receipt the one before it is settled', async () => {
    objection = ({ receipt }) => (receipt.seq === 2n ? 'CHANNEL_VOUCHER_EXPIRED' : undefined)
    expect(await settler().settle(true)).toEqual({ paid: 1, skipped: 1 })
    expect(sent).toEqual([1n])
    expect((await journal.unsettledSummary()).value).toBe(0n)
  })

  test('behavior: a closed channel is let go at once', async () => {
    channel = { ...channel, status: 'Closed', settled: 100n }
    expect(await settler().settle(true)).toEqual({ paid: 0, skipped: 0 })
    expect((await journal.entry(channelId, 1n))?.outcome).toBe('settled')
    expect((await journal.entry(channelId, 2n))?.outcome).toBe('CHANNEL_CLOSED')
  })

  test('behavior: a close that both sides agreed on is left to the payer for a while, then settled as usual', async () => {
    await journal.append(item(3n), hashOf(3n), 995, replayOf(3n))
    await journal.agreeClose(channelId, 300n, 950)
    expect(await settler().settle()).toEqual({ paid: 0, skipped: 0 })
    channel = { ...channel, status: 'Closing', closeRequestedAt: 985 }
    expect(await settler().settle()).toEqual({ paid: 1, skipped: 0 })
  })

  test('behavior: a failed transaction leaves the journal as it was', async () => {
    down = true
    await expect(settler().settle(true)).rejects.toThrow('down')
    expect((await journal.unsettledSummary()).value).toBe(200n)
  })

  test('behavior: reconcile notes what was paid before a crash, and names a journal behind the chain', async () => {
    channel = { ...channel, lastSeq: 2n, settled: 200n }
    expect(await settler().reconcile()).toEqual([])
    expect(await settler().settle(true)).toEqual({ paid: 0, skipped: 0 })
    expect(sent).toEqual([])
    channel = { ...channel, settled: 500n }
    expect(await settler().reconcile()).toEqual([channelId])
    // A sum that both sides signed may be above what was served.
    await journal.agreeClose(channelId, 500n, 999)
    expect(await settler().reconcile()).toEqual([])
    channel = { ...channel, lastSeq: 5n }
    expect(await settler().reconcile()).toEqual([channelId])
  })
})
