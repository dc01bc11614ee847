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
  /** DER: PCK certificate, PCK CA, root. Used only where the quote names its chain instead of carrying it. */
  readonly pckChain?: readonly Uint8Array[]
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
  readonly pckChain?: readonly string[]
}

const TEXT = { encode: new TextEncoder(), decode: new TextDecoder() }

/** Encodes endorsements as JSON; what is missing is left out. */
export function dcapEndorsementsToJson(endorsements: DcapEndorsements): DcapEndorsementsJson
export function dcapEndorsementsToJson(endorsements: Partial<DcapEndorsements>): Partial<DcapEndorsementsJson>
export function dcapEndorsementsToJson(endorsements: Partial<DcapEndorsements>): Partial<DcapEndorsementsJson> {
  const { rootCaCrl, pckCrl, pckCrlIssuerChain, tcbInfo, qeIdentity, pckChain } = endorsements
  return {
    ...(rootCaCrl && { rootCaCrl: toBase64(rootCaCrl) }),
    ...(pckCrl && { pckCrl: toBase64(pckCrl) }),
    ...(pckCrlIssuerChain && { pckCrlIssuerChain: pckCrlIssuerChain.map(toBase64) }),
    ...(tcbInfo && { tcbInfo: documentToJson(tcbInfo) }),
    ...(qeIdentity && { qeIdentity: documentToJson(qeIdentity) }),
    ...(pckChain && { pckChain: pckChain.map(toBase64) }),
  }
}

const documentToJson = ({ body, signature, issuerChain }: SignedDocument): SignedDocumentJson => ({
  body: TEXT.decode.decode(body),
  signature: toBase64(signature),
  issuerChain: issuerChain.map(toBase64),
})

/** How each member of the JSON form is read. */
const READERS = {
  rootCaCrl: bytes,
  pckCrl: bytes,
  pckCrlIssuerChain: chain,
  tcbInfo: documentFromJson,
  qeIdentity: documentFromJson,
  pckChain: chain,
}

/**
 * Decodes the JSON form. Fails with DCAP_ENDORSEMENTS_MALFORMED, also for a member that nobody knows; a member that is
 * not there is missing, which the verifier refuses unless told otherwise. Proves nothing about what is inside.
 */
export function dcapEndorsementsFromJson(json: unknown): Partial<DcapEndorsements> {
  const all = record(json, 'endorsements')
  for (const name of Object.keys(all)) if (!Object.hasOwn(READERS, name)) wrong(name, 'no such member')
  const read = <Name extends keyof typeof READERS>(name: Name) =>
    all[name] === undefined ? {} : { [name]: READERS[name](all[name], name) }
  return {
    ...read('rootCaCrl'),
    ...read('pckCrl'),
    ...read('pckCrlIssuerChain'),
    ...read('tcbInfo'),
    ...read('qeIdentity'),
    ...read('pckChain'),
  }
}

function documentFromJson(value: unknown, path: string): SignedDocument {
  const entry = record(value, path)
  return {
    body: TEXT.encode.encode(text(entry.body, `${path}.body`)),
    signature: bytes(entry.signature, `${path}.signature`),
    issuerChain: chain(entry.issuerChain, `${path}.issuerChain`),
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

function text(value: unknown, path: string): string {
  return typeof value === 'string' ? value : wrong(path, 'text')
}

function bytes(value: unknown, path: string): Uint8Array {
  return fromBase64(text(value, path)) ?? wrong(path, 'base64')
}

function chain(value: unknown, path: string): readonly Uint8Array[] {
  if (!Array.isArray(value)) return wrong(path, 'an array')
  return value.map((item, index) => bytes(item, `${path}[${index}]`))
}
