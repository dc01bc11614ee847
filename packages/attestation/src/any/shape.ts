import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'
import { isJsonObject } from './json.ts'

/** Form of a JSON value: what the reader checks and the JSON schema says, from one source. */
export type Shape =
  | { readonly is: 'text'; readonly values: readonly string[] }
  | { readonly is: 'pattern'; readonly pattern: string; readonly meaning: string }
  /** `bytes`: exactly so many, or from 0 to `{ max }`. */
  | { readonly is: 'hex'; readonly bytes: number | { readonly max: number } }
  | { readonly is: 'integer'; readonly min: number; readonly max: number }
  | { readonly is: 'list'; readonly of: Shape; readonly min: number; readonly max: number }
  | { readonly is: 'record'; readonly keys: string; readonly of: Shape }
  | ObjectShape
  | { readonly is: 'boolean' | 'null' | 'anything' }
  | { readonly is: 'either'; readonly of: readonly Shape[] }

/** An object with exactly these members. */
export interface ObjectShape {
  readonly is: 'object'
  readonly fields: Readonly<Record<string, Shape>>
}

/** Shapes for every member of a type: a member without one does not compile. */
export type FieldsOf<T> = { readonly [name in keyof T]-?: Shape }

/** More items than any list of a policy needs. */
const MAX_ITEMS = 4096

/** One of these words. */
export const text = (...values: readonly string[]): Shape => ({ is: 'text', values })
/** Hex of this many bytes, or of at most so many. */
export const hex = (bytes: number | { readonly max: number }): Shape => ({ is: 'hex', bytes })
/** Both bounds inside. */
export const integer = (min = 0, max = Number.MAX_SAFE_INTEGER): Shape => ({ is: 'integer', min, max })
/** Both bounds of the length inside. */
export const list = (of: Shape, min = 0, max = MAX_ITEMS): Shape => ({ is: 'list', of, min, max })
/** Text that a regular expression fits, and what that means in words. */
export const pattern = (source: string, meaning: string): Shape => ({ is: 'pattern', pattern: source, meaning })
/** The first of these shapes that fits. */
export const either = (...of: readonly Shape[]): Shape => ({ is: 'either', of })
/** Exactly these fields. */
export const object = <T = Readonly<Record<string, unknown>>>(fields: FieldsOf<T>): ObjectShape => ({
  is: 'object',
  fields,
})
/** The shape, or the word that accepts every value. */
export const orAny = (shape: Shape): Shape => either(text('any'), shape)

/**
 * Checks a JSON value against a shape.
 *
 * @throws {MalformedEvidenceError} `code`, with the path of the first wrong member, what was expected and what stands there.
 */
export function expectShape(value: unknown, shape: Shape, path: string, code: ReasonCode): void {
  const found = firstProblem(value, shape, path)
  if (!found) return
  const { expected, got } = found
  throw new MalformedEvidenceError(code, { offset: 0, expected: `${expected} at ${found.path}`, got })
}

interface Problem {
  readonly path: string
  readonly expected: string
  readonly got: string
}

function firstProblem(value: unknown, shape: Shape, path: string): Problem | undefined {
  const wrong = (): Problem => ({ path, expected: describe(shape), got: show(value) })
  switch (shape.is) {
    case 'text':
      return typeof value === 'string' && shape.values.includes(value) ? undefined : wrong()
    case 'pattern':
    case 'hex':
      return typeof value === 'string' && new RegExp(patternOf(shape)).test(value) ? undefined : wrong()
    case 'anything':
      return undefined
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrong()
    case 'null':
      return value === null ? undefined : wrong()
    case 'integer': {
      const fits = Number.isSafeInteger(value) && Number(value) >= shape.min && Number(value) <= shape.max
      return fits ? undefined : wrong()
    }
    case 'list': {
      if (!Array.isArray(value) || value.length < shape.min || value.length > shape.max) return wrong()
      return firstOf(value.entries(), ([index, item]) => firstProblem(item, shape.of, `${path}[${index}]`))
    }
    case 'record': {
      if (!isJsonObject(value)) return wrong()
      const keys = new RegExp(shape.keys)
      return firstOf(Object.entries(value), ([name, member]) =>
        keys.test(name)
          ? firstProblem(member, shape.of, `${path}.${name}`)
          : { path: `${path}.${name}`, expected: `no such member, names match ${shape.keys}`, got: show(member) },
      )
    }
    case 'object':
      return objectProblem(value, shape, path) ?? (isJsonObject(value) ? undefined : wrong())
    case 'either':
      return fitsOne(value, shape.of, path) ? undefined : (closest(value, shape.of, path) ?? wrong())
  }
}

function objectProblem(value: unknown, { fields }: ObjectShape, path: string): Problem | undefined {
  if (!isJsonObject(value)) return undefined
  const extra = Object.keys(value).find((name) => !Object.hasOwn(fields, name))
  if (extra !== undefined) return { path: `${path}.${extra}`, expected: 'no such member', got: show(value[extra]) }
  return firstOf(Object.entries(fields), ([name, shape]) => firstProblem(value[name], shape, `${path}.${name}`))
}

const fitsOne = (value: unknown, shapes: readonly Shape[], path: string) =>
  shapes.some((shape) => firstProblem(value, shape, path) === undefined)

/** The problem inside the only alternative of the same JSON type, which says more than a list of alternatives. */
function closest(value: unknown, shapes: readonly Shape[], path: string): Problem | undefined {
  const kind = Array.isArray(value) ? ['list'] : isJsonObject(value) ? ['object', 'record'] : []
  const [only, ...others] = shapes.filter(({ is }) => kind.includes(is))
  return only && others.length === 0 ? firstProblem(value, only, path) : undefined
}

function firstOf<T>(items: Iterable<T>, problemOf: (item: T) => Problem | undefined): Problem | undefined {
  for (const item of items) {
    const problem = problemOf(item)
    if (problem) return problem
  }
  return undefined
}

function patternOf(shape: Extract<Shape, { is: 'pattern' | 'hex' }>): string {
  if (shape.is === 'pattern') return shape.pattern
  const digits = typeof shape.bytes === 'number' ? `{${2 * shape.bytes}}` : `{0,${2 * shape.bytes.max}}`
  // Even numbers of digits only: an odd one is no bytes.
  return `^(?:0x)?(?=(?:..)*$)[0-9a-fA-F]${digits}$`
}

function describe(shape: Shape): string {
  switch (shape.is) {
    case 'text':
      return shape.values.map((value) => JSON.stringify(value)).join(' or ')
    case 'anything':
      return 'any value'
    case 'boolean':
      return 'true or false'
    case 'null':
      return 'null'
    case 'pattern':
      return shape.meaning
    case 'hex':
      return typeof shape.bytes === 'number' ? `${shape.bytes} bytes in hex` : `up to ${shape.bytes.max} bytes in hex`
    case 'integer':
      return shape.max === Number.MAX_SAFE_INTEGER
        ? `an integer from ${shape.min}`
        : `an integer from ${shape.min} to ${shape.max}`
    case 'list':
      return shape.min > 0 ? `a list of at least ${shape.min}` : `a list of at most ${shape.max}`
    case 'record':
      return `an object with names that match ${shape.keys}`
    case 'object':
      return `an object { ${Object.keys(shape.fields).join(', ')} }`
    case 'either':
      return shape.of.map(describe).join(', or ')
  }
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const shown = JSON.stringify(value) ?? String(value)
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown
}

/** JSON schema (draft 2020-12) of a shape. */
export function jsonSchemaOf(shape: Shape): Readonly<Record<string, unknown>> {
  switch (shape.is) {
    case 'text':
      return shape.values.length === 1 ? { const: shape.values[0] } : { enum: shape.values }
    case 'anything':
      return {}
    case 'boolean':
      return { type: 'boolean' }
    case 'null':
      return { type: 'null' }
    case 'pattern':
    case 'hex':
      return { type: 'string', description: describe(shape), pattern: patternOf(shape) }
    case 'integer':
      return { type: 'integer', minimum: shape.min, maximum: shape.max }
    case 'list':
      return { type: 'array', items: jsonSchemaOf(shape.of), minItems: shape.min, maxItems: shape.max }
    case 'record':
      return {
        type: 'object',
        patternProperties: { [shape.keys]: jsonSchemaOf(shape.of) },
        additionalProperties: false,
      }
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(Object.entries(shape.fields).map(([name, of]) => [name, jsonSchemaOf(of)])),
        required: Object.keys(shape.fields),
        additionalProperties: false,
      }
    case 'either':
      return { anyOf: shape.of.map(jsonSchemaOf) }
  }
}
