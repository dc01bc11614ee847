import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'
import { fromHex } from './bytes.ts'
import { unixSecondsOf } from './der.ts'

/** A JSON value of the strict subset. */
export type StrictJson = string | number | readonly StrictJson[] | StrictObject
/** A JSON object; keys in their order, each once. */
export type StrictObject = ReadonlyMap<string, StrictJson>

/** A document being read: bytes and the code that says which document is malformed. */
interface Reader {
  readonly bytes: Uint8Array
  readonly code: ReasonCode
  at: number
}

/** Deeper nesting than any document read here has. */
const MAX_DEPTH = 8

/**
 * Parses the subset of JSON that Intel signs: objects, arrays, printable ASCII strings without escapes and integers
 * below 2^32, without white space. Everything else, and a key that stands twice, is malformed.
 */
export function parseStrictJson(bytes: Uint8Array, code: ReasonCode): StrictJson {
  const reader: Reader = { bytes, code, at: 0 }
  const value = readValue(reader, 0)
  if (reader.at !== bytes.length) fail(reader, 'the end')
  return value
}

function fail(reader: Reader, expected: string): never {
  const byte = reader.bytes[reader.at]
  const got = byte === undefined ? 'the end' : JSON.stringify(String.fromCharCode(byte))
  throw new MalformedEvidenceError(reader.code, { offset: reader.at, expected, got })
}

function readValue(reader: Reader, depth: number): StrictJson {
  if (depth > MAX_DEPTH) fail(reader, `at most ${MAX_DEPTH} levels`)
  switch (reader.bytes[reader.at]) {
    case 0x7b:
      return readObject(reader, depth)
    case 0x5b:
      return readArray(reader, depth)
    case 0x22:
      return readString(reader)
    default:
      return readInteger(reader)
  }
}

function readObject(reader: Reader, depth: number): StrictObject {
  const members = new Map<string, StrictJson>()
  readList(reader, '}', () => {
    const keyAt = reader.at
    const key = readString(reader)
    if (members.has(key)) {
      reader.at = keyAt
      fail(reader, `each key once, not ${JSON.stringify(key)} again`)
    }
    take(reader, ':')
    members.set(key, readValue(reader, depth + 1))
  })
  return members
}

function readArray(reader: Reader, depth: number): readonly StrictJson[] {
  const items: StrictJson[] = []
  readList(reader, ']', () => items.push(readValue(reader, depth + 1)))
  return items
}

function readList(reader: Reader, close: '}' | ']', readItem: () => void): void {
  reader.at++
  if (peek(reader) === close) {
    reader.at++
    return
  }
  for (;;) {
    readItem()
    const separator = peek(reader)
    if (separator !== ',' && separator !== close) fail(reader, `"," or "${close}"`)
    reader.at++
    if (separator === close) return
  }
}

function readString(reader: Reader): string {
  take(reader, '"')
  let text = ''
  for (;;) {
    const byte = reader.bytes[reader.at]
    if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === 0x5c) fail(reader, 'a printable ASCII letter')
    reader.at++
    if (byte === 0x22) return text
    text += String.fromCharCode(byte)
  }
}

function readInteger(reader: Reader): number {
  const start = reader.at
  let digits = ''
  for (;;) {
    const letter = peek(reader)
    if (letter === undefined || letter < '0' || letter > '9' || digits.length > 10) break
    digits += letter
    reader.at++
  }
  const value = Number(digits)
  if (!/^(0|[1-9]\d*)$/.test(digits) || value > 0xffff_ffff) {
    reader.at = start
    fail(reader, 'an integer below 2^32')
  }
  return value
}

function peek(reader: Reader): string | undefined {
  const byte = reader.bytes[reader.at]
  return byte === undefined ? undefined : String.fromCharCode(byte)
}

function take(reader: Reader, letter: string): void {
  if (peek(reader) !== letter) fail(reader, JSON.stringify(letter))
  reader.at++
}

/** Reads members of one object with their exact types; {@link ObjectShape.done} refuses whatever was not asked for. */
export interface ObjectShape {
  readonly has: (key: string) => boolean
  readonly text: (key: string) => string
  readonly integer: (key: string, max?: number) => number
  /** Bytes of exactly `lengthBytes` in hex. */
  readonly hex: (key: string, lengthBytes: number) => Uint8Array
  /** Unix seconds of `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly time: (key: string) => number
  readonly object: (key: string) => ObjectShape
  readonly objects: (key: string) => readonly ObjectShape[]
  readonly texts: (key: string) => readonly string[]
  readonly choice: <T extends string>(key: string, choices: readonly T[]) => T
  readonly wrong: (key: string, expected: string) => never
  readonly done: () => void
}

/** Opens a value as an object of a fixed shape. `path` names it in errors. */
export function shapeOf(value: StrictJson | undefined, code: ReasonCode, path: string): ObjectShape {
  const wrong = (key: string, expected: string): never => {
    throw new MalformedEvidenceError(
      code,
      { offset: 0, expected, got: 'something else' },
      { details: `${path}.${key}` },
    )
  }
  if (!(value instanceof Map)) return wrong('', 'an object')
  const members: StrictObject = value
  const asked = new Set<string>()
  const get = (key: string) => {
    asked.add(key)
    return members.get(key)
  }
  const text = (key: string) => {
    const member = get(key)
    return typeof member === 'string' ? member : wrong(key, 'text')
  }
  const list = (key: string) => {
    const member = get(key)
    return Array.isArray(member) ? (member as readonly StrictJson[]) : wrong(key, 'an array')
  }
  return {
    has: (key) => members.has(key),
    text,
    integer: (key, max = 0xffff_ffff) => {
      const member = get(key)
      return typeof member === 'number' && member <= max ? member : wrong(key, `an integer up to ${max}`)
    },
    hex: (key, lengthBytes) => {
      const digits = text(key)
      const right = digits.length === 2 * lengthBytes && /^[0-9A-Fa-f]*$/.test(digits)
      return right ? fromHex(digits) : wrong(key, `${lengthBytes} bytes of hex`)
    },
    time: (key) => unixSecondsOf(text(key)) ?? wrong(key, 'a date of the form YYYY-MM-DDTHH:MM:SSZ'),
    object: (key) => shapeOf(get(key), code, `${path}.${key}`),
    objects: (key) => list(key).map((item, index) => shapeOf(item, code, `${path}.${key}[${index}]`)),
    choice: (key, choices) => choices.find((choice) => choice === text(key)) ?? wrong(key, choices.join(' | ')),
    wrong,
    texts: (key) => list(key).map((item) => (typeof item === 'string' ? item : wrong(key, 'texts'))),
    done: () => {
      for (const key of members.keys()) if (!asked.has(key)) wrong(key, 'no such key')
    },
  }
}
