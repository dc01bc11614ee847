import { CannotCheckError } from '../../../errors.ts'
import type { VectorEntry } from './manifest.ts'

/** Reads an entry's own policy: typed values, and no key that nobody asked for. */
export interface PolicyKeys {
  flag(name: string): boolean | undefined
  number(name: string): number | undefined
  text(name: string): string | undefined
  texts(name: string): readonly string[] | undefined
  /** A nested object, read by the same rules. */
  inner(name: string): PolicyKeys
  /** Refuses keys that were not read: a policy that is half understood judges nothing. */
  done(): void
}

/** Reader over the entry's policy. */
export function policyKeysOf(entry: VectorEntry): PolicyKeys {
  return keysOf(entry.policy, 'policy')
}

function keysOf(fields: Readonly<Record<string, unknown>>, path: string): PolicyKeys {
  const read = new Set<string>()
  const inner: PolicyKeys[] = []
  const take = <T>(name: string, expected: string, is: (value: unknown) => value is T): T | undefined => {
    read.add(name)
    const value = fields[name]
    if (value === undefined || value === null) return undefined
    return is(value) ? value : unknownKey(`${path}.${name}: expected ${expected}`)
  }
  return {
    flag: (name) => take(name, 'true or false', (value) => typeof value === 'boolean'),
    number: (name) => take(name, 'a number', (value): value is number => Number.isSafeInteger(value)),
    text: (name) => take(name, 'a text', (value) => typeof value === 'string'),
    texts: (name) => take(name, 'a list of texts', isTexts),
    inner: (name) => {
      const value = take(name, 'an object', isObject)
      const keys = keysOf(value ?? {}, `${path}.${name}`)
      inner.push(keys)
      return keys
    },
    done: () => {
      const left = Object.keys(fields).filter((name) => !read.has(name))
      if (left.length > 0) unknownKey(left.map((name) => `${path}.${name}: no such key for this kind`).join('; '))
      for (const keys of inner) keys.done()
    },
  }
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function unknownKey(problem: string): never {
  throw new CannotCheckError('CLI_VECTOR_POLICY_UNKNOWN', { metaMessages: [problem] })
}
