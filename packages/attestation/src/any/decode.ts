import { MalformedEvidenceError } from '../errors.ts'
import { fromBase64, fromHex } from '../internal/bytes.ts'
import { isJsonObject, parseUniqueJson } from './json.ts'
import { detectEvidence, type EvidenceKind } from './kinds.ts'

/** Evidence taken out of its container. */
export interface DecodedEvidence {
  readonly kind: EvidenceKind
  /** As the TEE gave it. */
  readonly evidence: Uint8Array
  /** What the container carried beside the evidence, where it is of use. */
  readonly beside: {
    /** PEM certificates, as NVIDIA's collectors put next to the report. */
    readonly certificates?: Uint8Array
    /** JSON text of a dstack event log. */
    readonly eventLog?: Uint8Array
  }
  /** What was unwrapped, outermost first: `base64`, `JSON .quote`. Empty for binary evidence. */
  readonly containers: readonly string[]
}

/** Largest container read, bytes: Azure's and dstack's JSON with event logs stay below a tenth of it. */
export const MAX_EVIDENCE_CONTAINER_BYTES = 4 * 1024 * 1024
/** Base64 of JSON of base64 of hex is the deepest container seen in use. */
const MAX_CONTAINERS = 5

/**
 * Takes evidence out of what people keep it in: binary, hex, base64 (standard or URL), PEM blocks, and JSON with exactly
 * one field that holds evidence (as text or as an array of bytes).
 *
 * Proves: nothing; see {@link detectEvidence}.
 *
 * @throws {MalformedEvidenceError} EVIDENCE_KIND_UNKNOWN, EVIDENCE_CONTAINER_MALFORMED, EVIDENCE_CONTAINER_AMBIGUOUS.
 */
export function decodeEvidence(bytes: Uint8Array): DecodedEvidence {
  if (bytes.length > MAX_EVIDENCE_CONTAINER_BYTES) {
    throw new MalformedEvidenceError('EVIDENCE_CONTAINER_MALFORMED', {
      offset: MAX_EVIDENCE_CONTAINER_BYTES,
      expected: `at most ${MAX_EVIDENCE_CONTAINER_BYTES} bytes`,
      got: `${bytes.length}`,
    })
  }
  const found = unwrap(bytes, [])
  if (found) return found
  throw new MalformedEvidenceError('EVIDENCE_KIND_UNKNOWN', {
    offset: 0,
    expected: 'a TDX or SGX quote, an SNP report, a CCA token, an NVIDIA report or a Nitro document',
    got: bytes.length === 0 ? 'nothing' : `${bytes.length} bytes of something else`,
  })
}

function unwrap(bytes: Uint8Array, containers: readonly string[]): DecodedEvidence | undefined {
  const kind = detectEvidence(bytes)
  if (kind) return { kind, evidence: bytes, beside: {}, containers }
  if (containers.length === MAX_CONTAINERS) return undefined
  const text = asciiText(bytes)
  if (text === undefined) return undefined
  if (text.startsWith('{') || text.startsWith('[')) return unwrapJson(bytes, containers)
  return unwrapText(text, containers)
}

function unwrapText(text: string, containers: readonly string[]): DecodedEvidence | undefined {
  for (const [name, decode] of ENCODINGS) {
    const inner = decode(text)
    const found = inner && inner.length > 0 ? unwrap(inner, [...containers, name]) : undefined
    if (found) return found
  }
  return undefined
}

const ENCODINGS: readonly (readonly [string, (text: string) => Uint8Array | undefined])[] = [
  ['PEM', decodePem],
  ['hex', decodeHex],
  ['base64', decodeBase64],
]

/** Bytes of hex text; white space and a 0x in front are let through. */
export function decodeHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, '').replace(/^0x/i, '')
  return digits.length > 0 && digits.length % 2 === 0 && /^[0-9a-f]+$/i.test(digits) ? fromHex(digits) : undefined
}

/** Bytes of base64 text in either alphabet, with or without padding, broken into lines or not. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const padded = text.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/')
  // A pattern for the padding at the end would look from every `=` in the text.
  const end = padded.indexOf('=')
  const digits = end < 0 ? padded : padded.slice(0, end)
  if (!/^={0,2}$/.test(padded.slice(digits.length))) return undefined
  return digits.length === 0 ? undefined : fromBase64(digits.padEnd(Math.ceil(digits.length / 4) * 4, '='))
}

function decodePem(text: string): Uint8Array | undefined {
  const block = /^-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----$/.exec(text)
  return block?.[2] === undefined ? undefined : decodeBase64(block[2])
}

function unwrapJson(bytes: Uint8Array, containers: readonly string[]): DecodedEvidence | undefined {
  const json = parseUniqueJson(bytes, 'EVIDENCE_CONTAINER_MALFORMED', MAX_EVIDENCE_CONTAINER_BYTES)
  // NVIDIA's collectors write an array with one object per device; more than one has to be split by the caller.
  const root = Array.isArray(json) && json.length === 1 ? json[0] : json
  if (!isJsonObject(root)) return undefined
  const fields = Object.entries(root)
  const found = fields.flatMap(([name, value]) => {
    const inner = fieldBytes(value)
    const evidence = inner && unwrap(inner, [...containers, `JSON .${name}`])
    return evidence ? [evidence] : []
  })
  const [first, second] = found
  if (second) {
    throw new MalformedEvidenceError('EVIDENCE_CONTAINER_AMBIGUOUS', {
      offset: 0,
      expected: 'one field with evidence',
      got: found.map((one) => one.containers.at(containers.length) ?? '').join(' and '),
    })
  }
  return first && { ...first, beside: { ...besideOf(root), ...first.beside } }
}

/** Text as its UTF-8, an array of bytes as such. */
function fieldBytes(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return new TextEncoder().encode(value)
  if (!Array.isArray(value) || value.length === 0) return undefined
  return value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256) ? Uint8Array.from(value) : undefined
}

function besideOf(root: Readonly<Record<string, unknown>>): DecodedEvidence['beside'] {
  const certificates = typeof root.certificate === 'string' ? pemOf(root.certificate) : undefined
  const log = root.event_log
  const eventLog = typeof log === 'string' ? log : Array.isArray(log) ? JSON.stringify(log) : undefined
  return {
    ...(certificates && { certificates }),
    ...(eventLog !== undefined && { eventLog: new TextEncoder().encode(eventLog) }),
  }
}

/** PEM as it is, or in base64. */
function pemOf(text: string): Uint8Array | undefined {
  const pem = text.startsWith('-----BEGIN') ? new TextEncoder().encode(text) : decodeBase64(text)
  return pem && asciiText(pem)?.startsWith('-----BEGIN') ? pem : undefined
}

/** Trimmed text where every byte is printable ASCII or white space. */
function asciiText(bytes: Uint8Array): string | undefined {
  if (!bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d))) return undefined
  return new TextDecoder().decode(bytes).trim()
}
