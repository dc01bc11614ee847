import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'

/** A plain object as JSON knows it. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Deeper nesting than any document read here has. */
const MAX_DEPTH = 32

/**
 * Parses JSON from outside: UTF-8, at most `maxBytes`, at most 32 levels, no key twice in one object (parsers disagree on
 * which of the two counts).
 *
 * @throws {MalformedEvidenceError} `code`, with the offset in characters where it is known.
 */
export function parseUniqueJson(bytes: Uint8Array, code: ReasonCode, maxBytes: number): unknown {
  if (bytes.length > maxBytes) {
    throw new MalformedEvidenceError(code, {
      offset: maxBytes,
      expected: `at most ${maxBytes} bytes`,
      got: `${bytes.length} bytes`,
    })
  }
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    const got = cause instanceof SyntaxError ? cause.message.slice(0, 120) : 'bytes that are not UTF-8'
    throw new MalformedEvidenceError(code, { offset: 0, expected: 'JSON in UTF-8', got }, { cause })
  }
  expectUniqueKeys(text, code)
  return value
}

/** Whether a JSON value is an object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Walks the tokens of text that `JSON.parse` has accepted. */
function expectUniqueKeys(text: string, code: ReasonCode): void {
  const open: (Set<string> | undefined)[] = []
  let keyNext = false
  for (let at = 0; at < text.length; at++) {
    const token = text[at]
    const keys = open.at(-1)
    if (token === '{' || token === '[') {
      if (open.length === MAX_DEPTH) fail(code, at, `at most ${MAX_DEPTH} levels`, 'more')
      open.push(token === '{' ? new Set() : undefined)
      keyNext = token === '{'
    } else if (token === '}' || token === ']') {
      open.pop()
      keyNext = false
    } else if (token === ',') {
      keyNext = keys !== undefined
    } else if (token === '"') {
      const end = endOfString(text, at)
      if (keyNext && keys) {
        const key = String(JSON.parse(text.slice(at, end + 1)))
        if (keys.has(key)) fail(code, at, 'each key once', `${JSON.stringify(key)} again`)
        keys.add(key)
        keyNext = false
      }
      at = end
    }
  }
}

/** Place of the quotation mark that closes the string at `start`. No pattern: it would need a stack as long as the string. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function fail(code: ReasonCode, offset: number, expected: string, got: string): never {
  throw new MalformedEvidenceError(code, { offset, expected, got })
}
