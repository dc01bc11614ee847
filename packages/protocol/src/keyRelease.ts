import { type Address, type Hex, hexToBytes, isAddress, isHex, size } from 'viem'
import { type Bytes, concatBytes, copyBytes, uintBytes, utf8 } from './bytes.ts'
import { ProtocolError } from './errors.ts'
import { createRecipient, createSender, HPKE_KEY_BYTES, type HpkeKeyPair } from './hpke.ts'

/** What a sealed content key is bound to; all of it enters HPKE's `info`. */
export interface KeyReleaseContext {
  readonly chainId: bigint
  /** Address of the KeyReleases contract. */
  readonly keyReleases: Address
  readonly assetId: bigint
  readonly keyEpoch: number
  readonly keysetDigest: Hex
}

const CONTENT_KEY_BYTES = 32
const SEALED_KEY_BYTES = HPKE_KEY_BYTES + CONTENT_KEY_BYTES + 16

/**
 * Seals a content key to a provider's keyset: encapsulated key (32) ‖ ciphertext (48).
 *
 * The caller must have verified the provider's evidence against the asset's policy, and that `publicKey` has the keyset's
 * `hpkeKeyDigest`; nothing here does.
 *
 * @throws {ProtocolError} `SEALED_KEY_MALFORMED`, `OHTTP_PUBLIC_KEY_INVALID`.
 */
export async function sealContentKey(options: {
  readonly contentKey: Uint8Array
  readonly publicKey: Uint8Array
  readonly context: KeyReleaseContext
}): Promise<Bytes> {
  if (options.contentKey.length !== CONTENT_KEY_BYTES) throw new ProtocolError('SEALED_KEY_MALFORMED')
  const sender = await createSender(options.publicKey, releaseInfo(options.context))
  const ciphertext = await sender.seal(copyBytes(options.contentKey))
  return concatBytes(new Uint8Array(sender.enc), new Uint8Array(ciphertext))
}

/**
 * Opens a sealed content key with the node's key.
 *
 * @throws {ProtocolError} `SEALED_KEY_MALFORMED`, `SEALED_KEY_OPEN_FAILED`.
 */
export async function openSealedContentKey(options: {
  readonly sealedKey: Uint8Array
  readonly keyPair: HpkeKeyPair
  readonly context: KeyReleaseContext
}): Promise<Bytes> {
  const { sealedKey, keyPair } = options
  if (sealedKey.length !== SEALED_KEY_BYTES) throw new ProtocolError('SEALED_KEY_MALFORMED')
  const info = releaseInfo(options.context)
  try {
    const recipient = await createRecipient(keyPair, sealedKey.subarray(0, HPKE_KEY_BYTES), info)
    return new Uint8Array(await recipient.open(copyBytes(sealedKey.subarray(HPKE_KEY_BYTES))))
  } catch (cause) {
    throw new ProtocolError('SEALED_KEY_OPEN_FAILED', { cause })
  }
}

/** "spartan/key-release/v1" ‖ u256 chainId ‖ address ‖ u256 assetId ‖ u32 keyEpoch ‖ keysetDigest; all fixed width. */
function releaseInfo(context: KeyReleaseContext): Bytes {
  const { chainId, keyReleases, assetId, keyEpoch, keysetDigest } = context
  if (!isAddress(keyReleases, { strict: false }) || !isHex(keysetDigest) || size(keysetDigest) !== 32) {
    throw new ProtocolError('SEALED_KEY_MALFORMED', { metaMessages: ['context is not an address and 32 bytes'] })
  }
  return concatBytes(
    utf8('spartan/key-release/v1'),
    uintBytes(chainId, 32),
    hexToBytes(keyReleases),
    uintBytes(assetId, 32),
    uintBytes(keyEpoch, 4),
    hexToBytes(keysetDigest),
  )
}
