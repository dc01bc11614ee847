import { createReceiptKey, type Receipt, receiptDigest, receiptHash } from '@spartan/protocol'
import { zeroHash } from 'viem'
import { describe, expect, test } from 'vitest'
import { RECEIPT_CHECKS, type ReceiptExpectation, verifyReceipt } from './verifyReceipt.ts'

const word = (byte: string) => `0x${byte.repeat(32)}` as const
const key = createReceiptKey()
const escrow = { chainId: 31337n, address: '0x00000000000000000000000000000000000000ee' } as const
const previous: Receipt = {
  providerId: word('01'),
  keysetEpoch: 2n,
  channelId: word('ab'),
  seq: 1n,
  requestHash: word('02'),
  responseHash: word('03'),
  assetId: 9n,
  assetVersion: 1,
  modelRoot: word('04'),
  dataRoot: zeroHash,
  status: 0,
  unitsIn: 257n,
  unitsOut: 4n,
  fee: 971n,
  cumulativeFee: 971n,
  budgetCounter: 1n,
  startedAt: 1000n,
  finishedAt: 1001n,
  previousReceipt: zeroHash,
}
const receipt: Receipt = {
  ...previous,
  seq: 2n,
  unitsIn: 357n,
  unitsOut: 6n,
  fee: 400n,
  cumulativeFee: 1371n,
  startedAt: 1002n,
  finishedAt: 1003n,
  previousReceipt: receiptHash(previous),
}
const expected: ReceiptExpectation = {
  escrow,
  receiptSigner: key.signer,
  providerId: receipt.providerId,
  keysetEpoch: 2n,
  channelId: receipt.channelId,
  assetId: 9n,
  assetVersion: 1,
  modelRoot: receipt.modelRoot,
  prices: { pricePerUnitIn: 3n, pricePerUnitOut: 50n },
  requestHash: receipt.requestHash,
  responseHash: receipt.responseHash,
  unitsIn: 100n,
  unitsOut: 2n,
  previous,
  voucher: { cumulativeMax: 1371n, notAfter: 2000n },
  openedAt: 900n,
}

async function signed(change: Partial<Receipt> = {}) {
  const changed = { ...receipt, ...change }
  return { receipt: changed, signature: await key.signDigest(receiptDigest(escrow, changed)) }
}

describe('verifyReceipt', () => {
  test('default: every check is done', async () => {
    const verification = await verifyReceipt(await signed(), expected)
    expect(verification.verdict).toBe('accepted')
    expect(verification.checks.map(({ id, status }) => [id, status])).toEqual(
      Object.keys(RECEIPT_CHECKS).map((id) => [id, 'done']),
    )
  })

  test('error: a field changed after signing is SDK_RECEIPT_SIGNATURE_INVALID, and nothing behind it is checked', async () => {
    const good = await signed()
    const verification = await verifyReceipt({ ...good, receipt: { ...receipt, fee: 1n } }, expected)
    expect(verification).toMatchObject({ verdict: 'refused', reasonCode: 'SDK_RECEIPT_SIGNATURE_INVALID' })
    expect(verification.checks.slice(1).every(({ status }) => status === 'not-requested')).toBe(true)
  })

  const signedLies: readonly (readonly [string, Partial<Receipt>])[] = [
    ['SDK_RECEIPT_MISMATCH', { providerId: word('99') }],
    ['SDK_RECEIPT_MISMATCH', { keysetEpoch: 3n }],
    ['SDK_RECEIPT_MISMATCH', { channelId: word('99') }],
    ['SDK_RECEIPT_MISMATCH', { assetId: 8n }],
    ['SDK_RECEIPT_MISMATCH', { assetVersion: 2 }],
    ['SDK_RECEIPT_MISMATCH', { modelRoot: word('99') }],
    ['SDK_RECEIPT_HASH_MISMATCH', { requestHash: word('99') }],
    ['SDK_RECEIPT_HASH_MISMATCH', { responseHash: word('99') }],
    ['SDK_RECEIPT_OUT_OF_ORDER', { seq: 3n }],
    ['SDK_RECEIPT_OUT_OF_ORDER', { previousReceipt: zeroHash }],
    ['SDK_RECEIPT_UNITS_WRONG', { unitsIn: 358n }],
    ['SDK_RECEIPT_UNITS_WRONG', { unitsOut: 7n }],
    ['SDK_RECEIPT_FEE_WRONG', { fee: 401n }],
    ['SDK_RECEIPT_FEE_WRONG', { cumulativeFee: 1372n }],
    ['SDK_RECEIPT_TIME_WRONG', { startedAt: 1004n }],
    ['SDK_RECEIPT_TIME_WRONG', { startedAt: 900n, finishedAt: 1000n }],
    ['SDK_RECEIPT_TIME_WRONG', { finishedAt: 2001n }],
  ]
  for (const [code, lie] of signedLies) {
    test(`error: ${code} for a signed ${Object.keys(lie).join(', ')}`, async () => {
      expect(await verifyReceipt(await signed(lie), expected)).toMatchObject({ verdict: 'refused', reasonCode: code })
    })
  }

  test('error: a fee above the voucher', async () => {
    const small = { ...expected, voucher: { cumulativeMax: 1370n, notAfter: 2000n } }
    expect(await verifyReceipt(await signed(), small)).toMatchObject({ reasonCode: 'SDK_RECEIPT_FEE_WRONG' })
  })

  test('error: finished before the channel was opened', async () => {
    const late = { ...expected, openedAt: 1500n }
    expect(await verifyReceipt(await signed(), late)).toMatchObject({ reasonCode: 'SDK_RECEIPT_TIME_WRONG' })
  })
})
