import { encodeReceiptHeader, type SignedReceipt } from '@spartan/protocol'
import { expect, test } from 'vitest'
import { parseReceiptText } from './receiptsVerify.ts'

const word = (digit: string) => `0x${digit.repeat(64)}` as const
const signed: SignedReceipt = {
  receipt: {
    providerId: word('1'),
    keysetEpoch: 2n,
    channelId: word('c'),
    seq: 3n,
    requestHash: word('2'),
    responseHash: word('3'),
    assetId: 2n ** 200n,
    assetVersion: 1,
    modelRoot: word('4'),
    dataRoot: word('0'),
    status: 0,
    unitsIn: 257n,
    unitsOut: 4n,
    fee: 2n ** 100n,
    cumulativeFee: 2n ** 101n,
    budgetCounter: 3n,
    startedAt: 1000n,
    finishedAt: 1001n,
    previousReceipt: word('5'),
  },
  signature: `0x${'ab'.repeat(65)}`,
}

/** As the dApp's export button writes it. */
function exported(change: object = {}): string {
  const document = { format: 'spartan-receipt/1', title: 'Trend of BTC', ...signed, ...change }
  return JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2)
}

test('reads the text of a header and the JSON file of the dApp alike', () => {
  expect(parseReceiptText(`${encodeReceiptHeader(signed)}\n`)).toEqual(signed)
  expect(parseReceiptText(exported())).toEqual(signed)
  expect(parseReceiptText(`\n ${exported()}`)).toEqual(signed)
})

test.each([
  ['another format', exported({ format: 'spartan-channel/1' })],
  ['no signature', exported({ signature: undefined })],
  ['a receipt without a field', exported({ receipt: { ...signed.receipt, fee: undefined } })],
  ['a field too many', exported({ receipt: { ...signed.receipt, extra: '1' } })],
  ['an amount that is no whole number', exported({ receipt: { ...signed.receipt, fee: '1.5' } })],
  ['cut JSON', exported().slice(0, -2)],
])('error: CLI_RECEIPT_INVALID for %s', (_, text) => {
  expect(() => parseReceiptText(text)).toThrow(expect.objectContaining({ code: 'CLI_RECEIPT_INVALID' }))
})
