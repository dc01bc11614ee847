import { type Receipt, receiptDigest, receiptHash, type SignedReceipt } from '@spartan/sdk'
import { type Hex, zeroHash } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { checkReceipt, type ReceiptContext } from './receiptChecks.ts'

const ESCROW = { chainId: 31337n, address: `0x${'11'.repeat(20)}` } as const
const word = (byte: string): Hex => `0x${byte.repeat(32)}`
const KEY = privateKeyToAccount(generatePrivateKey())

const RECEIPT: Receipt = {
  providerId: word('01'),
  keysetEpoch: 1n,
  channelId: word('02'),
  seq: 1n,
  requestHash: word('03'),
  responseHash: word('04'),
  assetId: 1n,
  assetVersion: 1,
  modelRoot: word('05'),
  dataRoot: zeroHash,
  status: 0,
  unitsIn: 257n,
  unitsOut: 4n,
  fee: 2610n,
  cumulativeFee: 2610n,
  budgetCounter: 1n,
  startedAt: 100n,
  finishedAt: 101n,
  previousReceipt: zeroHash,
}

const CONTEXT: ReceiptContext = {
  escrow: ESCROW,
  signer: KEY.address,
  objection: undefined,
  channel: {
    status: 1,
    settled: 0n,
    providerId: RECEIPT.providerId,
    assetId: 1n,
    contentRoot: RECEIPT.modelRoot,
    pricePerUnitIn: 10n,
    pricePerUnitOut: 10n,
  },
  previous: undefined,
}

async function sign(over: Partial<Receipt> = {}): Promise<SignedReceipt> {
  const receipt = { ...RECEIPT, ...over }
  return { receipt, signature: await KEY.sign({ hash: receiptDigest(ESCROW, receipt) }) }
}

async function failedChecks(signed: SignedReceipt, over: Partial<ReceiptContext> = {}): Promise<string[]> {
  const verdict = await checkReceipt(signed, { ...CONTEXT, ...over })
  expect(verdict.verified).toBe(verdict.checks.every((check) => check.status !== 'failed'))
  return verdict.checks.filter((check) => check.status === 'failed').map((check) => check.id)
}

describe('checkReceipt', () => {
  test('default: a good receipt passes every check and waits for settlement', async () => {
    const verdict = await checkReceipt(await sign(), CONTEXT)
    expect(verdict).toMatchObject({ verified: true, settled: 'pending' })
  })

  test.each([
    [2609n, 'pending'],
    [2610n, 'settled'],
  ])('settled once the channel has paid its sum: %s is %s', async (paid, expected) => {
    const channel = { ...CONTEXT.channel, settled: paid } as NonNullable<ReceiptContext['channel']>
    expect((await checkReceipt(await sign(), { ...CONTEXT, channel })).settled).toBe(expected)
  })

  test('behavior: settled by a cooperative close, which leaves the newest number of the channel at zero', async () => {
    const closed = { ...CONTEXT.channel, status: 3, settled: 2610n, lastSeq: 0n }
    const verdict = await checkReceipt(await sign(), { ...CONTEXT, channel: closed as ReceiptContext['channel'] })
    expect(verdict).toMatchObject({ verified: true, settled: 'settled' })
  })

  test('error: any changed field breaks the signature', async () => {
    const signed = await sign()
    const tampered = { ...signed, receipt: { ...signed.receipt, responseHash: word('ff') } }
    expect(await failedChecks(tampered)).toEqual(['signature'])
  })

  test('error: another key', async () => {
    expect(await failedChecks(await sign(), { signer: privateKeyToAccount(generatePrivateKey()).address })).toEqual([
      'signature',
    ])
  })

  test('error: not attested at its time', async () => {
    expect(await failedChecks(await sign(), { objection: 'REGISTRY_PROVIDER_REVOKED' })).toEqual(['attested'])
  })

  test('error: more than price × units', async () => {
    expect(await failedChecks(await sign({ cumulativeFee: 2611n }))).toEqual(['fee'])
  })

  test('error: another model, or no channel at all', async () => {
    expect(await failedChecks(await sign({ modelRoot: word('06') }))).toEqual(['channel'])
    expect(await failedChecks(await sign(), { channel: undefined })).toEqual(['channel', 'fee'])
  })

  test('hash chain: follows the previous receipt; unknown without it', async () => {
    const first = await sign()
    const second = { seq: 2n, previousReceipt: receiptHash(first.receipt) }
    expect(await failedChecks(await sign(second), { previous: first })).toEqual([])
    expect(await failedChecks(await sign({ ...second, previousReceipt: word('09') }), { previous: first })).toEqual([
      'hash-chain',
    ])
    const { checks } = await checkReceipt(await sign(second), CONTEXT)
    expect(checks.find((check) => check.id === 'hash-chain')?.status).toBe('not-requested')
  })
})
