import { fromUtf8 } from './bytes.ts'
import { failure } from './errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = new Set([0x7b, 0x5b])
const CLOSE = new Set([0x7d, 0x5d])
const COMMA = 0x2c
const COLON = 0x3a
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d])

/** A JSON object with the exact bytes of each of its members: signatures are over those, not over a re-print. */
export interface JsonMembers {
  readonly value: Readonly<Record<string, unknown>>
  readonly bytesOf: (key: string) => Uint8Array<ArrayBuffer>
}

/**
 * Reads a JSON object and where its members stand.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_ANSWER_MALFORMED: not UTF-8, not JSON, not an object, a name twice.
 */
export function readJsonMembers(bytes: Uint8Array<ArrayBuffer>, url: string): JsonMembers {
  const value = readJsonObject(bytes, url)
  const members = scanMembers(bytes)
  const names = Object.keys(value)
  // JSON.parse takes the last of two members with one name; a signature could then be over the first.
  if (names.length !== members.length) throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: a name twice`)
  return {
    value,
    bytesOf: (key) => {
      const found = members.find((member) => member.name === key)
      if (!found) throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: no ${key}`)
      return bytes.slice(found.start, found.stop)
    },
  }
}

/** Parses a JSON object. Throws ENDORSEMENTS_ANSWER_MALFORMED. */
export function readJsonObject(bytes: Uint8Array, url: string): Readonly<Record<string, unknown>> {
  const text = fromUtf8(bytes)
  let value: unknown
  try {
    value = text === undefined ? undefined : JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: expected a JSON object`)
  }
  return value as Readonly<Record<string, unknown>>
}

interface Member {
  readonly name: string
  readonly start: number
  readonly stop: number
}

/** Spans of the members of an object that is known to be JSON. */
function scanMembers(bytes: Uint8Array): readonly Member[] {
  const members: Member[] = []
  let depth = 0
  let name: string | undefined
  let start = 0
  let at = 0
  const close = (stop: number) => {
    if (name === undefined) return
    let end = stop
    while (SPACE.has(bytes[end - 1] ?? 0)) end--
    members.push({ name, start, stop: end })
    name = undefined
  }
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) {
      const stop = stringEnd(bytes, at)
      if (depth === 1 && name === undefined) {
        name = JSON.parse(new TextDecoder().decode(bytes.subarray(at, stop))) as string
        at = skip(bytes, stop, COLON)
        start = at
      } else at = stop
      continue
    }
    if (OPEN.has(byte)) depth++
    else if (CLOSE.has(byte)) {
      depth--
      if (depth === 0) close(at)
    } else if (byte === COMMA && depth === 1) close(at)
    at++
  }
  return members
}

/** Position behind the closing quote. */
function stringEnd(bytes: Uint8Array, at: number): number {
  for (let next = at + 1; next < bytes.length; next++) {
    if (bytes[next] === BACKSLASH) next++
    else if (bytes[next] === QUOTE) return next + 1
  }
  return bytes.length
}

/** Position of the value behind blanks and one `mark`. */
function skip(bytes: Uint8Array, at: number, mark: number): number {
  let next = at
  while (SPACE.has(bytes[next] ?? 0) || bytes[next] === mark) next++
  return next
}

/** Unix seconds of `YYYY-MM-DDTHH:MM:SSZ`; undefined for anything else. */
export function unixSecondsOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms / 1000
}
