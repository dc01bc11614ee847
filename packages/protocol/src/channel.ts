import type { Address, Hex } from 'viem'
import { structHasher, typedDigest } from './structHash.ts'
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

const hashReceipt = structHasher('Receipt', RECEIPT_TYPES.Receipt)
const hashVoucher = structHasher('Voucher', VOUCHER_TYPES.Voucher)
const hashCooperativeClose = structHasher('CooperativeClose', COOPERATIVE_CLOSE_TYPES.CooperativeClose)

/** Struct hash: what the next receipt's `previousReceipt` carries. */
export function receiptHash(receipt: Receipt): Hex {
  return hashReceipt(receipt)
}

/** Digest that the receipt signer signs. */
export function receiptDigest(escrow: EscrowRef, receipt: Receipt): Hex {
  return typedDigest(domain(escrow), hashReceipt(receipt))
}

/** Digest that the voucher signer signs. */
export function voucherDigest(escrow: EscrowRef, voucher: Voucher): Hex {
  return typedDigest(domain(escrow), hashVoucher(voucher))
}

/** Digest that both sides sign to close at once. */
export function cooperativeCloseDigest(escrow: EscrowRef, channelId: Hex, finalCumulative: bigint): Hex {
  return typedDigest(domain(escrow), hashCooperativeClose({ channelId, finalCumulative }))
}
