import { HkdfSha256 } from '@hpke/core'
import { hmacSha256 } from '#primitives'
import type { Bytes } from './bytes.ts'

const HASH_BYTES = 32
/** Bytes as `@hpke/core` hands them over. */
export type Input = ArrayBufferLike | ArrayBufferView

/** HKDF-Extract with SHA-256 (RFC 5869, section 2.2). */
export function hkdfExtract(salt: Uint8Array, ikm: Uint8Array): Bytes {
  return hmacSha256(salt.length === 0 ? new Uint8Array(HASH_BYTES) : salt, ikm)
}

/** HKDF-Expand with SHA-256 (RFC 5869, section 2.3), up to 255 × 32 bytes. */
export function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Bytes {
  if (length > 255 * HASH_BYTES) throw new RangeError(`HKDF gives at most ${255 * HASH_BYTES} bytes`)
  const out = new Uint8Array(length)
  let block: Uint8Array = new Uint8Array(0)
  for (let offset = 0, counter = 1; offset < length; offset += HASH_BYTES, counter += 1) {
    block = hmacSha256(prk, block, info, Uint8Array.of(counter))
    out.set(block.subarray(0, length - offset), offset)
  }
  return out
}

/** HKDF-SHA256 for `@hpke/core` without WebCrypto: one HPKE context takes some 15 hashes, each a thread away there. */
export class DirectHkdfSha256 extends HkdfSha256 {
  override async extract(salt: Input, ikm: Input): Promise<ArrayBuffer> {
    return hkdfExtract(viewOf(salt), viewOf(ikm)).buffer
  }

  override async expand(prk: Input, info: Input, length: number): Promise<ArrayBuffer> {
    return hkdfExpand(viewOf(prk), viewOf(info), length).buffer
  }

  override async extractAndExpand(salt: Input, ikm: Input, info: Input, length: number): Promise<ArrayBuffer> {
    return hkdfExpand(hkdfExtract(viewOf(salt), viewOf(ikm)), viewOf(info), length).buffer
  }
}

/** The same memory as bytes. */
export function viewOf(input: Input): Uint8Array {
  return ArrayBuffer.isView(input)
    ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
    : new Uint8Array(input)
}
