import { MalformedEvidenceError } from '../errors.ts'
import { ownCopy } from '../internal/bytes.ts'
import { type CborDocument, type CborItem, type CborKey, failCbor, readCbor, showKey } from '../internal/cbor.ts'
import { bytesOfSize, type FieldCodes, type Fields, fieldsOf, type SizeRange } from '../internal/cborFields.ts'
import { type CoseCodes, type CoseSign1, parseCoseSign1 } from '../internal/cose.ts'
import type { Unverified } from '../result.ts'
import {
  CERTIFICATE_SIZE,
  COSE_RULES,
  DIGEST,
  FIELDS,
  MAX_BUNDLE,
  MAX_PCRS,
  NONCE_SIZE,
  PAYLOAD_RULES,
  PCR_SIZES,
  PUBLIC_KEY_SIZE,
  USER_DATA_SIZE,
} from './constants.ts'

/** What an attestation document says. */
export interface NitroDocument {
  /** `<instance id>-enc<enclave id>`. */
  readonly moduleId: string
  /** When the hypervisor made the document: milliseconds since 1970. */
  readonly timestampMs: number
  /** PCRs by index, 0 to 31; every one that was locked. */
  readonly pcrs: ReadonlyMap<number, Uint8Array>
  /** DER of the certificate that signed the document. */
  readonly certificate: Uint8Array
  /** DER of its issuers, root first. */
  readonly cabundle: readonly Uint8Array[]
  /** Chosen by the enclave; undefined when it gave none. */
  readonly publicKey: Uint8Array | undefined
  readonly userData: Uint8Array | undefined
  readonly nonce: Uint8Array | undefined
}

/** An attestation document of the AWS Nitro hypervisor with its signature. */
export interface NitroEvidence {
  readonly message: CoseSign1
  readonly document: NitroDocument
}

const COSE_CODES: CoseCodes = {
  malformed: 'NITRO_DOCUMENT_MALFORMED',
  trailing: 'NITRO_TRAILING_BYTES',
  algorithmUnsupported: 'NITRO_ALGORITHM_UNSUPPORTED',
  criticalUnsupported: 'NITRO_CRITICAL_HEADER_UNSUPPORTED',
}
const FIELD_CODES: FieldCodes = { missing: 'NITRO_FIELD_MISSING', malformed: 'NITRO_FIELD_MALFORMED' }

/**
 * Parses an attestation document: COSE_Sign1 with or without tag 18, over a map of fields.
 *
 * Proves: the form. Does not prove: anything about who made it.
 * Source: AWS Nitro Enclaves NSM API, docs/attestation_process.md §3.2.2.
 *
 * @throws {MalformedEvidenceError} NITRO_DOCUMENT_MALFORMED, NITRO_TRAILING_BYTES, NITRO_ALGORITHM_UNSUPPORTED,
 * NITRO_CRITICAL_HEADER_UNSUPPORTED, NITRO_FIELD_MISSING, NITRO_FIELD_MALFORMED, NITRO_FIELD_UNKNOWN.
 */
export function parseNitro(bytes: Uint8Array): Unverified<NitroEvidence> {
  const message = parseCoseSign1(ownCopy(bytes), COSE_RULES, COSE_CODES)
  return { message, document: parsePayload(message.payload) }
}

function parsePayload(bytes: Uint8Array): NitroDocument {
  const document: CborDocument = { bytes, code: 'NITRO_DOCUMENT_MALFORMED' }
  const map = readCbor(document, PAYLOAD_RULES)
  if (map.kind !== 'map') return failCbor(document, 0, 'a map of fields')
  for (const [key, { at }] of map.entries) if (!isField(key)) failUnknown(at, key)
  const fields = fieldsOf(document, map, 'the document', FIELD_CODES)
  const { text, wrong } = fields
  const moduleId = text('module_id', 'module_id')
  if (moduleId.length === 0) wrong('module_id', 'module_id', 'text that is not empty')
  if (text('digest', 'digest') !== DIGEST) wrong('digest', 'digest', DIGEST)
  const timestampMs = fields.unsigned('timestamp', 'timestamp')
  if (timestampMs === 0) wrong('timestamp', 'timestamp', 'milliseconds above 0')
  return {
    moduleId,
    timestampMs,
    pcrs: pcrsOf(document, fields),
    certificate: fields.bytes('certificate', 'certificate', CERTIFICATE_SIZE),
    cabundle: bundleOf(document, fields),
    publicKey: optionalBytes(fields, map.entries.get('public_key'), 'public_key', PUBLIC_KEY_SIZE),
    userData: optionalBytes(fields, map.entries.get('user_data'), 'user_data', USER_DATA_SIZE),
    nonce: optionalBytes(fields, map.entries.get('nonce'), 'nonce', NONCE_SIZE),
  }
}

const isField = (key: unknown) => FIELDS.some((field) => field === key)

function failUnknown(offset: number, key: CborKey): never {
  const got = showKey(key)
  throw new MalformedEvidenceError('NITRO_FIELD_UNKNOWN', { offset, expected: FIELDS.join(', '), got })
}

function pcrsOf(document: CborDocument, fields: Fields): ReadonlyMap<number, Uint8Array> {
  const { entries } = fields.map('pcrs', 'pcrs')
  if (entries.size === 0 || entries.size > MAX_PCRS) fields.wrong('pcrs', 'pcrs', `1 to ${MAX_PCRS} values`)
  const malformed = { ...document, code: FIELD_CODES.malformed }
  const pcrs = new Map<number, Uint8Array>()
  for (const [index, value] of entries) {
    if (typeof index !== 'number' || index < 0 || index >= MAX_PCRS) {
      return fields.wrong('pcrs', 'pcrs', `indices 0 to ${MAX_PCRS - 1}`, showKey(index))
    }
    pcrs.set(index, bytesOfSize(malformed, value, `PCR${index}`, PCR_SIZES))
  }
  return pcrs
}

function bundleOf(document: CborDocument, fields: Fields): readonly Uint8Array[] {
  const items = fields.list('cabundle', 'cabundle')
  if (items.length === 0 || items.length > MAX_BUNDLE) {
    fields.wrong('cabundle', 'cabundle', `1 to ${MAX_BUNDLE} certificates`, `${items.length}`)
  }
  const malformed = { ...document, code: FIELD_CODES.malformed }
  return items.map((item) => bytesOfSize(malformed, item, 'a certificate of the bundle', CERTIFICATE_SIZE))
}

/** AWS writes null for what the enclave did not give. */
function optionalBytes(fields: Fields, item: CborItem | undefined, name: string, size: SizeRange) {
  if (!item || (item.kind === 'simple' && item.value === null)) return undefined
  return fields.bytes(name, name, size)
}
