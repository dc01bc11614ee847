import { bytesToHex } from 'viem'

/** Content of a DER element: [start, stop). */
export interface DerPlace {
  readonly tag: number
  readonly start: number
  readonly stop: number
}

/** The element at `at`; undefined where none fits. Read no further than hints need: the contracts parse properly. */
export function derAt(der: Uint8Array, at: number): DerPlace | undefined {
  const [tag, first] = [der[at], der[at + 1]]
  if (tag === undefined || first === undefined) return undefined
  const size = first > 0x7f ? first & 0x7f : 0
  if (size > 3) return undefined
  const start = at + 2 + size
  const length = size === 0 ? first : der.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0)
  return start + length > der.length ? undefined : { tag, start, stop: start + length }
}

/**
 * Where the first occurrence of some bytes ends; undefined where there is none.
 *
 * @param wanted - Hexadecimal digits.
 */
export function placeBehind(der: Uint8Array, wanted: string): number | undefined {
  const hex = bytesToHex(der).slice(2)
  let at = hex.indexOf(wanted)
  while (at % 2 === 1) at = hex.indexOf(wanted, at + 1)
  return at < 0 ? undefined : (at + wanted.length) / 2
}
