import canonicalize from 'canonicalize'
import { type Hex, sha256 } from 'viem'
import { utf8 } from './bytes.ts'
import { ProtocolError } from './errors.ts'

/**
 * Canonical JSON (RFC 8785) of a plain JSON value.
 *
 * @throws {ProtocolError} `CANONICAL_JSON_UNREPRESENTABLE` for bigint, NaN, undefined, functions, cycles, lone surrogates.
 */
export function canonicalJson(value: unknown): string {
  assertPlainJson(value, 0)
  try {
    const text = canonicalize(value)
    if (text !== undefined) return text
  } catch (cause) {
    throw new ProtocolError('CANONICAL_JSON_UNREPRESENTABLE', { cause })
  }
  throw new ProtocolError('CANONICAL_JSON_UNREPRESENTABLE')
}

/** sha256 over the UTF-8 of the canonical JSON: hash of manifests, configurations and policies. */
export function canonicalDigest(value: unknown): Hex {
  return sha256(utf8(canonicalJson(value)))
}

/**
 * Digest of a node's whole effective configuration, which the keyset binds.
 *
 * Absent and `undefined` must not be confused with a default, so `undefined` is refused: write every value out.
 */
export function configDigest(configuration: Readonly<Record<string, unknown>>): Hex {
  return canonicalDigest(configuration)
}

const MAX_DEPTH = 64

/** JSON.stringify drops or converts what it does not know (undefined, Date, Map); a digest must not. */
function assertPlainJson(value: unknown, depth: number): void {
  if (depth > MAX_DEPTH)
    throw new ProtocolError('CANONICAL_JSON_UNREPRESENTABLE', { metaMessages: ['nested too deep'] })
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number') return
  if (Array.isArray(value)) {
    for (const item of value) assertPlainJson(item, depth + 1)
    return
  }
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined
  if (prototype !== Object.prototype && prototype !== null) {
    throw new ProtocolError('CANONICAL_JSON_UNREPRESENTABLE', { metaMessages: [`got a ${typeof value}`] })
  }
  for (const item of Object.values(value as object)) assertPlainJson(item, depth + 1)
}
