import { mkdtempSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Receipt } from '@spartan/protocol'
import { zeroHash } from 'viem'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Journal, SettleItem } from '../../services/ports.ts'
import { openEmbeddedJournal, openPostgresJournal } from './open.ts'

// Every test here may start a database of its own, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const word = (digit: string) => `0x${digit.repeat(64)}` as const

function item(seq: bigint, previousReceipt: Receipt['previousReceipt'], channelId = word('c')): SettleItem {
  return {
    receipt: {
      providerId: word('1'),
      keysetEpoch: 1n,
      channelId,
      seq,
      requestHash: word('2'),
      responseHash: word('3'),
      assetId: 7n,
      assetVersion: 1,
      modelRoot: word('4'),
      dataRoot: zeroHash,
      status: 0,
      unitsIn: 10n * seq,
      unitsOut: seq,
      fee: 100n,
      cumulativeFee: 100n * seq,
      budgetCounter: seq,
      startedAt: 1000n,
      finishedAt: 1001n,
      previousReceipt,
    },
    receiptSignature: '0xaa',
    voucher: { channelId, cumulativeMax: 2n ** 127n, seq, notAfter: 5000n },
    voucherSignature: '0xbb',
  }
}

let keys = 0
/** A key never seen before, or the one named. */
const replay = (digit?: string, keyset = '5') => {
  keys += 1
  const encapsulatedKeyHash = digit === undefined ? (`0x${keys.toString(16).padStart(64, 'f')}` as const) : word(digit)
  return { keysetDigest: word(keyset), encapsulatedKeyHash, seenAt: 1 }
}

// A second, real PostgreSQL is used where one is named.
const POSTGRES_URL = process.env.TEST_POSTGRES_URL
const stores: [string, () => Promise<Journal>][] = [
  ['embedded', () => openEmbeddedJournal(mkdtempSync(join(tmpdir(), 'spartan-journal-')))],
]
if (POSTGRES_URL) stores.push(['postgres', () => openPostgresJournal(POSTGRES_URL)])

describe.each(stores)('journal (%s)', (_, open) => {
  let journal: Journal
  beforeAll(async () => {
    journal = await open()
  })
  afterAll(() => journal.close())

  test('behavior: entries continue one from the other, amounts keep 128 bits', async () => {
    await journal.append(item(1n, zeroHash), word('a'), 1001, replay())
    await journal.append(item(2n, word('a')), word('b'), 1002, replay())
    const entry = await journal.entry(word('c'), 2n)
    expect(entry?.receipt).toEqual(item(2n, word('a')).receipt)
    expect(entry?.voucher.cumulativeMax).toBe(2n ** 127n)
    expect(await journal.channelState(word('c'))).toMatchObject({ lastSeq: 2n, cumulativeFee: 200n })
  })

  test('error: NODE_JOURNAL_FAILED for a repeated, skipped or forked number, and nothing is written', async () => {
    const failed = expect.objectContaining({ code: 'NODE_JOURNAL_FAILED' })
    await expect(journal.append(item(2n, word('a')), word('f'), 1, replay())).rejects.toEqual(failed)
    await expect(journal.append(item(1n, zeroHash), word('f'), 1, replay())).rejects.toEqual(failed)
    await expect(journal.append(item(4n, word('b')), word('f'), 1, replay())).rejects.toEqual(failed)
    await expect(journal.append(item(3n, word('f')), word('f'), 1, replay())).rejects.toEqual(failed)
    expect(await journal.entry(word('c'), 3n)).toBeUndefined()
    expect((await journal.channelState(word('c')))?.lastReceiptHash).toBe(word('b'))
  })

  test('behavior: only the newest entry of a channel is to be settled, an older one after a final skip', async () => {
    const open = async () => (await journal.unsettledOf(word('c'), { limit: 9 })).map((entry) => entry.receipt.seq)
    expect(await open()).toEqual([2n, 1n])
    expect(await journal.unsettledOf(word('c'), { limit: 1, belowSeq: 2n })).toMatchObject([{ receipt: { seq: 1n } }])
    expect(await journal.unsettledSummary()).toEqual({ value: 200n, oldestAt: 1001 })
    await journal.markSkipped(word('c'), 2n, 'CHANNEL_VOUCHER_EXPIRED', false)
    expect(await open()).toEqual([2n, 1n])
    await journal.markSkipped(word('c'), 2n, 'CHANNEL_VOUCHER_EXPIRED', true)
    expect(await open()).toEqual([1n])
    expect(await journal.unsettledChannels()).toMatchObject([{ channelId: word('c'), settledFee: 0n }])
    await journal.markSettled(word('c'), 100n, word('e'))
    expect(await open()).toEqual([])
    expect(await journal.unsettledChannels()).toEqual([])
    expect(await journal.unsettledSummary()).toEqual({ value: 0n, oldestAt: undefined })
  })

  test('behavior: what is settled is judged by sums: a part payment leaves the entry open and counts', async () => {
    const channelId = word('d')
    await journal.append(item(1n, zeroHash, channelId), word('a'), 1001, replay())
    await journal.append(item(2n, word('a'), channelId), word('b'), 1002, replay())
    await journal.markSettled(channelId, 1n, undefined)
    expect(await journal.unsettledSummary()).toMatchObject({ value: 199n })
    await journal.markSettled(channelId, 150n, undefined)
    await journal.markSettled(channelId, 120n, undefined)
    expect(await journal.channelState(channelId)).toMatchObject({ settledFee: 150n })
    expect(await journal.unsettledOf(channelId, { limit: 9 })).toMatchObject([{ receipt: { seq: 2n } }])
    await journal.markLost(channelId, 'CHANNEL_RECEIPT_OUT_OF_TIME', 1001)
    expect(await journal.unsettledOf(channelId, { limit: 9 })).toHaveLength(1)
    await journal.markLost(channelId, 'CHANNEL_RECEIPT_OUT_OF_TIME', 1000)
    expect(await journal.unsettledSummary()).toEqual({ value: 0n, oldestAt: undefined })
  })

  test('behavior: an agreed close stands, takes no entry after it, and is never below what was served', async () => {
    const channelId = word('8')
    const failed = expect.objectContaining({ code: 'NODE_JOURNAL_FAILED' })
    await journal.append(item(1n, zeroHash, channelId), word('a'), 1001, replay())
    await expect(journal.agreeClose(channelId, 99n, 1002)).rejects.toEqual(failed)
    expect(await journal.agreeClose(channelId, 100n, 1002)).toBe(100n)
    expect(await journal.agreeClose(channelId, 120n, 1003)).toBe(100n)
    await expect(journal.append(item(2n, word('a'), channelId), word('b'), 1004, replay())).rejects.toEqual(failed)
    expect(await journal.channelState(channelId)).toMatchObject({ closeFinal: 100n, closeAgreedAt: 1002, lastSeq: 1n })
    // A channel never served: closed at zero, and its first request is refused too.
    expect(await journal.agreeClose(word('9'), 0n, 1005)).toBe(0n)
    await expect(journal.append(item(1n, zeroHash, word('9')), word('a'), 1006, replay())).rejects.toEqual(failed)
  })

  test('behavior: an encapsulated key is admitted once per keyset', async () => {
    expect(await journal.admit(replay('6', '5'))).toBe(true)
    expect(await journal.admit(replay('6', '5'))).toBe(false)
    await journal.forgetOtherKeysets(word('5'))
    expect(await journal.admit(replay('6', '5'))).toBe(false)
  })

  test('behavior: an entry and its encapsulated key are written together or not at all', async () => {
    const channelId = word('7')
    expect(await journal.append(item(1n, zeroHash, channelId), word('a'), 1, replay('7'))).toBe(true)
    expect(await journal.admit(replay('7'))).toBe(false)
    expect(await journal.append(item(2n, word('a'), channelId), word('b'), 2, replay('7'))).toBe(false)
    expect(await journal.channelState(channelId)).toMatchObject({ lastSeq: 1n, lastReceiptHash: word('a') })
    expect(await journal.entry(channelId, 2n)).toBeUndefined()
    // The key of a request that was refused for another reason is remembered all the same.
    await expect(journal.append(item(9n, word('a'), channelId), word('b'), 2, replay('9'))).rejects.toThrow()
    expect(await journal.admit(replay('9'))).toBe(false)
    expect(await journal.append(item(2n, word('a'), channelId), word('b'), 2, replay('8'))).toBe(true)
  })

  test('error: NODE_JOURNAL_FAILED when it belongs to another provider', async () => {
    const mine = { providerId: word('1'), escrow: '0x0000000000000000000000000000000000000001', chainId: 1n } as const
    await journal.bind(mine)
    await journal.bind(mine)
    await expect(journal.bind({ ...mine, providerId: word('9') })).rejects.toEqual(
      expect.objectContaining({ code: 'NODE_JOURNAL_FAILED' }),
    )
  })
})

describe('openEmbeddedJournal', () => {
  test('behavior: survives reopening, refuses a second process, keeps files private', async () => {
    const dataDir = join(mkdtempSync(join(tmpdir(), 'spartan-journal-')), 'data')
    const first = await openEmbeddedJournal(dataDir)
    await first.append(item(1n, zeroHash), word('a'), 1001, replay())
    await first.agreeClose(word('c'), 100n, 1002)
    await expect(openEmbeddedJournal(dataDir)).rejects.toEqual(
      expect.objectContaining({ code: 'NODE_DATA_DIR_IN_USE' }),
    )
    await first.close()
    const second = await openEmbeddedJournal(dataDir)
    expect((await second.entry(word('c'), 1n))?.receiptSignature).toBe('0xaa')
    expect(await second.channelState(word('c'))).toMatchObject({ closeFinal: 100n })
    await second.close()
    expect(statSync(dataDir).mode & 0o077).toBe(0)
    expect(readdirSync(dataDir)).toEqual(['journal'])
  })
})
