import fc from 'fast-check'
import { sha256, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { fromBase64Url, toBase64Url, utf8 } from './bytes.ts'
import { ProtocolError } from './errors.ts'
import {
  encodeReceiptHeader,
  encodeVoucherHeader,
  feeOf,
  parseChannelHeader,
  parseReceiptHeader,
  parseVoucherHeader,
  requestHash,
  responseHash,
} from './inferenceHeaders.ts'
import type { Receipt, Voucher } from './typedData.ts'

const word = (byte: string) => `0x${byte.repeat(32)}` as const
const voucher: Voucher = { channelId: word('ab'), cumulativeMax: 2n ** 128n - 1n, seq: 5n, notAfter: 1_900_000_000n }
const receipt: Receipt = {
  providerId: word('01'),
  keysetEpoch: 1n,
  channelId: word('ab'),
  seq: 5n,
  requestHash: word('02'),
  responseHash: word('03'),
  assetId: 2n ** 256n - 1n,
  assetVersion: 1,
  modelRoot: word('04'),
  dataRoot: word('00'),
  status: 0,
  unitsIn: 257n,
  unitsOut: 4n,
  fee: 1000n,
  cumulativeFee: 5000n,
  budgetCounter: 5n,
  startedAt: 1_800_000_000n,
  finishedAt: 1_800_000_001n,
  previousReceipt: word('05'),
}
const signature = `0x${'cd'.repeat(65)}` as const

/** A header with one value of its JSON replaced. */
function withValue(header: string, group: string, key: string, value: unknown): string {
  const json = JSON.parse(Buffer.from(fromBase64Url(header)).toString())
  json[group][key] = value
  return toBase64Url(utf8(JSON.stringify(json)))
}

describe('voucher and receipt headers', () => {
  test('default: round trip', () => {
    expect(parseVoucherHeader(encodeVoucherHeader({ voucher, signature }))).toEqual({ voucher, signature })
    expect(parseReceiptHeader(encodeReceiptHeader({ receipt, signature }))).toEqual({ receipt, signature })
    expect(encodeReceiptHeader({ receipt, signature }).length).toBeLessThan(4096)
  })

  test('golden: the bytes of a voucher header', () => {
    expect(Buffer.from(fromBase64Url(encodeVoucherHeader({ voucher, signature }))).toString()).toBe(
      `{"signature":"${signature}","voucher":{"channelId":"${voucher.channelId}","cumulativeMax":"340282366920938463463374607431768211455","notAfter":"1900000000","seq":"5"}}`,
    )
  })

  test('error: HEADER_MISSING', () => {
    for (const parse of [parseVoucherHeader, parseReceiptHeader, parseChannelHeader]) {
      expect(() => parse(undefined)).toThrow(expect.objectContaining({ code: 'HEADER_MISSING' }))
    }
  })

  test('error: HEADER_MALFORMED for values out of range, extra or missing keys, second spellings', () => {
    const header = encodeVoucherHeader({ voucher, signature })
    const malformed = [
      '',
      '=',
      `${header}A`,
      `${header}==`,
      'a'.repeat(5000),
      withValue(header, 'voucher', 'cumulativeMax', (2n ** 128n).toString()),
      withValue(header, 'voucher', 'seq', '-1'),
      withValue(header, 'voucher', 'seq', '05'),
      withValue(header, 'voucher', 'seq', 5),
      withValue(header, 'voucher', 'seq', undefined),
      withValue(header, 'voucher', 'channelId', '0xab'),
      withValue(header, 'voucher', 'channelId', word('AB')),
      withValue(header, 'voucher', 'extra', '1'),
      toBase64Url(utf8(`${Buffer.from(fromBase64Url(header)).toString()} `)),
      toBase64Url(Uint8Array.of(0xff, 0xfe)),
    ]
    for (const bad of malformed) {
      expect(() => parseVoucherHeader(bad), bad.slice(0, 80)).toThrow(
        expect.objectContaining({ code: 'HEADER_MALFORMED' }),
      )
    }
    const receiptHeader = encodeReceiptHeader({ receipt, signature })
    for (const [key, value] of [
      ['status', 3],
      ['assetVersion', 2 ** 32],
      ['fee', '1e3'],
      ['assetVersion', 1.5],
    ] as const) {
      expect(() => parseReceiptHeader(withValue(receiptHeader, 'receipt', key, value))).toThrow(ProtocolError)
    }
    expect(() => parseReceiptHeader(header)).toThrow(ProtocolError)
  })

  test('property: any text is refused with a typed error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(() => parseVoucherHeader(text)).toThrow(ProtocolError)
      }),
    )
  })
})

describe('hashes', () => {
  test('golden: request and response', () => {
    const body = utf8('{}')
    expect(requestHash({ method: 'POST', path: '/v2/models/trend/infer', body })).toBe(
      sha256(toHex('POST\n/v2/models/trend/infer\n{}')),
    )
    expect(requestHash({ method: 'POST', path: '/v2/models/trend/infer', body })).toMatchInlineSnapshot(
      `"0x8c155f8294fecc6faa71d4660792bb0fe41cb720ef8cf6ffc72c1b2cd85d3dae"`,
    )
    expect(responseHash(body)).toBe('0x44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
  })
})

describe('feeOf', () => {
  const prices = { pricePerUnitIn: 3n, pricePerUnitOut: 7n }

  test('default: price × units, exact', () => {
    expect(feeOf(prices, 257n, 4n)).toBe(799n)
    expect(feeOf({ pricePerUnitIn: 0n, pricePerUnitOut: 0n }, 257n, 4n)).toBe(0n)
  })

  test('property: additive over requests, so cumulative units give the cumulative fee', () => {
    const units = fc.bigInt({ min: 0n, max: 2n ** 40n })
    fc.assert(
      fc.property(units, units, units, units, (a, b, c, d) => {
        expect(feeOf(prices, a, b) + feeOf(prices, c, d)).toBe(feeOf(prices, a + c, b + d))
      }),
    )
  })

  test('error: FEE_OVERFLOW above 128 bits', () => {
    expect(feeOf({ pricePerUnitIn: 2n ** 127n, pricePerUnitOut: 2n ** 127n - 1n }, 1n, 1n)).toBe(2n ** 128n - 1n)
    expect(() => feeOf({ pricePerUnitIn: 2n ** 127n, pricePerUnitOut: 0n }, 2n, 0n)).toThrow(
      expect.objectContaining({ code: 'FEE_OVERFLOW' }),
    )
  })
})
