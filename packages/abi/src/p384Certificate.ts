import { concatHex, type Hex, keccak256 } from 'viem'
import { type DerPlace, derAt, placeBehind } from './der.ts'
import { type P384Density, p384ProofOf } from './p384Proof.ts'

/** What certificates and CRLs have in common: SEQUENCE { to be signed, AlgorithmIdentifier, BIT STRING }. */
export interface SignedDer {
  /** Everything that is signed. */
  readonly toBeSigned: Uint8Array
  /** ECDSA on P-384: r ‖ s, 96 bytes. Undefined for another kind of signature. */
  readonly signature: Uint8Array | undefined
}

const SEQUENCE = 0x30
const INTEGER = 0x02
const BIT_STRING = 0x03
/** SubjectPublicKeyInfo up to the point: id-ecPublicKey, secp384r1, BIT STRING, uncompressed. */
const KEY_HEAD = '3076301006072a8648ce3d020106052b8104002203620004'
const INTEGER_BYTES = 48
const KEY_BYTES = 96

/** Takes a certificate or CRL apart, no further than hints need; undefined where the DER is another. The store parses properly. */
export function openSignedDer(der: Uint8Array): SignedDer | undefined {
  const outer = elementAt(der, 0, SEQUENCE)
  const body = outer && elementAt(der, outer.start, SEQUENCE)
  const algorithm = body && elementAt(der, body.stop, SEQUENCE)
  const bits = algorithm && elementAt(der, algorithm.stop, BIT_STRING)
  if (!outer || !body) return undefined
  return { toBeSigned: der.subarray(outer.start, body.stop), signature: bits && signatureAt(der, bits.start + 1) }
}

/** The P-384 key of a certificate, x ‖ y; undefined where it has none. */
export function p384KeyOf(der: Uint8Array): Uint8Array | undefined {
  const start = placeBehind(der, KEY_HEAD)
  return start === undefined || start + KEY_BYTES > der.length ? undefined : der.subarray(start, start + KEY_BYTES)
}

/**
 * Id of a certificate in the stores of AMD and NVIDIA, and below its root in that of AWS: keccak256(id of the issuer, zeros for a
 * root ‖ keccak256(signed bytes)); undefined where the DER is another.
 */
export function certificateIdBelow(issuerId: Hex, der: Uint8Array): Hex | undefined {
  const signed = openSignedDer(der)
  return signed && keccak256(concatHex([issuerId, keccak256(signed.toBeSigned)]))
}

/** Proof of the signature of a certificate or CRL by its issuer's key. */
export async function p384CertificateProof(
  der: Uint8Array,
  issuer: Uint8Array,
  options: P384Density = {},
): Promise<Hex> {
  const signed = openSignedDer(der)
  return signed ? p384ProofOf(signed.toBeSigned, signed.signature, p384KeyOf(issuer), options) : '0x'
}

/** SEQUENCE { r, s }: integers shorter than 48 bytes are padded. */
function signatureAt(der: Uint8Array, at: number): Uint8Array | undefined {
  const pair = elementAt(der, at, SEQUENCE)
  const r = pair && elementAt(der, pair.start, INTEGER)
  const s = r && elementAt(der, r.stop, INTEGER)
  if (!r || !s) return undefined
  const signature = new Uint8Array(2 * INTEGER_BYTES)
  for (const [index, { start, stop }] of [r, s].entries()) {
    const digits = der.subarray(start, stop)
    const value = digits.subarray(digits.findIndex((byte) => byte !== 0))
    if (value.length > INTEGER_BYTES) return undefined
    signature.set(value, (index + 1) * INTEGER_BYTES - value.length)
  }
  return signature
}

function elementAt(der: Uint8Array, at: number, wanted: number): DerPlace | undefined {
  const found = derAt(der, at)
  return found?.tag === wanted ? found : undefined
}
