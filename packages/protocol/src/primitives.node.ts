import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import * as secp256k1 from 'tiny-secp256k1'
import { type Address, bytesToHex, concatHex, type Hex, hexToBytes, numberToHex } from 'viem'
import { publicKeyToAddress } from 'viem/accounts'
import type { Bytes } from './bytes.ts'
import { concatBytes, copyBytes } from './bytes.ts'

/**
 * The primitives of primitives.ts for Node: OpenSSL, which answers at once where WebCrypto goes through a thread, and
 * Bitcoin's libsecp256k1 as WebAssembly, for OpenSSL signs no keccak256 digest and recovers no key.
 */

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

/** secp256k1 signature of a digest, deterministic (RFC 6979): r ‖ s ‖ v with low s and v of 27 or 28. */
export async function signRecoverable(digest: Hex, privateKey: Hex): Promise<Hex> {
  const key = hexToBytes(privateKey)
  const { signature, recoveryId } = secp256k1.signRecoverable(hexToBytes(digest), key)
  key.fill(0)
  // Two in 2^128 signatures have r above the field's order, and v cannot say so.
  if (recoveryId > 1) throw new RangeError('signature without a v')
  return concatHex([bytesToHex(signature), numberToHex(27 + recoveryId, { size: 1 })])
}

/** Address whose key signed a digest. Rejects, with no type of ours, when the signature is no point of the curve. */
export async function recoverSigner(digest: Hex, signature: Hex, _expected: Address): Promise<Address> {
  const bytes = hexToBytes(signature)
  const publicKey = secp256k1.recover(hexToBytes(digest), bytes.subarray(0, 64), bytes[64] === 28 ? 1 : 0, false)
  if (publicKey === null) throw new RangeError('no point of the curve')
  return publicKeyToAddress(bytesToHex(publicKey))
}
