import { bytesToHex, concatHex, type Hex } from 'viem'
import { p384Hints, p384HintsForTable } from './p384/hints.ts'

/** How a signature is proven: for any key, or with the comb table that somebody has made for this one (`P384Tables`). */
export type P384Path = 'key' | 'table'

/** Choice of the back-end. */
export interface P384Density {
  /** Instructions or columns without slopes, where the verifier's back-end is `P384Sparse`: see `p384Hints`. Default 0. */
  readonly unhinted?: number | undefined
}

/** Choice of path and back-end. */
export interface P384ProofOptions extends P384Density {
  /** Default `key`. */
  readonly path?: P384Path | undefined
}

/** First byte of a proof: `ANY_KEY` and `TABLE` of the library P384Signature. */
const PATHS = { key: '0x00', table: '0x01' } as const satisfies Record<P384Path, Hex>

/**
 * Proof of an ECDSA signature over P-384 with SHA-384 for the library P384Signature: one byte for the path, then its hints.
 *
 * @param signature - r ‖ s, 96 bytes.
 * @param publicKey - x ‖ y, 96 bytes.
 * @returns Empty, which proves nothing, where there is no valid signature: the contract is to say what is wrong.
 */
export async function p384ProofOf(
  message: Uint8Array,
  signature: Uint8Array | undefined,
  publicKey: Uint8Array | undefined,
  { path = 'key', unhinted = 0 }: P384ProofOptions = {},
): Promise<Hex> {
  if (!signature || !publicKey) return '0x'
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-384', Uint8Array.from(message)))
  const input = { publicKey, signature, digest }
  const hints = path === 'table' ? p384HintsForTable(input, undefined, unhinted) : p384Hints(input, unhinted)
  return hints ? concatHex([PATHS[path], bytesToHex(hints)]) : '0x'
}
