import fc from 'fast-check'
import { hashStruct, hashTypedData, toHex } from 'viem'
import { expect, test } from 'vitest'
import { fromBase64Url, toBase64Url } from './bytes.ts'
import { cooperativeCloseDigest, receiptDigest, receiptHash, voucherDigest } from './channel.ts'
import {
  CHANNEL_DOMAIN_NAME,
  COOPERATIVE_CLOSE_TYPES,
  eip712Domain,
  RECEIPT_TYPES,
  type Receipt,
  VOUCHER_TYPES,
  type Voucher,
} from './typedData.ts'

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes))
const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n })
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => toHex(bytes))

/** One arbitrary per field, by its Solidity type. */
function message<T>(fields: readonly { name: string; type: string }[]): fc.Arbitrary<T> {
  const arbitraries = fields.map(({ name, type }): [string, fc.Arbitrary<unknown>] => {
    const bits = Number(type.slice(4))
    if (type === 'bytes32') return [name, bytes32]
    return [name, bits <= 32 ? uint(bits).map(Number) : uint(bits)]
  })
  return fc.record(Object.fromEntries(arbitraries)) as unknown as fc.Arbitrary<T>
}

test('hashes and digests equal the generic implementation', () => {
  const receipts = message<Receipt>(RECEIPT_TYPES.Receipt)
  const vouchers = message<Voucher>(VOUCHER_TYPES.Voucher)
  fc.assert(
    fc.property(receipts, vouchers, address, uint(53), (receipt, voucher, verifyingContract, chainId) => {
      const escrow = { chainId, address: verifyingContract }
      const domain = eip712Domain(CHANNEL_DOMAIN_NAME, chainId, verifyingContract)
      expect(receiptHash(receipt)).toBe(hashStruct({ types: RECEIPT_TYPES, primaryType: 'Receipt', data: receipt }))
      expect(receiptDigest(escrow, receipt)).toBe(
        hashTypedData({ domain, types: RECEIPT_TYPES, primaryType: 'Receipt', message: receipt }),
      )
      expect(voucherDigest(escrow, voucher)).toBe(
        hashTypedData({ domain, types: VOUCHER_TYPES, primaryType: 'Voucher', message: voucher }),
      )
      const close = { channelId: voucher.channelId, finalCumulative: voucher.cumulativeMax }
      expect(cooperativeCloseDigest(escrow, close.channelId, close.finalCumulative)).toBe(
        hashTypedData({ domain, types: COOPERATIVE_CLOSE_TYPES, primaryType: 'CooperativeClose', message: close }),
      )
    }),
  )
})

test('error: a value that does not fit its field is refused', () => {
  const voucher = { channelId: `0x${'00'.repeat(32)}`, cumulativeMax: 1n << 128n, seq: 1n, notAfter: 1n } as const
  const escrow = { chainId: 1n, address: `0x${'00'.repeat(20)}` } as const
  expect(() => voucherDigest(escrow, voucher)).toThrow(RangeError)
  expect(() => voucherDigest(escrow, { ...voucher, cumulativeMax: -1n })).toThrow(RangeError)
  expect(() => voucherDigest(escrow, { ...voucher, cumulativeMax: 0n, channelId: '0x12' })).toThrow(RangeError)
})

test('base64url: equal to the platform, and one spelling only', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = toBase64Url(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64url'))
      expect(fromBase64Url(text)).toEqual(new Uint8Array(bytes))
    }),
  )
  for (const text of ['A', 'AB', 'AAB', 'AA==', 'A+AA', 'A/AA', 'AA A', 'ÄAAA'])
    expect(() => fromBase64Url(text), text).toThrow()
})
