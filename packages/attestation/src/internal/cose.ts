import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'
import { concat } from './bytes.ts'
import {
  type CborDocument,
  type CborItem,
  type CborKey,
  type CborMap,
  type CborRules,
  failCbor,
  readCbor,
  showKey,
} from './cbor.ts'
import type { HashName } from './hashes.ts'
import { EC_SIZE, type EcCurve } from './signatures.ts'

/** An ECDSA algorithm of COSE with the curve it belongs to (RFC 9053 §2.1). */
export interface CoseAlgorithm {
  readonly name: 'ES256' | 'ES384' | 'ES512'
  readonly id: number
  readonly curve: EcCurve
  readonly hash: HashName
}

export const ES256: CoseAlgorithm = { name: 'ES256', id: -7, curve: 'P-256', hash: 'SHA-256' }
export const ES384: CoseAlgorithm = { name: 'ES384', id: -35, curve: 'P-384', hash: 'SHA-384' }
export const ES512: CoseAlgorithm = { name: 'ES512', id: -36, curve: 'P-521', hash: 'SHA-512' }

/** A COSE_Sign1 message (RFC 9052 §4.2). Nothing verified yet. */
export interface CoseSign1 {
  readonly algorithm: CoseAlgorithm
  /** A view of the input. */
  readonly payload: Uint8Array
  /** r‖s, each as wide as the curve of the algorithm. */
  readonly signature: Uint8Array
  /** The Sig_structure: exactly what is signed. */
  readonly toBeSigned: Uint8Array<ArrayBuffer>
}

/** Codes of what can be wrong with a message. */
export interface CoseCodes {
  readonly malformed: ReasonCode
  readonly trailing?: ReasonCode
  readonly algorithmUnsupported: ReasonCode
  readonly criticalUnsupported: ReasonCode
}

/** What a family of messages may look like. */
export interface CoseRules {
  /** Bounds of the message; its heads are unsigned, so only their shortest form is read. */
  readonly message: CborRules
  /** Bounds of the protected header, which is signed as it stands. */
  readonly protectedHeader: CborRules
  /** Whether tag 18 has to be there. */
  readonly tag: 'required' | 'optional'
  readonly algorithms: readonly CoseAlgorithm[]
}

const COSE_SIGN1_TAG = 18
/** Header labels (RFC 9052 §3.1). */
const LABEL = { algorithm: 1, critical: 2 } as const
/** Labels whose meaning is kept here, so that `crit` may name them. */
const UNDERSTOOD: readonly CborKey[] = [LABEL.algorithm]

/**
 * Parses a COSE_Sign1 message: `[protected, unprotected, payload, signature]`, attached payload.
 *
 * Proves: the layout; a known algorithm in the protected header, and nothing unprotected. Does not prove: the signature.
 * Unknown critical headers are refused (RFC 9052 §3.1).
 */
export function parseCoseSign1(bytes: Uint8Array, rules: CoseRules, codes: CoseCodes): CoseSign1 {
  const document: CborDocument = {
    bytes,
    code: codes.malformed,
    ...(codes.trailing && { trailingCode: codes.trailing }),
  }
  const [protectedHeader, unprotected, payload, signature] = partsOf(document, readCbor(document, rules.message), rules)
  if (protectedHeader?.kind !== 'bytes') return failCbor(document, protectedHeader?.at ?? 0, 'a protected header')
  // What stands there is not signed, and nothing of it is used.
  if (unprotected?.kind !== 'map' || unprotected.entries.size > 0) {
    return failCbor(document, unprotected?.at ?? 0, 'no unprotected header')
  }
  if (payload?.kind !== 'bytes') return failCbor(document, payload?.at ?? 0, 'an attached payload')
  if (signature?.kind !== 'bytes') return failCbor(document, signature?.at ?? 0, 'a signature')
  const headers = headersOf(protectedHeader.value, rules, codes)
  const algorithm = algorithmOf(headers, rules, codes)
  const size = 2 * EC_SIZE[algorithm.curve]
  if (signature.value.length !== size) {
    failCbor(document, signature.at, `${size} bytes of signature`, `${signature.value.length}`)
  }
  return {
    algorithm,
    payload: payload.value,
    signature: signature.value,
    toBeSigned: sigStructure(protectedHeader.value, payload.value),
  }
}

function partsOf(document: CborDocument, item: CborItem, { tag }: CoseRules): readonly CborItem[] {
  const tagged = item.kind === 'tag' && item.tag === COSE_SIGN1_TAG
  if (!tagged && tag === 'required') failCbor(document, 0, `tag ${COSE_SIGN1_TAG}`)
  const message = tagged ? item.content : item
  if (message.kind !== 'array' || message.items.length !== 4) return failCbor(document, message.at, 'an array of four')
  return message.items
}

/** RFC 9052 §3: an empty header may be a byte string of length zero. */
function headersOf(bytes: Uint8Array, rules: CoseRules, codes: CoseCodes): CborMap['entries'] {
  if (bytes.length === 0) return new Map()
  const document = { bytes, code: codes.malformed }
  const item = readCbor(document, rules.protectedHeader)
  if (item.kind !== 'map') return failCbor(document, 0, 'a map of protected headers')
  const critical = item.entries.get(LABEL.critical)
  if (!critical) return item.entries
  if (critical.kind !== 'array' || critical.items.length === 0) {
    return failCbor(document, critical.at, 'an array of critical labels')
  }
  for (const label of critical.items) {
    if (label.kind !== 'integer' && label.kind !== 'text') return failCbor(document, label.at, 'a label')
    if (UNDERSTOOD.includes(label.value) && item.entries.has(label.value)) continue
    throw new MalformedEvidenceError(codes.criticalUnsupported, {
      offset: label.at,
      expected: 'no critical header besides the algorithm',
      got: showKey(label.value),
    })
  }
  return item.entries
}

function algorithmOf(headers: CborMap['entries'], rules: CoseRules, codes: CoseCodes): CoseAlgorithm {
  const item = headers.get(LABEL.algorithm)
  const value = item?.kind === 'integer' || item?.kind === 'text' ? item.value : undefined
  const algorithm = rules.algorithms.find(({ id }) => id === value)
  if (algorithm) return algorithm
  throw new MalformedEvidenceError(codes.algorithmUnsupported, {
    offset: item?.at ?? 0,
    expected: rules.algorithms.map(({ name, id }) => `${name} (${id})`).join(' or '),
    got: value === undefined ? 'none' : showKey(value),
  })
}

/** `["Signature1", protected, external_aad = empty, payload]` in deterministic encoding (RFC 9052 §4.4). */
function sigStructure(protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(
    SIG_STRUCTURE_HEAD,
    byteStringHead(protectedHeader.length),
    protectedHeader,
    byteStringHead(0),
    byteStringHead(payload.length),
    payload,
  )
}

/** Array of four, text of ten characters: "Signature1". */
const SIG_STRUCTURE_HEAD = Uint8Array.of(0x84, 0x6a, ...new TextEncoder().encode('Signature1'))

/** Head of a byte string; lengths are bounded by the rules, far below 2^32. */
function byteStringHead(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(0x40 | length)
  if (length < 0x100) return Uint8Array.of(0x58, length)
  if (length < 0x1_0000) return Uint8Array.of(0x59, length >> 8, length & 0xff)
  return Uint8Array.of(0x5a, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff)
}
