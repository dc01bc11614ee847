import { toHex } from './bytes.ts'
import {
  contentOf,
  type DerDocument,
  type DerElement,
  expectBytes,
  expectElement,
  expectLast,
  failAt,
  TAG,
} from './der.ts'
import type { HashName } from './hashes.ts'
import {
  ecdsaSignatureBytes,
  type PublicKey,
  readEcdsaSignature,
  verifyEcdsa,
  verifyRsaPkcs1,
  verifyRsaPss,
} from './signatures.ts'

/** A signature as certificates and CRLs carry it. */
export type SignatureValue =
  | { readonly scheme: 'ecdsa'; readonly hash: HashName; readonly r: Uint8Array; readonly s: Uint8Array }
  | { readonly scheme: 'rsa-pss'; readonly hash: HashName; readonly saltLength: number; readonly bytes: Uint8Array }
  | { readonly scheme: 'rsa-pkcs1'; readonly hash: HashName; readonly bytes: Uint8Array }

/** Something with a signature over its bytes. */
export interface SignedDer {
  readonly toBeSigned: Uint8Array
  readonly signature: SignatureValue
}

type Algorithm =
  | { readonly scheme: 'ecdsa'; readonly hash: HashName }
  | { readonly scheme: 'rsa-pkcs1'; readonly hash: HashName }
  | { readonly scheme: 'rsa-pss'; readonly hash: HashName; readonly saltLength: number }

const PSS_SHA384 =
  '06092a864886f70d01010a30%a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130'

/**
 * AlgorithmIdentifiers that occur, by their DER. RSASSA-PSS is SHA-384 with salt 48 only; AMD writes it with and without
 * the default trailer field.
 */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  '300a06082a8648ce3d040302': { scheme: 'ecdsa', hash: 'SHA-256' },
  '300a06082a8648ce3d040303': { scheme: 'ecdsa', hash: 'SHA-384' },
  '300a06082a8648ce3d040304': { scheme: 'ecdsa', hash: 'SHA-512' },
  '300d06092a864886f70d01010b0500': { scheme: 'rsa-pkcs1', hash: 'SHA-256' },
  '300d06092a864886f70d01010c0500': { scheme: 'rsa-pkcs1', hash: 'SHA-384' },
  [`3041${PSS_SHA384.replace('%', '34')}`]: { scheme: 'rsa-pss', hash: 'SHA-384', saltLength: 48 },
  [`3046${PSS_SHA384.replace('%', '39')}a303020101`]: { scheme: 'rsa-pss', hash: 'SHA-384', saltLength: 48 },
}

/** SEQUENCE { to be signed, AlgorithmIdentifier, BIT STRING } and nothing behind it. */
export function readSigned(document: DerDocument) {
  const outer = expectLast(document, 0, document.bytes.length, TAG.sequence)
  const tbs = expectElement(document, outer.start, outer.stop, TAG.sequence)
  return { tbs, ...readSignatureAfter(document, tbs, outer.stop) }
}

/** AlgorithmIdentifier and BIT STRING behind what they sign. `[0] certificates` of OCSP may follow: see `stop`. */
export function readSignatureAfter(document: DerDocument, tbs: DerElement, end: number, optionalTail = false) {
  const algorithm = expectElement(document, tbs.stop, end, TAG.sequence)
  const id = toHex(document.bytes.subarray(algorithm.at, algorithm.stop))
  const known = ALGORITHMS[id]
  if (!known) return failAt(document, algorithm.at, 'a known signature algorithm')
  const bits = (optionalTail ? expectElement : expectLast)(document, algorithm.stop, end, TAG.bitString)
  if (document.bytes[bits.start] !== 0 || bits.start === bits.stop) failAt(document, bits.start, 'no unused bits')
  const signature: SignatureValue =
    known.scheme === 'ecdsa'
      ? { ...known, ...readEcdsaSignature(document, bits.start + 1, bits.stop) }
      : { ...known, bytes: contentOf(document, bits).subarray(1) }
  return {
    toBeSigned: document.bytes.subarray(tbs.at, tbs.stop),
    signature,
    stop: bits.stop,
    /** RFC 5280 §4.1.1.2: the algorithm inside the signed part must be the same. */
    expectSameAlgorithm: (at: number) => expectBytes(document, at, tbs.stop, id, 'the algorithm of the signature'),
  }
}

/** What is known of signatures, by signed object and key object: either is what one document was parsed to. */
const verifiedSignatures = new WeakMap<SignedDer, WeakMap<PublicKey, Promise<boolean>>>()

/** Whether `signed` carries the signature of `key`. Another kind of key verifies nothing. Asked twice, it works once. */
export function verifySigned(signed: SignedDer, key: PublicKey): Promise<boolean> {
  const keys = verifiedSignatures.get(signed) ?? new WeakMap<PublicKey, Promise<boolean>>()
  verifiedSignatures.set(signed, keys)
  const found = keys.get(key) ?? verifySignature(signed, key)
  keys.set(key, found)
  return found
}

async function verifySignature({ toBeSigned, signature }: SignedDer, key: PublicKey): Promise<boolean> {
  if (signature.scheme === 'ecdsa') {
    if (key.type !== 'ec') return false
    const raw = ecdsaSignatureBytes(signature, key.curve)
    return raw !== undefined && verifyEcdsa(key, signature.hash, toBeSigned, raw)
  }
  if (key.type !== 'rsa') return false
  return signature.scheme === 'rsa-pss'
    ? verifyRsaPss(key, signature.hash, signature.saltLength, toBeSigned, signature.bytes)
    : verifyRsaPkcs1(key, signature.hash, toBeSigned, signature.bytes)
}
