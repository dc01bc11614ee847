import { createPublicKey } from 'node:crypto'
import { MalformedEvidenceError } from '@spartan/attestation'
// The signature entry points that evidence uses, and no others: that is what is put to the test.
import {
  ecdsaSignatureBytes,
  readEcdsaSignature,
  verifyEcdsa,
  verifyRsaPss,
} from '../../packages/attestation/src/internal/signatures.ts'
import type { JudgedCase } from './judge.ts'

/** Judges a case by the verifier of `@spartan/attestation`. */
export async function verifyOffchain({ scheme, spki, point, message, signature }: JudgedCase): Promise<boolean> {
  if (scheme.kind === 'rsa-pss') {
    const { modulusLength = 0 } =
      createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).asymmetricKeyDetails ?? {}
    const key = { type: 'rsa', modulusBits: modulusLength, spki } as const
    return verifyRsaPss(key, scheme.hash, scheme.saltLength, message, signature)
  }
  const raw = scheme.encoding === 'p1363' ? signature : rawOf(signature, scheme.curve)
  const key = { type: 'ec', curve: scheme.curve, point: point?.subarray(1) ?? new Uint8Array() } as const
  return raw !== undefined && verifyEcdsa(key, scheme.hash, message, raw)
}

/** r‖s of a signature in DER, read as in certificates; undefined where it is not canonical DER. */
function rawOf(signature: Uint8Array, curve: 'P-256' | 'P-384'): Uint8Array | undefined {
  try {
    const document = { bytes: signature, code: 'DCAP_PCK_MALFORMED' } as const
    return ecdsaSignatureBytes(readEcdsaSignature(document, 0, signature.length), curve)
  } catch (error) {
    if (error instanceof MalformedEvidenceError) return undefined
    throw error
  }
}
