import { type Address, type Hex, hexToBytes, isHex, size } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { recoverSigner, signRecoverable } from '#primitives'
import { ProtocolError } from './errors.ts'

/** A secp256k1 key that signs digests. `signer` is its ERC-7913 form: the 20-byte address. */
export interface DigestSigner {
  readonly signer: Address
  /** 65 bytes r ‖ s ‖ v with low s and v of 27 or 28. */
  signDigest(digest: Hex): Promise<Hex>
}

/** Signs receipts. Made in the TEE at start; there is no way to read the private key back. */
export type ReceiptKey = DigestSigner

/** Signs vouchers for one channel. Kept by the client next to the channel's state. */
export interface SessionKey extends DigestSigner {
  readonly privateKey: Hex
}

/** Makes a fresh receipt key. */
export function createReceiptKey(): ReceiptKey {
  return digestSigner(generatePrivateKey())
}

/** Makes a fresh session key, or takes up a stored one. */
export function createSessionKey(privateKey: Hex = generatePrivateKey()): SessionKey {
  return Object.assign(digestSigner(privateKey), { privateKey })
}

function digestSigner(privateKey: Hex): DigestSigner {
  let signer: Address | undefined
  return {
    // Costs as much as a signature, and most callers only sign.
    get signer() {
      signer ??= privateKeyToAddress(privateKey)
      return signer
    },
    signDigest: (digest) => signRecoverable(digest, privateKey),
  }
}

/** Half the order of secp256k1. OpenZeppelin's ECDSA refuses s above it, so does this. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/**
 * Checks a signature over a digest against an ERC-7913 signer. Returns only when it is good.
 *
 * Proves: the key of the 20-byte address signed exactly this digest.
 * Does not prove: that the address is the one you should expect. Signers `verifier ‖ key` need a chain call and are refused.
 *
 * @throws {ProtocolError} `SIGNER_UNSUPPORTED`, `SIGNATURE_MALFORMED`, `SIGNATURE_MISMATCH`.
 */
export async function verifyDigest(signer: Hex, digest: Hex, signature: Hex): Promise<void> {
  if (!isHex(signer, { strict: true }) || size(signer) !== 20) {
    throw new ProtocolError('SIGNER_UNSUPPORTED', { metaMessages: [`signer ${signer}`] })
  }
  assertSignatureForm(signature)
  const expected = signer.toLowerCase() as Address
  const recovered = await recoverSigner(digest, signature, expected).catch((cause) => {
    throw new ProtocolError('SIGNATURE_MISMATCH', { cause })
  })
  if (recovered.toLowerCase() !== expected) {
    throw new ProtocolError('SIGNATURE_MISMATCH', { metaMessages: [`expected ${signer}, recovered ${recovered}`] })
  }
}

function assertSignatureForm(signature: Hex): void {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) throw new ProtocolError('SIGNATURE_MALFORMED')
  const s = BigInt(`0x${signature.slice(66, 130)}`)
  const v = hexToBytes(signature)[64]
  if (s > HALF_ORDER || (v !== 27 && v !== 28)) throw new ProtocolError('SIGNATURE_MALFORMED')
}
