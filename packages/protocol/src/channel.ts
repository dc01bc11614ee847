import { type Address, type Hex, hashStruct, hashTypedData } from 'viem'
import {
  CHANNEL_DOMAIN_NAME,
  COOPERATIVE_CLOSE_TYPES,
  eip712Domain,
  RECEIPT_TYPES,
  type Receipt,
  VOUCHER_TYPES,
  type Voucher,
} from './typedData.ts'

/** The escrow whose EIP-712 domain separates receipts and vouchers. */
export interface EscrowRef {
  readonly chainId: bigint
  readonly address: Address
}

function domain(escrow: EscrowRef) {
  return eip712Domain(CHANNEL_DOMAIN_NAME, escrow.chainId, escrow.address)
}

/** Struct hash: what the next receipt's `previousReceipt` carries. */
export function receiptHash(receipt: Receipt): Hex {
  return hashStruct({ types: RECEIPT_TYPES, primaryType: 'Receipt', data: receipt })
}

/** Digest that the receipt signer signs. */
export function receiptDigest(escrow: EscrowRef, receipt: Receipt): Hex {
  return hashTypedData({ domain: domain(escrow), types: RECEIPT_TYPES, primaryType: 'Receipt', message: receipt })
}

/** Digest that the voucher signer signs. */
export function voucherDigest(escrow: EscrowRef, voucher: Voucher): Hex {
  return hashTypedData({ domain: domain(escrow), types: VOUCHER_TYPES, primaryType: 'Voucher', message: voucher })
}

/** Digest that both sides sign to close at once. */
export function cooperativeCloseDigest(escrow: EscrowRef, channelId: Hex, finalCumulative: bigint): Hex {
  return hashTypedData({
    domain: domain(escrow),
    types: COOPERATIVE_CLOSE_TYPES,
    primaryType: 'CooperativeClose',
    message: { channelId, finalCumulative },
  })
}
