import { type Hex, hexToBytes } from 'viem'
import type { TeeKind } from './enums.ts'

const FMSPC_DIGITS = 12

/**
 * `Claims.product` in words: Intel's FMSPC in hexadecimal digits, else the name that the vendor's certificates give (`Milan`, `GH100`).
 *
 * @param product - 32 bytes, left-aligned, as in the events of the registry.
 */
export function productName(kind: TeeKind, product: Hex): string {
  if (kind === 'Tdx' || kind === 'Sgx') return product.slice(2, 2 + FMSPC_DIGITS).toUpperCase()
  return new TextDecoder().decode(hexToBytes(product)).replace(/\0+$/, '')
}
