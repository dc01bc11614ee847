import {
  bytesToHex,
  concatHex,
  encodeAbiParameters,
  type Hex,
  keccak256,
  numberToHex,
  stringToBytes,
  zeroHash,
} from 'viem'
import { type P384ProofOptions, p384ProofOf } from './p384Proof.ts'

/** A signed token; the same shape as `CoseSign1` of `@spartan/attestation`. */
export interface CcaSignedMessage {
  readonly algorithm: { readonly curve: string }
  /** Sig_structure. */
  readonly toBeSigned: Uint8Array
  /** r ‖ s. */
  readonly signature: Uint8Array
}

/** What the proofs are made of: `parseCca(token)` of `@spartan/attestation` has this shape. */
export interface CcaParsedToken {
  readonly platform: { readonly message: CcaSignedMessage }
  readonly realm: { readonly message: CcaSignedMessage; readonly key: { readonly point: Uint8Array } }
}

/** Input of {@link encodeCcaEvidence}. */
export interface CcaEvidenceParts {
  /** Token as received, below 64 KiB. */
  readonly token: Uint8Array
  /** Undefined for a token that cannot be parsed: the contract says why not. */
  readonly parsed: CcaParsedToken | undefined
  /** Platform attestation key, x ‖ y, 64 or 96 bytes. */
  readonly platformKey: Uint8Array
}

const P384_CURVE = 'P-384'
/** Points end a SubjectPublicKeyInfo, behind 0x04. */
const POINT_BYTES = new Map([
  [91, 64],
  [120, 96],
])

/** Id of a platform attestation key in `CcaEndorsements`: keccak256 of x ‖ y. */
export function ccaTrustAnchorId(platformKey: Uint8Array): Hex {
  return keccak256(platformKey)
}

/** The point x ‖ y of a SubjectPublicKeyInfo on P-256 or P-384 by its size alone; undefined for another. */
export function ccaPointOf(publicKey: Uint8Array): Uint8Array | undefined {
  const size = POINT_BYTES.get(publicKey.length)
  return size === undefined ? undefined : publicKey.subarray(publicKey.length - size)
}

/**
 * Evidence for `CcaVerifier.verify`: the token with the id of its platform's key and a proof of each signature.
 *
 * Proves nothing: the contract checks all of it. An invalid signature gets a proof that the contract refuses.
 *
 * @param options - For both signatures, but `path` for the platform's alone: a realm's key is new at each boot.
 */
export async function encodeCcaEvidence(parts: CcaEvidenceParts, options: P384ProofOptions = {}): Promise<Hex> {
  const { token, parsed, platformKey } = parts
  const platform = parsed?.platform.message
  const realm = parsed?.realm
  const platformProof = platform ? await proofOf(platform, platformKey, options) : '0x'
  const realmProof = realm ? await proofOf(realm.message, realm.key.point, { ...options, path: 'key' }) : '0x'
  return concatHex([
    ccaTrustAnchorId(platformKey),
    sized(bytesToHex(token)),
    sized(concatHex([bytesToHex(platformKey), platformProof])),
    realmProof,
  ])
}

/** Content behind its size in two bytes. */
const sized = (content: Hex): Hex => concatHex([numberToHex((content.length - 2) / 2, { size: 2 }), content])

async function proofOf(
  { algorithm, toBeSigned, signature }: CcaSignedMessage,
  publicKey: Uint8Array,
  options: P384ProofOptions,
): Promise<Hex> {
  return algorithm.curve === P384_CURVE ? p384ProofOf(toBeSigned, signature, publicKey, options) : '0x'
}

/** Claims that `Claims.measurement` covers; `CcaClaims` of `@spartan/attestation` has this shape. */
export interface CcaMeasuredClaims {
  readonly implementationId: Uint8Array
  readonly configuration: Uint8Array
  readonly softwareComponents: readonly {
    readonly type: string | undefined
    readonly measurement: Uint8Array
    readonly version: string | undefined
    readonly signerId: Uint8Array
  }[]
  readonly measurements: Readonly<Record<'rim' | 'rem0' | 'rem1' | 'rem2' | 'rem3', Uint8Array>>
  readonly hashAlgorithm: string
  readonly personalizationValue: Uint8Array
}

const textHash = (text: string | undefined): Hex => (text === undefined ? zeroHash : keccak256(stringToBytes(text)))
const hashWords = (...words: readonly Hex[]): Hex =>
  keccak256(
    encodeAbiParameters(
      words.map(() => ({ type: 'bytes32' })),
      words,
    ),
  )

/**
 * `Claims.measurement` of Arm CCA: keccak256 over a tag, the realm's hash algorithm, RIM, REM 0 to 3, personalization value,
 * implementation id, configuration and software components, each but the implementation id hashed for itself
 * (docs/specs/onchain-attestation.md). Components count in their order.
 */
export function ccaMeasurement(claims: CcaMeasuredClaims): Hex {
  const { rim, rem0, rem1, rem2, rem3 } = claims.measurements
  const components = claims.softwareComponents.map(({ type, measurement, version, signerId }) =>
    hashWords(textHash(type), keccak256(measurement), textHash(version), keccak256(signerId)),
  )
  return hashWords(
    textHash('spartan-cca-measurement/1'),
    textHash(claims.hashAlgorithm),
    ...[rim, rem0, rem1, rem2, rem3, claims.personalizationValue].map((value) => keccak256(value)),
    bytesToHex(claims.implementationId),
    keccak256(claims.configuration),
    keccak256(concatHex(components)),
  )
}
