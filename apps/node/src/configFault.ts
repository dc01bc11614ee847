import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** Longer texts are counted, not shown: a private key that was pasted into a wrong field has 64 digits. */
const MAX_SHOWN = 42

/**
 * One fault of a configuration as `path: found X, allowed Y`, in words of this project.
 *
 * Never shows what may be secret: URLs carry keys of their hosts, and long texts may be keys.
 *
 * @param input - What was checked, to say what was found.
 */
export function describeFault(issue: Issue, input: unknown): readonly string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: unknown key`)
  const where = issue.path.length === 0 ? '(file)' : issue.path.join('.')
  const found = valueAt(input, issue.path)
  const allowed = allowedBy(issue)
  // Says what fits together; one found value would not explain it.
  if (issue.code === 'custom' && typeof found === 'object') return [`${where}: ${issue.message}`]
  if (found === undefined) return [`${where}: missing; allowed: ${allowed}`]
  return [`${where}: found ${shown(found, where)}; allowed: ${allowed}`]
}

function allowedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected
    case 'too_small':
      return issue.origin === 'string'
        ? 'a text that is not empty'
        : `${unitOf(issue.origin)} of at least ${leastOf(issue)}`
    case 'too_big':
      return issue.origin === 'string'
        ? `a text of at most ${issue.maximum} characters`
        : `${unitOf(issue.origin)} of at most ${issue.maximum}`
    case 'invalid_value':
      return listOf(issue.values)
    case 'invalid_union':
      return 'options' in issue && issue.options !== undefined ? listOf(issue.options) : 'one of the documented forms'
    default:
      // Patterns and refinements of config.ts say what they expect.
      return issue.message.replace(/^expected /, '')
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  number: 'a number without quotes',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object in { }',
}

const listOf = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(', ')

/** Every number of the configuration is whole, so above 0 is at least 1. */
const leastOf = ({ minimum, inclusive }: { readonly minimum: number | bigint; readonly inclusive?: boolean }) =>
  BigInt(minimum) + (inclusive === false ? 1n : 0n)

const unitOf = (origin: string) => (origin === 'int' || origin === 'number' ? 'a whole number' : `a ${origin}`)

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  )
}

function shown(value: unknown, where: string): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return value === null ? 'null' : 'an object'
  if (typeof value !== 'string') return String(value)
  const mayBeSecret = /url$/i.test(where) || value.includes('://') || value.length > MAX_SHOWN
  return mayBeSecret ? `a text of ${value.length} characters` : JSON.stringify(value)
}
