import { MalformedEvidenceError } from '../errors.ts'
import { fromBase64, toBase64 } from '../internal/bytes.ts'

/** One signed JSON document: TCB info or QE identity. */
export interface SignedDocument {
  /** Exactly the signed bytes: JSON text in UTF-8. */
  readonly body: Uint8Array
  /** ECDSA P-256/SHA-256 over `body`: raw r‖s. */
  readonly signature: Uint8Array
  /** DER: TCB signing certificate, root. The root of the quote's own chain is what counts. */
  readonly issuerChain: readonly Uint8Array[]
}

/** Endorsements of DCAP for one platform family (docs/architecture.md). */
export interface DcapEndorsements {
  /** DER. */
  readonly rootCaCrl: Uint8Array
  /** DER. */
  readonly pckCrl: Uint8Array
  /** DER: PCK CA, root. The CRL is judged against the PCK CA of the quote's own chain. */
  readonly pckCrlIssuerChain: readonly Uint8Array[]
  readonly tcbInfo: SignedDocument
  readonly qeIdentity: SignedDocument
}

/** The JSON form of a signed document: `body` is text, other bytes base64. */
interface SignedDocumentJson {
  readonly body: string
  readonly signature: string
  readonly issuerChain: readonly string[]
}

/** The JSON form of endorsements (docs/architecture.md). */
export interface DcapEndorsementsJson {
  readonly rootCaCrl: string
  readonly pckCrl: string
  readonly pckCrlIssuerChain: readonly string[]
  readonly tcbInfo: SignedDocumentJson
  readonly qeIdentity: SignedDocumentJson
}

/** Encodes endorsements as JSON. */
export function endorsementsToJson(endorsements: DcapEndorsements): DcapEndorsementsJson {
  const document = ({ body, signature, issuerChain }: SignedDocument): SignedDocumentJson => ({
    body: new TextDecoder().decode(body),
    signature: toBase64(signature),
    issuerChain: issuerChain.map(toBase64),
  })
  return {
    rootCaCrl: toBase64(endorsements.rootCaCrl),
    pckCrl: toBase64(endorsements.pckCrl),
    pckCrlIssuerChain: endorsements.pckCrlIssuerChain.map(toBase64),
    tcbInfo: document(endorsements.tcbInfo),
    qeIdentity: document(endorsements.qeIdentity),
  }
}

/** Decodes the JSON form. Fails with DCAP_ENDORSEMENTS_MALFORMED; proves nothing about what is inside. */
export function endorsementsFromJson(json: unknown): DcapEndorsements {
  const all = record(json, 'endorsements')
  const document = (name: 'tcbInfo' | 'qeIdentity'): SignedDocument => {
    const entry = record(all[name], name)
    return {
      body: new TextEncoder().encode(text(entry.body, `${name}.body`)),
      signature: bytes(entry.signature, `${name}.signature`),
      issuerChain: chain(entry.issuerChain, `${name}.issuerChain`),
    }
  }
  return {
    rootCaCrl: bytes(all.rootCaCrl, 'rootCaCrl'),
    pckCrl: bytes(all.pckCrl, 'pckCrl'),
    pckCrlIssuerChain: chain(all.pckCrlIssuerChain, 'pckCrlIssuerChain'),
    tcbInfo: document('tcbInfo'),
    qeIdentity: document('qeIdentity'),
  }
}

function wrong(path: string, expected: string): never {
  throw new MalformedEvidenceError(
    'DCAP_ENDORSEMENTS_MALFORMED',
    { offset: 0, expected, got: 'something else' },
    { details: path },
  )
}

function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(path, 'an object')
  return value as Readonly<Record<string, unknown>>
}

const text = (value: unknown, path: string) => (typeof value === 'string' ? value : wrong(path, 'text'))
const bytes = (value: unknown, path: string) => fromBase64(text(value, path)) ?? wrong(path, 'base64')

function chain(value: unknown, path: string): readonly Uint8Array[] {
  if (!Array.isArray(value)) return wrong(path, 'an array')
  return value.map((item, index) => bytes(item, `${path}[${index}]`))
}
