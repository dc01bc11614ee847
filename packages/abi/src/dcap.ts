import type { ReasonCode } from '@spartan/errors'
import { bytesToHex, concatHex, type Hex, keccak256, sliceHex } from 'viem'
import { certificatesOf, type PckChain } from './dcapCertification.ts'
import { type DcapKind, locateBody, locateQuote, refuse } from './dcapQuote.ts'
import { placeBehind } from './der.ts'
import { enumNumber, TEE_KINDS } from './enums.ts'

/** A signed JSON endorsement: TCB info or QE identity. */
export interface DcapSignedJson {
  /** The exact signed JSON text. */
  readonly body: Uint8Array
  /** Raw r ‖ s, 64 bytes. */
  readonly signature: Uint8Array
  /** DER: [TCB signing certificate, root]. */
  readonly issuerChain: readonly Uint8Array[]
}

/** Everything the vendor publishes about one platform; the same shape as in `@spartan/attestation`. */
export interface DcapEndorsements {
  readonly rootCaCrl: Uint8Array
  readonly pckCrl: Uint8Array
  /** DER: [PCK CA, root]. */
  readonly pckCrlIssuerChain: readonly Uint8Array[]
  readonly tcbInfo: DcapSignedJson
  readonly qeIdentity: DcapSignedJson
  /** DER: [PCK, PCK CA, root], for a quote that only names its PCK certificate. */
  readonly pckChain?: readonly Uint8Array[] | undefined
}

/** Evidence for `DcapVerifier.verify` (TDX) or `SgxVerifier.verify`. */
export interface DcapEvidence {
  readonly kind: DcapKind
  /** pckId ‖ quote up to the certification data of its QE report (docs/specs/dcap-onchain.md). */
  readonly evidence: Hex
  /** Id of the PCK certificate in the `EndorsementStore`. */
  readonly pckId: Hex
  /** DER certificates of the quote: PCK, PCK CA, root. */
  readonly certificates: PckChain
}

/** One call of `EndorsementStore`. */
export interface EndorsementUpload {
  readonly functionName:
    | 'uploadRootCertificate'
    | 'uploadRootCrl'
    | 'uploadPckCa'
    | 'recordRevocations'
    | 'uploadPckCrl'
    | 'uploadPck'
    | 'uploadTcbSigner'
    | 'uploadTcbInfo'
    | 'uploadQeIdentity'
  readonly args: readonly (Hex | number)[]
}

/**
 * Cuts a TDX quote, version 4 or 5, into the evidence `DcapVerifier` reads and the certificates the `EndorsementStore` wants.
 *
 * Checks only what it needs to cut, and what the quote says of its PCK certificate, which no key signs and which the contract
 * therefore does not get: it proves nothing about the quote.
 *
 * @param pckChain - DER: [PCK, PCK CA, root], for a quote that only names its PCK certificate (certification data types 1 to 4).
 * @throws {BaseError} DCAP_QUOTE_MALFORMED, DCAP_QUOTE_VERSION_UNSUPPORTED, DCAP_TEE_TYPE_UNSUPPORTED, DCAP_BODY_TYPE_UNSUPPORTED,
 * DCAP_CERTIFICATION_DATA_UNSUPPORTED, DCAP_CERTIFICATION_DATA_MISMATCH, DCAP_TRAILING_BYTES, DCAP_PCK_MISSING,
 * DCAP_PCK_MALFORMED, DCAP_PCK_CA_MALFORMED, DCAP_ROOT_CERTIFICATE_MALFORMED.
 */
export function encodeTdxEvidence(quote: Uint8Array, pckChain?: readonly Uint8Array[]): DcapEvidence {
  return encodeEvidence('Tdx', quote, pckChain)
}

/** The same for an SGX quote, version 3, 4 or 5, and `SgxVerifier`. Fails like {@link encodeTdxEvidence}. */
export function encodeSgxEvidence(quote: Uint8Array, pckChain?: readonly Uint8Array[]): DcapEvidence {
  return encodeEvidence('Sgx', quote, pckChain)
}

function encodeEvidence(kind: DcapKind, quote: Uint8Array, pckChain?: readonly Uint8Array[]): DcapEvidence {
  const { cut, certification } = locateQuote(quote, kind)
  const certificates = certificatesOf(certification, pckChain)
  const [pck, ca, root] = certificates
  const pckId = pckIdOf(pckCaIdOf(rootIdOf(root), ca), pck)
  return { kind, evidence: concatHex([pckId, bytesToHex(quote.subarray(0, cut))]), pckId, certificates }
}

/**
 * The calls that bring the store all it needs to verify this quote, in the order of the checks; each may be left out
 * when the store already holds the same. Anyone may send them. Fails like `encodeTdxEvidence`.
 */
export function endorsementUploads(
  quote: Uint8Array,
  endorsements: DcapEndorsements,
  kind: DcapKind = 'Tdx',
): readonly EndorsementUpload[] {
  const [pck, ca, root] = encodeEvidence(kind, quote, endorsements.pckChain).certificates
  const rootId = rootIdOf(root)
  const caId = pckCaIdOf(rootId, ca)
  return [
    { functionName: 'uploadRootCertificate', args: [bytesToHex(root)] },
    { functionName: 'uploadRootCrl', args: [rootId, bytesToHex(endorsements.rootCaCrl)] },
    { functionName: 'uploadPckCa', args: [rootId, bytesToHex(ca)] },
    ...Array.from({ length: recordSteps(endorsements.pckCrl) }, () => ({
      functionName: 'recordRevocations' as const,
      args: [caId, bytesToHex(endorsements.pckCrl), REVOCATIONS_PER_STEP],
    })),
    { functionName: 'uploadPckCrl', args: [caId, bytesToHex(endorsements.pckCrl)] },
    { functionName: 'uploadPck', args: [caId, bytesToHex(pck)] },
    ...signedJsonUploads(rootId, kind, 'uploadTcbInfo', endorsements.tcbInfo),
    ...signedJsonUploads(rootId, kind, 'uploadQeIdentity', endorsements.qeIdentity),
  ]
}

/** Entries of a CRL that one transaction takes: 4.4 M gas beside the calldata. */
const REVOCATIONS_PER_STEP = 150
/** Least bytes of a CRL entry by Intel: a serial of 20 bytes, a date, a reason. */
const LEAST_ENTRY_BYTES = 53

/** How many steps go before the upload of a CRL so that it has no more entries left than one step takes. */
const recordSteps = ({ length }: Uint8Array) => Math.floor(length / (REVOCATIONS_PER_STEP * LEAST_ENTRY_BYTES))

function signedJsonUploads(
  rootId: Hex,
  kind: DcapKind,
  functionName: 'uploadTcbInfo' | 'uploadQeIdentity',
  { body, signature, issuerChain }: DcapSignedJson,
): readonly EndorsementUpload[] {
  const signer = issuerChain[0] ?? new Uint8Array()
  const document = [enumNumber(TEE_KINDS, kind), tcbSignerIdOf(rootId, signer), bytesToHex(body), bytesToHex(signature)]
  return [
    { functionName: 'uploadTcbSigner', args: [rootId, bytesToHex(signer)] },
    { functionName, args: document },
  ]
}

/**
 * keccak256 of the measurement fields in the order of `Claims.measurement`: mrSeam ‖ mrTd ‖ mrConfigId ‖ mrOwner ‖
 * mrOwnerConfig ‖ rtmr0 ‖ rtmr1 ‖ rtmr2 ‖ rtmr3 ‖ tdAttributes ‖ xfam. Reads, proves nothing.
 * Fails with DCAP_QUOTE_MALFORMED when the quote is shorter than header and TD report, DCAP_QUOTE_VERSION_UNSUPPORTED,
 * DCAP_TEE_TYPE_UNSUPPORTED, DCAP_BODY_TYPE_UNSUPPORTED.
 */
export function tdxMeasurement(quote: Uint8Array): Hex {
  const body = bodyOf(quote, 'Tdx')
  return keccak256(concatHex([sliceHex(body, 16, 64), sliceHex(body, 136, 520), sliceHex(body, 120, 136)]))
}

/**
 * keccak256 of the enclave report without CPUSVN and REPORTDATA (bytes 16 to 319, reserved ones zero), as in
 * `Claims.measurement`: MISCSELECT ‖ ISVEXTPRODID ‖ ATTRIBUTES ‖ MRENCLAVE ‖ MRSIGNER ‖ CONFIGID ‖ ISVPRODID ‖ ISVSVN ‖
 * CONFIGSVN ‖ ISVFAMILYID at their places. Reads, proves nothing. Fails like {@link tdxMeasurement}.
 */
export function sgxMeasurement(quote: Uint8Array): Hex {
  return keccak256(sliceHex(bodyOf(quote, 'Sgx'), 16, 320))
}

function bodyOf(quote: Uint8Array, kind: DcapKind): Hex {
  const { start, stop } = locateBody(quote, kind)
  return bytesToHex(quote.subarray(start, stop))
}

/** Id of a root in the store: keccak256 of its public key x ‖ y. Fails with DCAP_ROOT_CERTIFICATE_MALFORMED. */
function rootIdOf(root: Uint8Array): Hex {
  return keccak256(publicKeyOf(root, 'DCAP_ROOT_CERTIFICATE_MALFORMED'))
}

/** Id of a PCK CA in the store: keccak256(rootId ‖ public key). Fails with DCAP_PCK_CA_MALFORMED. */
function pckCaIdOf(rootId: Hex, ca: Uint8Array): Hex {
  return keccak256(concatHex([rootId, publicKeyOf(ca, 'DCAP_PCK_CA_MALFORMED')]))
}

/** Id of a PCK certificate in the store: keccak256(caId ‖ keccak256(certificate)). */
function pckIdOf(caId: Hex, pck: Uint8Array): Hex {
  return keccak256(concatHex([caId, keccak256(pck)]))
}

/** Id of a TCB signing certificate in the store: keccak256(rootId ‖ keccak256(certificate)). */
function tcbSignerIdOf(rootId: Hex, signer: Uint8Array): Hex {
  return keccak256(concatHex([rootId, keccak256(signer)]))
}

/** The P-256 key of a certificate, found behind its fixed SubjectPublicKeyInfo head. The store parses properly. */
function publicKeyOf(certificate: Uint8Array, code: ReasonCode): Hex {
  const start = placeBehind(certificate, '3059301306072a8648ce3d020106082a8648ce3d03010703420004')
  if (start === undefined || start + 64 > certificate.length) throw refuse(code, 'no P-256 public key')
  return bytesToHex(certificate.subarray(start, start + 64))
}
