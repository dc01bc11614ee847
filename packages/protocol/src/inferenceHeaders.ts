import { type Hex, sha256 } from 'viem'
import { z } from 'zod'
import { concatBytes, fromBase64Url, toBase64Url, utf8 } from './bytes.ts'
import { canonicalJson } from './canonical.ts'
import { ProtocolError } from './errors.ts'
import type { Receipt, Voucher } from './typedData.ts'

/** Headers inside an encapsulated request: channel id (hex), voucher; and inside its response: receipt. */
export const CHANNEL_HEADER = 'spartan-channel'
export const VOUCHER_HEADER = 'spartan-voucher'
export const RECEIPT_HEADER = 'spartan-receipt'

export interface SignedVoucher {
  readonly voucher: Voucher
  readonly signature: Hex
}

export interface SignedReceipt {
  readonly receipt: Receipt
  readonly signature: Hex
}

/** Characters; a receipt takes about 1.8 k. */
const MAX_HEADER_CHARACTERS = 4096

const bytes32 = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value))
const signatureBytes = z.custom<Hex>((value) => typeof value === 'string' && /^0x(?:[0-9a-f]{2}){1,1024}$/.test(value))

/** Unsigned integer of `bits`, as a decimal string without leading zeros. */
function decimal(bits: number) {
  return z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,77})$/)
    .transform(BigInt)
    .refine((value) => value >> BigInt(bits) === 0n)
}

const voucherSchema = z.strictObject({
  channelId: bytes32,
  cumulativeMax: decimal(128),
  seq: decimal(64),
  notAfter: decimal(64),
})

const receiptSchema = z.strictObject({
  providerId: bytes32,
  keysetEpoch: decimal(64),
  channelId: bytes32,
  seq: decimal(64),
  requestHash: bytes32,
  responseHash: bytes32,
  assetId: decimal(256),
  assetVersion: z.int().min(0).max(0xffffffff),
  modelRoot: bytes32,
  dataRoot: bytes32,
  status: z.int().min(0).max(2),
  unitsIn: decimal(64),
  unitsOut: decimal(64),
  fee: decimal(128),
  cumulativeFee: decimal(128),
  budgetCounter: decimal(64),
  startedAt: decimal(64),
  finishedAt: decimal(64),
  previousReceipt: bytes32,
})

const signedVoucherSchema = z.strictObject({ voucher: voucherSchema, signature: signatureBytes })
const signedReceiptSchema = z.strictObject({ receipt: receiptSchema, signature: signatureBytes })

/** base64url of canonical JSON `{ voucher, signature }`, bigints as decimal strings. */
export function encodeVoucherHeader(signed: SignedVoucher): string {
  return toBase64Url(utf8(canonicalJson(jsonOf({ voucher: signed.voucher, signature: signed.signature }))))
}

/** base64url of canonical JSON `{ receipt, signature }`, bigints as decimal strings. */
export function encodeReceiptHeader(signed: SignedReceipt): string {
  return toBase64Url(utf8(canonicalJson(jsonOf({ receipt: signed.receipt, signature: signed.signature }))))
}

/**
 * Reads a `spartan-voucher` header. Its signature is not checked here: see `voucherDigest` and `verifyDigest`.
 *
 * @throws {ProtocolError} `HEADER_MISSING`, `HEADER_MALFORMED`; anything but the one canonical spelling is malformed.
 */
export function parseVoucherHeader(header: string | undefined): SignedVoucher {
  return parseHeader(VOUCHER_HEADER, header, signedVoucherSchema, encodeVoucherHeader)
}

/** Reads a `spartan-receipt` header. Its signature is not checked here. Failures: `HEADER_MISSING`, `HEADER_MALFORMED`. */
export function parseReceiptHeader(header: string | undefined): SignedReceipt {
  return parseHeader(RECEIPT_HEADER, header, signedReceiptSchema, encodeReceiptHeader)
}

/** Reads a `spartan-channel` header: 32 bytes of lower-case hex. Failures: `HEADER_MISSING`, `HEADER_MALFORMED`. */
export function parseChannelHeader(header: string | undefined): Hex {
  if (header === undefined) throw new ProtocolError('HEADER_MISSING', { metaMessages: [CHANNEL_HEADER] })
  const parsed = bytes32.safeParse(header)
  if (!parsed.success) throw new ProtocolError('HEADER_MALFORMED', { metaMessages: [CHANNEL_HEADER] })
  return parsed.data
}

/** sha256(method ‖ 0x0a ‖ path ‖ 0x0a ‖ body): what a receipt calls its request. */
export function requestHash(request: {
  readonly method: string
  readonly path: string
  readonly body: Uint8Array
}): Hex {
  return sha256(concatBytes(utf8(`${request.method}\n${request.path}\n`), request.body))
}

/** sha256(body): what a receipt calls its response. */
export function responseHash(body: Uint8Array): Hex {
  return sha256(body)
}

/** Prices of a channel, token base units per unit, pinned on-chain at opening. */
export interface Prices {
  readonly pricePerUnitIn: bigint
  readonly pricePerUnitOut: bigint
}

/**
 * Fee of `unitsIn` and `unitsOut`, token base units; exact, no rounding.
 *
 * @throws {ProtocolError} `FEE_OVERFLOW` when it does not fit into uint128, as the contract's arithmetic would.
 */
export function feeOf(prices: Prices, unitsIn: bigint, unitsOut: bigint): bigint {
  const fee = prices.pricePerUnitIn * unitsIn + prices.pricePerUnitOut * unitsOut
  if (fee < 0n || fee >> 128n !== 0n) throw new ProtocolError('FEE_OVERFLOW', { metaMessages: [`fee ${fee}`] })
  return fee
}

function parseHeader<T>(
  name: string,
  header: string | undefined,
  schema: z.ZodType<T>,
  encode: (value: T) => string,
): T {
  if (header === undefined) throw new ProtocolError('HEADER_MISSING', { metaMessages: [name] })
  if (header.length > MAX_HEADER_CHARACTERS) throw new ProtocolError('HEADER_MALFORMED', { metaMessages: [name] })
  const parsed = schema.safeParse(jsonFrom(header, name))
  // One spelling only: what is stored, hashed or compared as text must not have a second form.
  if (!parsed.success || encode(parsed.data) !== header) {
    throw new ProtocolError('HEADER_MALFORMED', { metaMessages: [name] })
  }
  return parsed.data
}

function jsonFrom(header: string, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64Url(header)))
  } catch (cause) {
    throw new ProtocolError('HEADER_MALFORMED', { metaMessages: [name], cause })
  }
}

/** Bigints become decimal strings, hex becomes lower case, the rest stays. */
function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'string') return value.toLowerCase()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item)]))
}
