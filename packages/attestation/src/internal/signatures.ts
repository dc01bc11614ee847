import { type DerDocument, expectLast, failAt, readUnsigned, TAG } from './der.ts'
import { asBufferSource, type HashName } from './hashes.ts'

/** Curves of the evidence formats read here. */
export type EcCurve = 'P-256' | 'P-384' | 'P-521'

/** Bytes of one coordinate, and of r and s. */
export const EC_SIZE: Readonly<Record<EcCurve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }

/** An elliptic-curve key, not yet known to be on its curve: {@link verifyEcdsa} finds out. */
export interface EcPublicKey {
  readonly type: 'ec'
  readonly curve: EcCurve
  /** x‖y. */
  readonly point: Uint8Array
}

/** An RSA key. */
export interface RsaPublicKey {
  readonly type: 'rsa'
  readonly modulusBits: number
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
}

export type PublicKey = EcPublicKey | RsaPublicKey

/** Imported keys by key object: one import per key, however many signatures. `null`: not a key of its kind. */
const imported = new WeakMap<PublicKey, Map<string, Promise<CryptoKey | null>>>()

/**
 * Whether `signature` (raw r‖s, each as wide as the curve) over `message` is by `key`.
 *
 * A point that is not on the curve and r or s outside 1..n-1 verify nothing. High s is accepted: hardware makes it.
 */
export async function verifyEcdsa(
  key: EcPublicKey,
  hash: HashName,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const size = EC_SIZE[key.curve]
  if (key.point.length !== 2 * size || signature.length !== 2 * size) return false
  const imported = await importEc(key)
  if (!imported) return false
  return crypto.subtle.verify({ name: 'ECDSA', hash }, imported, asBufferSource(signature), asBufferSource(message))
}

/** Whether the point of a key is on its curve. {@link verifyEcdsa} asks that anyway; this tells the reason apart. */
export async function isOnCurve(key: EcPublicKey): Promise<boolean> {
  return key.point.length === 2 * EC_SIZE[key.curve] && (await importEc(key)) !== null
}

function importEc(key: EcPublicKey): Promise<CryptoKey | null> {
  return importOnce(key, 'ecdsa', () => {
    const point = new Uint8Array(1 + key.point.length)
    point[0] = 4
    point.set(key.point, 1)
    return crypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: key.curve }, false, ['verify'])
  })
}

/** Whether `signature` over `message` is RSASSA-PSS by `key` with MGF1 over the same hash and this salt length. */
export async function verifyRsaPss(
  key: RsaPublicKey,
  hash: HashName,
  saltLength: number,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return verifyRsa(key, { name: 'RSA-PSS', saltLength }, hash, message, signature)
}

/** Whether `signature` over `message` is RSASSA-PKCS1-v1_5 by `key`. */
export async function verifyRsaPkcs1(
  key: RsaPublicKey,
  hash: HashName,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return verifyRsa(key, { name: 'RSASSA-PKCS1-v1_5' }, hash, message, signature)
}

async function verifyRsa(
  key: RsaPublicKey,
  algorithm: { readonly name: string; readonly saltLength?: number },
  hash: HashName,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (signature.length !== Math.ceil(key.modulusBits / 8)) return false
  const { name } = algorithm
  const imported = await importOnce(key, `${name} ${hash}`, () =>
    crypto.subtle.importKey('spki', asBufferSource(key.spki), { name, hash }, false, ['verify']),
  )
  if (!imported) return false
  return crypto.subtle.verify(algorithm, imported, asBufferSource(signature), asBufferSource(message))
}

function importOnce(key: PublicKey, use: string, importKey: () => Promise<CryptoKey>): Promise<CryptoKey | null> {
  const uses = imported.get(key) ?? new Map<string, Promise<CryptoKey | null>>()
  imported.set(key, uses)
  // WebCrypto refuses to import a point that is not on the curve.
  const found = uses.get(use) ?? importKey().catch(() => null)
  uses.set(use, found)
  return found
}

/** An ECDSA signature in DER: SEQUENCE { INTEGER r, INTEGER s }, canonical, nothing behind it. */
export function readEcdsaSignature(document: DerDocument, start: number, stop: number) {
  const pair = expectLast(document, start, stop, TAG.sequence)
  const r = readUnsigned(document, pair.start, pair.stop, MAX_EC_SIZE)
  const s = readUnsigned(document, r.stop, pair.stop, MAX_EC_SIZE)
  if (s.stop !== pair.stop) failAt(document, s.stop, 'the end of the signature')
  return { r: r.value, s: s.value }
}

const MAX_EC_SIZE = EC_SIZE['P-521']

/** r‖s padded to the width of a curve, or undefined when one of them is wider: no key of the curve made it. */
export function ecdsaSignatureBytes(
  { r, s }: { readonly r: Uint8Array; readonly s: Uint8Array },
  curve: EcCurve,
): Uint8Array<ArrayBuffer> | undefined {
  const size = EC_SIZE[curve]
  if (r.length > size || s.length > size) return undefined
  const signature = new Uint8Array(2 * size)
  signature.set(r, size - r.length)
  signature.set(s, 2 * size - s.length)
  return signature
}
