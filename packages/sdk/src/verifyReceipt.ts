import { BaseError, type ReasonCode } from '@spartan/errors'
import {
  type EscrowRef,
  feeOf,
  type Prices,
  type Receipt,
  receiptDigest,
  receiptHash,
  type SignedReceipt,
  verifyDigest,
} from '@spartan/protocol'
import { type Hex, zeroHash } from 'viem'
import { type Check, createCheckList } from './checks.ts'
import { SdkError } from './errors.ts'

/** Every step of verifying a receipt, in order. */
export const RECEIPT_CHECKS = {
  signature: 'The receipt signer in the registry signed this receipt',
  subject: 'Provider, keyset epoch, channel, asset, version and model are the ones used',
  hashes: 'Request and response are the ones exchanged',
  order: 'The receipt follows the previous receipt of the channel',
  units: 'The units are those of the request and the response',
  fee: 'The fee is price × units, and the sum is within the voucher',
  times: 'The times are in order and within the voucher',
} as const
export type ReceiptCheckId = keyof typeof RECEIPT_CHECKS

/** What the caller knows by itself, so that nothing of the receipt is believed. */
export interface ReceiptExpectation {
  readonly escrow: EscrowRef
  /** ERC-7913 signer of the keyset epoch, from the registry. */
  readonly receiptSigner: Hex
  readonly providerId: Hex
  readonly keysetEpoch: bigint
  readonly channelId: Hex
  readonly assetId: bigint
  readonly assetVersion: number
  /** `contentRoot` pinned in the channel. */
  readonly modelRoot: Hex
  readonly prices: Prices
  readonly requestHash: Hex
  readonly responseHash: Hex
  /** Units of this request alone. */
  readonly unitsIn: bigint
  readonly unitsOut: bigint
  readonly previous: Receipt | undefined
  readonly voucher: { readonly cumulativeMax: bigint; readonly notAfter: bigint }
  /** Unix seconds at which the channel was opened. */
  readonly openedAt: bigint
}

export type ReceiptVerification =
  | { readonly verdict: 'accepted'; readonly checks: readonly Check<ReceiptCheckId>[] }
  | {
      readonly verdict: 'refused'
      readonly reasonCode: ReasonCode
      readonly error: BaseError
      readonly checks: readonly Check<ReceiptCheckId>[]
    }

/**
 * Verifies a receipt against what the caller knows.
 *
 * Proves: the attested provider signed that it gave this response to this request, for exactly this fee.
 * Does not prove: that the response is right; re-execute it where the engine is deterministic.
 */
export async function verifyReceipt(signed: SignedReceipt, expected: ReceiptExpectation): Promise<ReceiptVerification> {
  const list = createCheckList(RECEIPT_CHECKS)
  const { receipt } = signed
  try {
    await list.run('signature', () => assertSignature(signed, expected))
    await list.run('subject', () => assertSubject(receipt, expected))
    await list.run('hashes', () => assertHashes(receipt, expected))
    await list.run(
      'order',
      () => assertOrder(receipt, expected),
      () => ({ seq: `${receipt.seq}` }),
    )
    await list.run(
      'units',
      () => assertUnits(receipt, expected),
      () => unitsOf(expected),
    )
    await list.run(
      'fee',
      () => assertFee(receipt, expected),
      () => ({
        fee: `${receipt.fee}`,
        cumulativeFee: `${receipt.cumulativeFee}`,
      }),
    )
    await list.run('times', () => assertTimes(receipt, expected))
    return { verdict: 'accepted', checks: list.outcomes() }
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return { verdict: 'refused', reasonCode: error.code, error, checks: list.outcomes() }
  }
}

async function assertSignature({ receipt, signature }: SignedReceipt, expected: ReceiptExpectation): Promise<void> {
  await verifyDigest(expected.receiptSigner, receiptDigest(expected.escrow, receipt), signature).catch((cause) => {
    throw new SdkError('SDK_RECEIPT_SIGNATURE_INVALID', { cause })
  })
}

function assertSubject(receipt: Receipt, expected: ReceiptExpectation): void {
  demand('SDK_RECEIPT_MISMATCH', 'providerId', expected.providerId, receipt.providerId)
  demand('SDK_RECEIPT_MISMATCH', 'keysetEpoch', expected.keysetEpoch, receipt.keysetEpoch)
  demand('SDK_RECEIPT_MISMATCH', 'channelId', expected.channelId, receipt.channelId)
  demand('SDK_RECEIPT_MISMATCH', 'assetId', expected.assetId, receipt.assetId)
  demand('SDK_RECEIPT_MISMATCH', 'assetVersion', expected.assetVersion, receipt.assetVersion)
  demand('SDK_RECEIPT_MISMATCH', 'modelRoot', expected.modelRoot, receipt.modelRoot)
}

function assertHashes(receipt: Receipt, expected: ReceiptExpectation): void {
  demand('SDK_RECEIPT_HASH_MISMATCH', 'requestHash', expected.requestHash, receipt.requestHash)
  demand('SDK_RECEIPT_HASH_MISMATCH', 'responseHash', expected.responseHash, receipt.responseHash)
}

function assertOrder(receipt: Receipt, { previous }: ReceiptExpectation): void {
  demand('SDK_RECEIPT_OUT_OF_ORDER', 'seq', (previous?.seq ?? 0n) + 1n, receipt.seq)
  const expected = previous === undefined ? zeroHash : receiptHash(previous)
  demand('SDK_RECEIPT_OUT_OF_ORDER', 'previousReceipt', expected, receipt.previousReceipt)
}

/** Units are sums over the channel (docs/decisions/0001). */
function assertUnits(receipt: Receipt, { previous, unitsIn, unitsOut }: ReceiptExpectation): void {
  demand('SDK_RECEIPT_UNITS_WRONG', 'unitsIn', (previous?.unitsIn ?? 0n) + unitsIn, receipt.unitsIn)
  demand('SDK_RECEIPT_UNITS_WRONG', 'unitsOut', (previous?.unitsOut ?? 0n) + unitsOut, receipt.unitsOut)
}

function assertFee(receipt: Receipt, { previous, prices, unitsIn, unitsOut, voucher }: ReceiptExpectation): void {
  const fee = feeOf(prices, unitsIn, unitsOut)
  demand('SDK_RECEIPT_FEE_WRONG', 'fee', fee, receipt.fee)
  demand('SDK_RECEIPT_FEE_WRONG', 'cumulativeFee', (previous?.cumulativeFee ?? 0n) + fee, receipt.cumulativeFee)
  const bound = feeOf(prices, receipt.unitsIn, receipt.unitsOut)
  demand('SDK_RECEIPT_FEE_WRONG', 'price × units', bound, receipt.cumulativeFee)
  if (receipt.cumulativeFee > voucher.cumulativeMax) {
    throw new SdkError('SDK_RECEIPT_FEE_WRONG', {
      metaMessages: [`voucher ${voucher.cumulativeMax}, cumulative fee ${receipt.cumulativeFee}`],
    })
  }
}

function assertTimes(receipt: Receipt, { voucher, openedAt, previous }: ReceiptExpectation): void {
  const { startedAt, finishedAt } = receipt
  const ordered = startedAt <= finishedAt && finishedAt >= openedAt && finishedAt <= voucher.notAfter
  if (!ordered || finishedAt < (previous?.finishedAt ?? 0n)) {
    throw new SdkError('SDK_RECEIPT_TIME_WRONG', {
      metaMessages: [
        `opened ${openedAt}, started ${startedAt}, finished ${finishedAt}, voucher until ${voucher.notAfter}`,
      ],
    })
  }
}

function unitsOf({ unitsIn, unitsOut }: ReceiptExpectation): Record<string, string> {
  return { unitsIn: `${unitsIn}`, unitsOut: `${unitsOut}` }
}

function demand(
  code: ReasonCode,
  field: string,
  expected: string | bigint | number,
  got: string | bigint | number,
): void {
  if (`${expected}`.toLowerCase() !== `${got}`.toLowerCase()) {
    throw new SdkError(code, { metaMessages: [`${field}: expected ${expected}, got ${got}`] })
  }
}
