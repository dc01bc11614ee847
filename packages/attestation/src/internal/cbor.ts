import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'

/** A CBOR document together with the code that says which document is malformed. */
export interface CborDocument {
  readonly bytes: Uint8Array
  readonly code: ReasonCode
  /** Code for bytes behind the item, where they have one of their own. */
  readonly trailingCode?: ReasonCode
}

/** What a family of documents may look like. Indefinite lengths are refused but for the one place named here. */
export interface CborRules {
  /** Bounds the memory that one document can take, before any of it is taken. */
  readonly maxBytes: number
  readonly maxItems: number
  readonly maxDepth: number
  /** `shortest`: every head is as short as it can be (RFC 8949 §4.2.1). `any`: preferred serialisation is not demanded. */
  readonly heads: 'shortest' | 'any'
  /** Whether the outermost map may have indefinite length (0xbf), as in the payloads of AWS Nitro. */
  readonly topMap: 'definite' | 'indefinite-allowed'
}

interface Place {
  /** Offset of the first byte of the item, and of the first one behind it. */
  readonly at: number
  readonly stop: number
}
/** Integers beyond 2^53 are bigint. */
export interface CborInteger extends Place {
  readonly kind: 'integer'
  readonly value: number | bigint
}
/** A view of the document, not a copy. */
export interface CborBytes extends Place {
  readonly kind: 'bytes'
  readonly value: Uint8Array
}
export interface CborText extends Place {
  readonly kind: 'text'
  readonly value: string
}
export interface CborArray extends Place {
  readonly kind: 'array'
  readonly items: readonly CborItem[]
}
/** Keys are integers and texts; 1 and "1" are different keys. */
export interface CborMap extends Place {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<CborKey, CborItem>
}
export interface CborTag extends Place {
  readonly kind: 'tag'
  readonly tag: number | bigint
  readonly content: CborItem
}
/** false, true, null; `other` for what nothing here gives a meaning to (undefined, unassigned values, floats). */
export interface CborSimple extends Place {
  readonly kind: 'simple'
  readonly value: boolean | null | 'other'
}
/** What a key of a map may be. */
export type CborKey = number | bigint | string
/** One well-formed data item (RFC 8949). */
export type CborItem = CborInteger | CborBytes | CborText | CborArray | CborMap | CborTag | CborSimple

/** A key for an error: texts quoted, escaped and cut, since they come from outside. */
export const showKey = (key: CborKey) => (typeof key === 'string' ? JSON.stringify(key.slice(0, 40)) : `${key}`)

/** Throws the document's malformed error. */
export function failCbor(document: CborDocument, offset: number, expected: string, got?: string): never {
  const byte = document.bytes[offset]
  const found = got ?? (byte === undefined ? 'the end' : `0x${byte.toString(16).padStart(2, '0')}`)
  throw new MalformedEvidenceError(document.code, { offset, expected, got: found })
}

/**
 * Reads one CBOR data item that fills the document (RFC 8949).
 *
 * Proves: well-formed, UTF-8 texts, no key twice in a map, within the bounds of the rules. Refuses indefinite lengths
 * (but see {@link CborRules.topMap}), counts and lengths beyond the end before anything is allocated, and keys that are
 * neither integers nor texts. Byte strings alias the input.
 */
export function readCbor(document: CborDocument, rules: CborRules): CborItem {
  const { bytes } = document
  if (bytes.length > rules.maxBytes) {
    failCbor(document, rules.maxBytes, `at most ${rules.maxBytes} bytes`, `${bytes.length} bytes`)
  }
  const item = readItem({ document, rules, items: 0 }, 0, 0)
  if (item.stop !== bytes.length) {
    failCbor({ ...document, code: document.trailingCode ?? document.code }, item.stop, 'the end')
  }
  return item
}

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const
/** Additional information 31: an indefinite length, or the break behind it. */
const INDEFINITE = 31
const BREAK = 0xff
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

interface Reader {
  readonly document: CborDocument
  readonly rules: CborRules
  /** Items read so far. */
  items: number
}

function readItem(reader: Reader, at: number, depth: number): CborItem {
  const { document, rules } = reader
  if (++reader.items > rules.maxItems) failCbor(document, at, `at most ${rules.maxItems} items`)
  if (depth > rules.maxDepth) failCbor(document, at, `at most ${rules.maxDepth} levels`)
  const first = document.bytes[at]
  if (first === undefined) return failCbor(document, at, 'a data item')
  const major = first >> 5
  if (major === MAJOR.simple) return readSimple(document, at)
  if ((first & 0x1f) === INDEFINITE) {
    if (major !== MAJOR.map || depth > 0 || rules.topMap === 'definite') failCbor(document, at, 'a definite length')
    return readMap(reader, at, at + 1, undefined, depth)
  }
  const { argument, start } = readArgument(reader, at)
  switch (major) {
    case MAJOR.unsigned:
      return { kind: 'integer', value: argument, at, stop: start }
    case MAJOR.negative:
      return { kind: 'integer', value: typeof argument === 'bigint' ? -1n - argument : -1 - argument, at, stop: start }
    case MAJOR.tag: {
      const content = readItem(reader, start, depth + 1)
      return { kind: 'tag', tag: argument, content, at, stop: content.stop }
    }
    case MAJOR.array:
      return readArray(reader, at, start, countOf(document, at, start, argument, 1), depth)
    case MAJOR.map:
      return readMap(reader, at, start, countOf(document, at, start, argument, 2), depth)
    default:
      return readString(document, major, at, start, countOf(document, at, start, argument, 1))
  }
}

/** The argument of a head: in the head itself, or in 1, 2, 4 or 8 bytes behind it. */
function readArgument({ document, rules }: Reader, at: number): { argument: number | bigint; start: number } {
  const { bytes } = document
  const info = (bytes[at] ?? 0) & 0x1f
  if (info < 24) return { argument: info, start: at + 1 }
  if (info > 27) failCbor(document, at, 'a head that RFC 8949 defines')
  const size = 1 << (info - 24)
  const start = at + 1 + size
  if (start > bytes.length) failCbor(document, bytes.length, `${size} bytes of argument`)
  let argument = 0n
  for (const byte of bytes.subarray(at + 1, start)) argument = argument * 256n + BigInt(byte)
  const smallest = size === 1 ? 24n : 1n << BigInt(4 * size)
  if (rules.heads === 'shortest' && argument < smallest) failCbor(document, at, 'the shortest head')
  return { argument: argument <= Number.MAX_SAFE_INTEGER ? Number(argument) : argument, start }
}

/** A length or count that the rest of the document can hold, at `width` bytes or more for each. */
function countOf(document: CborDocument, at: number, start: number, argument: number | bigint, width: number): number {
  const most = Math.floor((document.bytes.length - start) / width)
  if (typeof argument === 'bigint' || argument > most) {
    return failCbor(document, at, `a length of at most ${most}`, `${argument}`)
  }
  return argument
}

function readString(document: CborDocument, major: number, at: number, start: number, length: number): CborItem {
  const stop = start + length
  const value = document.bytes.subarray(start, stop)
  if (major === MAJOR.bytes) return { kind: 'bytes', value, at, stop }
  try {
    return { kind: 'text', value: UTF8.decode(value), at, stop }
  } catch {
    return failCbor(document, start, 'UTF-8', 'other bytes')
  }
}

function readArray(reader: Reader, at: number, start: number, count: number, depth: number): CborArray {
  const items: CborItem[] = []
  let stop = start
  while (items.length < count) {
    const item = readItem(reader, stop, depth + 1)
    items.push(item)
    stop = item.stop
  }
  return { kind: 'array', items, at, stop }
}

/** Entries up to `count`, or up to the break when there is none. */
function readMap(reader: Reader, at: number, start: number, count: number | undefined, depth: number): CborMap {
  const { document } = reader
  const entries = new Map<CborKey, CborItem>()
  let stop = start
  while (count === undefined ? document.bytes[stop] !== BREAK : entries.size < count) {
    const key = readItem(reader, stop, depth + 1)
    if (key.kind !== 'integer' && key.kind !== 'text') return failCbor(document, key.at, 'an integer or text as key')
    if (entries.has(key.value)) failCbor(document, key.at, 'each key once', `${showKey(key.value)} again`)
    const value = readItem(reader, key.stop, depth + 1)
    entries.set(key.value, value)
    stop = value.stop
  }
  return { kind: 'map', entries, at, stop: count === undefined ? stop + 1 : stop }
}

const SIMPLE: Readonly<Record<number, boolean | null>> = { 20: false, 21: true, 22: null }
/** Bytes behind the head of a half, single and double float. */
const FLOAT_SIZES: Readonly<Record<number, number>> = { 25: 2, 26: 4, 27: 8 }

function readSimple(document: CborDocument, at: number): CborSimple {
  const { bytes } = document
  const info = (bytes[at] ?? 0) & 0x1f
  const known = SIMPLE[info]
  if (known !== undefined) return { kind: 'simple', value: known, at, stop: at + 1 }
  if (info < 24) return { kind: 'simple', value: 'other', at, stop: at + 1 }
  if (info === 24) {
    // RFC 8949 §3.3: below 32 the two-byte form is not well-formed.
    if ((bytes[at + 1] ?? 0) < 32) failCbor(document, at + 1, 'a simple value from 32 on')
    return { kind: 'simple', value: 'other', at, stop: at + 2 }
  }
  const size = FLOAT_SIZES[info]
  if (size === undefined) return failCbor(document, at, 'a data item')
  if (at + 1 + size > bytes.length) failCbor(document, bytes.length, `${size} bytes of float`)
  return { kind: 'simple', value: 'other', at, stop: at + 1 + size }
}
