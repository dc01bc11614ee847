import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Address, type Hex, recoverPublicKey } from 'viem'
import { publicKeyToAddress, sign } from 'viem/accounts'
import type { Bytes } from './bytes.ts'
import { concatBytes, copyBytes } from './bytes.ts'
import { createKnownSigners } from './knownSigners.ts'

/**
 * The primitives under HPKE, the OHTTP response and secp256k1 signatures, for browsers: HMAC without a round trip to WebCrypto, which costs far
 * more than the few blocks that HKDF hashes, and AES by WebCrypto, which is constant in time.
 *
 * Node takes primitives.node.ts instead (package.json, "imports"); both give the same bytes.
 */

/** HMAC-SHA256 of the parts, one after the other. Any length of key. */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Bytes {
  return copyBytes(hmac(sha256, key, concatBytes(...parts)))
}

/**
 * AES-256-GCM with a tag of 16 bytes behind the ciphertext.
 *
 * @param key - 32 bytes.
 * @param nonce - 12 bytes, never twice under one key.
 */
export async function sealAes256Gcm(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', copyBytes(key), 'AES-GCM', false, ['encrypt'])
  return new Uint8Array(await crypto.subtle.encrypt(algorithm(nonce, aad), imported, copyBytes(plaintext)))
}

/** Opens what {@link sealAes256Gcm} sealed. Rejects, with no type of ours, when anything was changed. */
export async function openAes256Gcm(
  key: Uint8Array,
  nonce: Uint8Array,
  ciphertext: Uint8Array,
  aad: Uint8Array,
): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', copyBytes(key), 'AES-GCM', false, ['decrypt'])
  return new Uint8Array(await crypto.subtle.decrypt(algorithm(nonce, aad), imported, copyBytes(ciphertext)))
}

function algorithm(nonce: Uint8Array, aad: Uint8Array) {
  return { name: 'AES-GCM', iv: copyBytes(nonce), additionalData: copyBytes(aad) }
}

/** secp256k1 signature of a digest, deterministic (RFC 6979): r ‖ s ‖ v with low s and v of 27 or 28. */
export function signRecoverable(digest: Hex, privateKey: Hex): Promise<Hex> {
  return sign({ hash: digest, privateKey, to: 'hex' })
}

/**
 * Address whose key signed a digest. Rejects, with no type of ours, when the signature is no point of the curve.
 *
 * @param expected - Lower-case address that is likely: only makes the answer faster.
 */
export async function recoverSigner(digest: Hex, signature: Hex, expected: Address): Promise<Address> {
  if (knownSigners.confirms(expected, digest, signature)) return expected
  const publicKey = await recoverPublicKey({ hash: digest, signature })
  const recovered = publicKeyToAddress(publicKey)
  if (recovered.toLowerCase() === expected) knownSigners.learn(expected, publicKey)
  return recovered
}

/** Receipts and vouchers come from the same few signers again and again. */
const knownSigners = createKnownSigners()
