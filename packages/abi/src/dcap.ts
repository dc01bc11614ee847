import { BaseError, type ReasonCode } from '@spartan/errors'
import { bytesToHex, concatHex, type Hex, keccak256, sliceHex } from 'viem'

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
}

/** Evidence for `DcapVerifier.verify`. */
export interface TdxEvidence {
  /** pckId ‖ quote up to the PCK certificate chain (docs/specs/dcap-onchain.md). */
  readonly evidence: Hex
  /** Id of the PCK certificate in the `EndorsementStore`. */
  readonly pckId: Hex
  /** DER certificates of the quote: PCK, PCK CA, root. */
  readonly certificates: readonly Uint8Array[]
}

/** One call of `EndorsementStore`. */
export interface EndorsementUpload {
  readonly functionName:
    | 'uploadRootCertificate'
    | 'uploadRootCrl'
    | 'uploadPckCa'
    | 'uploadPckCrl'
    | 'uploadPck'
    | 'uploadTcbSigner'
    | 'uploadTcbInfo'
    | 'uploadQeIdentity'
  readonly args: readonly Hex[]
}

const QUOTE_HEADER = 48
/** Type and size of the body, in front of it in version 5. */
const BODY_DESCRIPTOR = 6
/** TD reports by body type: TDX 1.0 and TDX 1.5. */
const TD_REPORT_SIZES = new Map([
  [2, 584],
  [3, 648],
])
/**
 * Size of the QE authentication data, from the end of the TD report: length of the signature data, quote signature,
 * attestation key, certification type and size, QE report and its signature.
 */
const QE_AUTHENTICATION = 4 + 64 + 64 + 6 + 384 + 64

function refuse(code: ReasonCode, line: string): BaseError {
  return new BaseError(code, { metaMessages: [line] })
}

/**
 * Cuts a TDX quote, version 4 or 5, into the evidence `DcapVerifier` reads and the certificates the `EndorsementStore` wants.
 *
 * Checks only what it needs to cut: it proves nothing about the quote.
 * Fails with DCAP_QUOTE_MALFORMED, DCAP_QUOTE_VERSION_UNSUPPORTED, DCAP_BODY_TYPE_UNSUPPORTED,
 * DCAP_CERTIFICATION_DATA_UNSUPPORTED, DCAP_TRAILING_BYTES, DCAP_PCK_MALFORMED, DCAP_PCK_CA_MALFORMED, DCAP_ROOT_CERTIFICATE_MALFORMED.
 */
export function encodeTdxEvidence(quote: Uint8Array): TdxEvidence {
  const { cut, chain } = cutQuote(quote)
  const certificates = pemCertificates(chain)
  const [pck, ca, root] = certificates
  if (pck === undefined || ca === undefined || root === undefined || certificates.length !== 3) {
    throw refuse('DCAP_CERTIFICATION_DATA_UNSUPPORTED', `expected 3 PEM certificates, got ${certificates.length}`)
  }
  const pckId = pckIdOf(pckCaIdOf(rootIdOf(root), ca), pck)
  return { evidence: concatHex([pckId, bytesToHex(quote.subarray(0, cut))]), pckId, certificates }
}

/**
 * The calls that bring the store all it needs to verify this quote, in the order of the checks; each may be left out
 * when the store already holds the same. Anyone may send them. Fails like `encodeTdxEvidence`.
 */
export function endorsementUploads(quote: Uint8Array, endorsements: DcapEndorsements): readonly EndorsementUpload[] {
  const [pck, ca, root] = encodeTdxEvidence(quote).certificates as [Uint8Array, Uint8Array, Uint8Array]
  const rootId = rootIdOf(root)
  const caId = pckCaIdOf(rootId, ca)
  return [
    { functionName: 'uploadRootCertificate', args: [bytesToHex(root)] },
    { functionName: 'uploadRootCrl', args: [rootId, bytesToHex(endorsements.rootCaCrl)] },
    { functionName: 'uploadPckCa', args: [rootId, bytesToHex(ca)] },
    { functionName: 'uploadPckCrl', args: [caId, bytesToHex(endorsements.pckCrl)] },
    { functionName: 'uploadPck', args: [caId, bytesToHex(pck)] },
    ...signedJsonUploads(rootId, 'uploadTcbInfo', endorsements.tcbInfo),
    ...signedJsonUploads(rootId, 'uploadQeIdentity', endorsements.qeIdentity),
  ]
}

function signedJsonUploads(
  rootId: Hex,
  functionName: 'uploadTcbInfo' | 'uploadQeIdentity',
  { body, signature, issuerChain }: DcapSignedJson,
): readonly EndorsementUpload[] {
  const signer = issuerChain[0] ?? new Uint8Array()
  return [
    { functionName: 'uploadTcbSigner', args: [rootId, bytesToHex(signer)] },
    { functionName, args: [tcbSignerIdOf(rootId, signer), bytesToHex(body), bytesToHex(signature)] },
  ]
}

/**
 * keccak256 of the measurement fields in the order of `Claims.measurement`: mrSeam ‖ mrTd ‖ mrConfigId ‖ mrOwner ‖
 * mrOwnerConfig ‖ rtmr0 ‖ rtmr1 ‖ rtmr2 ‖ rtmr3 ‖ tdAttributes ‖ xfam. Reads, proves nothing.
 * Fails with DCAP_QUOTE_MALFORMED when the quote is shorter than header and TD report, DCAP_QUOTE_VERSION_UNSUPPORTED,
 * DCAP_BODY_TYPE_UNSUPPORTED.
 */
export function tdxMeasurement(quote: Uint8Array): Hex {
  const { start, stop } = locateTdReport(quote)
  const body = bytesToHex(quote.subarray(start, stop))
  return keccak256(concatHex([sliceHex(body, 16, 64), sliceHex(body, 136, 520), sliceHex(body, 120, 136)]))
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

/** Where the TD report stands. Version 5 puts type and size in front of it, and the size must be that of the type. */
function locateTdReport(quote: Uint8Array): { start: number; stop: number } {
  const short = () => refuse('DCAP_QUOTE_MALFORMED', `${quote.length} bytes`)
  const view = new DataView(quote.buffer, quote.byteOffset, quote.byteLength)
  if (quote.length < QUOTE_HEADER) throw short()
  const version = view.getUint16(0, true)
  if (version !== 4 && version !== 5) throw refuse('DCAP_QUOTE_VERSION_UNSUPPORTED', `version ${version}`)
  const start = QUOTE_HEADER + (version === 5 ? BODY_DESCRIPTOR : 0)
  if (quote.length < start) throw short()
  const type = version === 5 ? view.getUint16(QUOTE_HEADER, true) : 2
  const size = TD_REPORT_SIZES.get(type)
  if (size === undefined) throw refuse('DCAP_BODY_TYPE_UNSUPPORTED', `body type ${type}`)
  const declared = version === 5 ? view.getUint32(QUOTE_HEADER + 2, true) : size
  if (declared !== size) throw refuse('DCAP_QUOTE_MALFORMED', `a body of ${declared} bytes`)
  if (quote.length < start + size) throw short()
  return { start, stop: start + size }
}

function cutQuote(quote: Uint8Array): { cut: number; chain: Uint8Array } {
  const { stop } = locateTdReport(quote)
  const view = new DataView(quote.buffer, quote.byteOffset, quote.byteLength)
  const authentication = stop + QE_AUTHENTICATION
  if (quote.length < authentication + 2) throw refuse('DCAP_QUOTE_MALFORMED', `${quote.length} bytes`)
  const declared = stop + 4 + view.getUint32(stop, true)
  if (declared > quote.length) throw refuse('DCAP_QUOTE_MALFORMED', 'the signature data runs past the end')
  const cut = authentication + 2 + view.getUint16(authentication, true) + 6
  if (quote.length < cut) throw refuse('DCAP_QUOTE_MALFORMED', 'the QE authentication data runs past the end')
  const type = view.getUint16(cut - 6, true)
  if (type !== 5) throw refuse('DCAP_CERTIFICATION_DATA_UNSUPPORTED', `certification data type ${type}`)
  const end = cut + view.getUint32(cut - 4, true)
  if (end !== declared) throw refuse('DCAP_QUOTE_MALFORMED', 'the lengths do not agree')
  const trailing = quote.subarray(end)
  if (trailing.some((byte) => byte !== 0)) throw refuse('DCAP_TRAILING_BYTES', `${trailing.length} bytes`)
  return { cut, chain: quote.subarray(cut, end) }
}

/** Certificates of a PEM text, which may end in NUL and line breaks; nothing else may stand between them. */
function pemCertificates(chain: Uint8Array): readonly Uint8Array[] {
  const text = new TextDecoder('latin1').decode(chain).replace(/[\0\r\n]+$/, '')
  const block = /\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----/y
  const found: Uint8Array[] = []
  while (block.lastIndex < text.length) {
    const base64 = block.exec(text)?.[1]?.replace(/[\r\n]/g, '')
    if (base64 === undefined) throw refuse('DCAP_CERTIFICATION_DATA_UNSUPPORTED', 'the chain is not PEM')
    found.push(fromBase64(base64))
  }
  return found
}

function fromBase64(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  } catch (cause) {
    throw new BaseError('DCAP_CERTIFICATION_DATA_UNSUPPORTED', { details: 'a PEM block is not base64', cause })
  }
}

/** The P-256 key of a certificate, found behind its fixed SubjectPublicKeyInfo head. The store parses properly. */
function publicKeyOf(certificate: Uint8Array, code: ReasonCode): Hex {
  const head = '3059301306072a8648ce3d020106082a8648ce3d03010703420004'
  const hex = bytesToHex(certificate).slice(2)
  let at = hex.indexOf(head)
  while (at % 2 === 1) at = hex.indexOf(head, at + 1)
  const key = at < 0 ? '' : hex.slice(at + head.length, at + head.length + 128)
  if (key.length !== 128) throw refuse(code, 'no P-256 public key')
  return `0x${key}`
}
