import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256 } from '@hpke/core'
import { openAes256Gcm, sealAes256Gcm } from '#primitives'
import type { Bytes } from './bytes.ts'
import { copyBytes } from './bytes.ts'
import { ProtocolError } from './errors.ts'
import { DirectHkdfSha256, type Input, viewOf } from './hkdf.ts'

/** The one HPKE suite (RFC 9180, section 7): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
export const KEM_ID = 0x0020
export const KDF_ID = 0x0001
export const AEAD_ID = 0x0002
/** Bytes of a public key and of an encapsulated key. */
export const HPKE_KEY_BYTES = 32

/** The library's KEM with the HKDF of this package. */
class DirectKem extends DhkemX25519HkdfSha256 {
  constructor() {
    super()
    const kdf = new DirectHkdfSha256()
    // "KEM" ‖ KEM id (RFC 9180, section 4.1).
    kdf.init(Uint8Array.of(0x4b, 0x45, 0x4d, KEM_ID >> 8, KEM_ID & 0xff))
    this._kdf = kdf
  }
}

/** AES-256-GCM of this package behind the library's interface. */
class DirectAes256Gcm extends Aes256Gcm {
  override createEncryptionContext(key: Input) {
    const raw = copyBytes(viewOf(key))
    return {
      seal: async (nonce: Input, data: Input, aad: Input) =>
        (await sealAes256Gcm(raw, viewOf(nonce), viewOf(data), viewOf(aad))).buffer,
      open: async (nonce: Input, data: Input, aad: Input) =>
        (await openAes256Gcm(raw, viewOf(nonce), viewOf(data), viewOf(aad))).buffer,
    }
  }
}

const suite = new CipherSuite({ kem: new DirectKem(), kdf: new DirectHkdfSha256(), aead: new DirectAes256Gcm() })

/** Key pair of a node. The private key cannot be exported: it never leaves the memory it was made in. */
export interface HpkeKeyPair {
  readonly publicKey: Bytes
  readonly keys: CryptoKeyPair
}

/** Makes a fresh X25519 key pair whose private half is not extractable. */
export async function createHpkeKeyPair(): Promise<HpkeKeyPair> {
  const keys = (await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits'])) as CryptoKeyPair
  return { publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey)), keys }
}

/**
 * Sets up encryption to a public key.
 *
 * @throws {ProtocolError} `OHTTP_PUBLIC_KEY_INVALID` for a wrong length or a key of low order.
 */
export async function createSender(publicKey: Uint8Array, info: Uint8Array) {
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(copyBytes(publicKey))
    return await suite.createSenderContext({ recipientPublicKey, info: copyBytes(info) })
  } catch (cause) {
    throw new ProtocolError('OHTTP_PUBLIC_KEY_INVALID', { cause })
  }
}

/** Sets up decryption of what was encrypted to `keyPair` with the same `info`. Rejects with the library's error. */
export function createRecipient(keyPair: HpkeKeyPair, encapsulatedKey: Uint8Array, info: Uint8Array) {
  return suite.createRecipientContext({
    recipientKey: keyPair.keys,
    enc: copyBytes(encapsulatedKey),
    info: copyBytes(info),
  })
}
