import { toHex } from './bytes.ts'
import { type DerDocument, expectBytes, expectElement, expectLast, failAt, readUnsigned, TAG } from './der.ts'
import { EC_SIZE, type EcCurve, type PublicKey } from './signatures.ts'

/** AlgorithmIdentifier { id-ecPublicKey, named curve } by its DER. */
const EC_ALGORITHMS: Readonly<Record<string, EcCurve>> = {
  '301306072a8648ce3d020106082a8648ce3d030107': 'P-256',
  '301006072a8648ce3d020106052b81040022': 'P-384',
  '301006072a8648ce3d020106052b81040023': 'P-521',
}
/** AlgorithmIdentifier { rsaEncryption, NULL }. */
const RSA_ALGORITHM = '300d06092a864886f70d0101010500'
const RSA_MAX_BITS = 4096
/** 65537, the only public exponent in use. */
const RSA_EXPONENT = '010001'

/**
 * Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): an uncompressed point of P-256, P-384 or P-521, or RSA of 2048 to
 * 4096 bits with exponent 65537.
 */
export function readPublicKey(document: DerDocument, at: number, end: number): { key: PublicKey; stop: number } {
  const outer = expectElement(document, at, end, TAG.sequence)
  const algorithm = expectElement(document, outer.start, outer.stop, TAG.sequence)
  const id = toHex(document.bytes.subarray(algorithm.at, algorithm.stop))
  const bits = expectLast(document, algorithm.stop, outer.stop, TAG.bitString)
  if (document.bytes[bits.start] !== 0 || bits.start === bits.stop) failAt(document, bits.start, 'no unused bits')
  const curve = EC_ALGORITHMS[id]
  if (curve) {
    const point = expectBytes(document, bits.start + 1, bits.stop, '04', 'an uncompressed point')
    if (bits.stop - point !== 2 * EC_SIZE[curve]) failAt(document, point, `a point of ${curve}`)
    return { key: { type: 'ec', curve, point: document.bytes.subarray(point, bits.stop) }, stop: outer.stop }
  }
  if (id !== RSA_ALGORITHM) failAt(document, algorithm.at, 'a key of P-256, P-384, P-521 or RSA')
  const pair = expectLast(document, bits.start + 1, bits.stop, TAG.sequence)
  const modulus = readUnsigned(document, pair.start, pair.stop, RSA_MAX_BITS / 8)
  expectRsaExponent(document, modulus.stop, pair.stop)
  const modulusBits = 8 * modulus.value.length - Math.clz32(modulus.value[0] ?? 0) + 24
  if (modulusBits < 2048) failAt(document, pair.start, 'an RSA key of at least 2048 bits')
  const spki = document.bytes.subarray(outer.at, outer.stop)
  return { key: { type: 'rsa', modulusBits, spki }, stop: outer.stop }
}

/** Parses a whole SubjectPublicKeyInfo document. */
export function parsePublicKey(document: DerDocument): PublicKey {
  const { key, stop } = readPublicKey(document, 0, document.bytes.length)
  if (stop !== document.bytes.length) failAt(document, stop, 'the end')
  return key
}

function expectRsaExponent(document: DerDocument, at: number, end: number): void {
  const exponent = readUnsigned(document, at, end)
  if (toHex(exponent.value) !== RSA_EXPONENT || exponent.stop !== end) failAt(document, at, 'exponent 65537')
}
