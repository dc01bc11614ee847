import { type Hex, hexToBytes } from 'viem'
import type { TeeKind } from './enums.ts'

const FMSPC_DIGITS = 12
/** A name of printable ASCII, and zeros to the end. */
const NAME = /^([ -~]*)\0*$/

/**
 * `Claims.product` in words: Intel's FMSPC in hexadecimal digits, the name that the vendor's certificates give (`Milan`, `GH100`), else
 * the 32 bytes themselves: Arm's implementation ID, the hash of a VLEK's line and cloud provider.
 *
 * @param product - 32 bytes, left-aligned, as in the events of the registry.
 */
export function productName(kind: TeeKind, product: Hex): string {
  if (kind === 'Tdx' || kind === 'Sgx') return product.slice(2, 2 + FMSPC_DIGITS).toUpperCase()
  const text = String.fromCharCode(...hexToBytes(product))
  return NAME.exec(text)?.[1] ?? product
}
