import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'
import type { CborDocument, CborItem, CborKey, CborMap } from './cbor.ts'
import { failCbor } from './cbor.ts'

/** Codes of what can be wrong with a field of a map. */
export interface FieldCodes {
  readonly missing: ReasonCode
  /** Another type, size or value than documented. */
  readonly malformed: ReasonCode
}

/** Typed access to the fields of one map. Every reader refuses a missing field; `has` asks first. */
export interface Fields {
  readonly has: (key: CborKey) => boolean
  readonly text: (key: CborKey, name: string) => string
  /** Between 0 and `max`. */
  readonly unsigned: (key: CborKey, name: string, max?: number) => number
  /** Of one of the given sizes, or of any size between two bounds. */
  readonly bytes: (key: CborKey, name: string, sizes: readonly number[] | SizeRange) => Uint8Array
  readonly boolean: (key: CborKey, name: string) => boolean
  readonly list: (key: CborKey, name: string) => readonly CborItem[]
  readonly map: (key: CborKey, name: string) => CborMap
  /** Refuses the value of a field that is there. */
  readonly wrong: (key: CborKey, name: string, expected: string, got?: string) => never
}

/** Both inside. */
export interface SizeRange {
  readonly min: number
  readonly max: number
}

/** Opens a map for typed access. Fields that nobody asks for are ignored, whatever they hold. */
export function fieldsOf(document: CborDocument, map: CborItem, name: string, codes: FieldCodes): Fields {
  const malformed = { ...document, code: codes.malformed }
  if (map.kind !== 'map') return failCbor(malformed, map.at, `${name} as a map`)
  const { entries } = map
  const get = (key: CborKey, field: string): CborItem => {
    const item = entries.get(key)
    if (item) return item
    const expected = `${field} (${JSON.stringify(key)})`
    throw new MalformedEvidenceError(codes.missing, { offset: map.at, expected, got: 'no such field' })
  }
  const wrong = (key: CborKey, field: string, expected: string, got?: string) =>
    failCbor(malformed, get(key, field).at, `${field} as ${expected}`, got)
  const list = (key: CborKey, field: string) => {
    const item = get(key, field)
    return item.kind === 'array' ? item.items : wrong(key, field, 'an array')
  }
  return {
    has: (key) => entries.has(key),
    wrong,
    list,
    text: (key, field) => {
      const item = get(key, field)
      return item.kind === 'text' ? item.value : wrong(key, field, 'text')
    },
    unsigned: (key, field, max = Number.MAX_SAFE_INTEGER) => {
      const item = get(key, field)
      const right = item.kind === 'integer' && typeof item.value === 'number' && item.value >= 0 && item.value <= max
      return right && typeof item.value === 'number' ? item.value : wrong(key, field, `an integer from 0 to ${max}`)
    },
    bytes: (key, field, sizes) => {
      const item = get(key, field)
      if (item.kind === 'bytes' && isOfSize(item.value.length, sizes)) return item.value
      return wrong(key, field, `${showSizes(sizes)} bytes`, item.kind === 'bytes' ? `${item.value.length}` : undefined)
    },
    boolean: (key, field) => {
      const item = get(key, field)
      return item.kind === 'simple' && typeof item.value === 'boolean' ? item.value : wrong(key, field, 'a boolean')
    },
    map: (key, field) => {
      const item = get(key, field)
      return item.kind === 'map' ? item : wrong(key, field, 'a map')
    },
  }
}

/** Content of a byte string of one of the given sizes. */
export function bytesOfSize(
  document: CborDocument,
  item: CborItem,
  name: string,
  sizes: readonly number[] | SizeRange,
): Uint8Array {
  if (item.kind === 'bytes' && isOfSize(item.value.length, sizes)) return item.value
  const got = item.kind === 'bytes' ? `${item.value.length}` : undefined
  return failCbor(document, item.at, `${name} as ${showSizes(sizes)} bytes`, got)
}

const isRange = (sizes: readonly number[] | SizeRange): sizes is SizeRange => 'min' in sizes
const isOfSize = (size: number, sizes: readonly number[] | SizeRange) =>
  isRange(sizes) ? size >= sizes.min && size <= sizes.max : sizes.includes(size)
const showSizes = (sizes: readonly number[] | SizeRange) =>
  isRange(sizes) ? `${sizes.min} to ${sizes.max}` : sizes.join(', ')
