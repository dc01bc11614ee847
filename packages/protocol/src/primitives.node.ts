import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import type { Bytes } from './bytes.ts'
import { concatBytes, copyBytes } from './bytes.ts'

/** The primitives of primitives.ts on Node's OpenSSL, which answers at once: WebCrypto there goes through a thread. */

const TAG_BYTES = 16

/** HMAC-SHA256 of the parts, one after the other. Any length of key. */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Bytes {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return copyBytes(mac.digest())
}

/** AES-256-GCM with a tag of 16 bytes behind the ciphertext; see primitives.ts. */
export async function sealAes256Gcm(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
): Promise<Bytes> {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
  return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
}

/** Opens what {@link sealAes256Gcm} sealed. Rejects, with no type of ours, when anything was changed. */
export async function openAes256Gcm(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  aad: Uint8Array,
): Promise<Bytes> {
  if (ciphertext.length < TAG_BYTES) throw new RangeError('shorter than a tag')
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad)
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES))
  // Nothing of it is given out before the tag was checked.
  return concatBytes(decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final())
}
