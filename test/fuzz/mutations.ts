import fc from 'fast-check'

/** One change of a byte string. Places are fractions of its length at that moment. */
export type Mutation =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly length: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number }

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const few = fc.uint8Array({ minLength: 1, maxLength: 16 })
/** Values that lengths and counts go wrong at. */
const edges = fc.constantFrom(
  Uint8Array.of(0),
  Uint8Array.of(0xff),
  Uint8Array.of(0x7f),
  Uint8Array.of(0x80),
  Uint8Array.of(0xff, 0xff),
  Uint8Array.of(0xff, 0xff, 0xff, 0x7f),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xbf),
  Uint8Array.of(0x30, 0x80),
)

/** One to six changes of a byte string of this length. */
export function mutations(length: number): fc.Arbitrary<readonly Mutation[]> {
  const span = fc.integer({ min: 1, max: Math.max(1, Math.min(length, 512)) })
  const step: fc.Arbitrary<Mutation> = fc.oneof(
    fc.record({ kind: fc.constant('write' as const), at: place, bytes: fc.oneof(few, edges) }),
    fc.record({ kind: fc.constant('insert' as const), at: place, bytes: fc.oneof(few, edges) }),
    fc.record({ kind: fc.constant('remove' as const), at: place, length: span }),
    fc.record({ kind: fc.constant('repeat' as const), at: place, length: span }),
  )
  return fc.array(step, { minLength: 1, maxLength: 6 })
}

/** Applies changes in order. */
export function mutate(bytes: Uint8Array, steps: readonly Mutation[]): Uint8Array {
  return steps.reduce(apply, bytes)
}

function apply(current: Uint8Array, step: Mutation): Uint8Array {
  const at = Math.floor(step.at * current.length)
  const [before, after] = [current.subarray(0, at), current.subarray(at)]
  switch (step.kind) {
    case 'write':
      return join(before, step.bytes, after.subarray(step.bytes.length))
    case 'insert':
      return join(before, step.bytes, after)
    case 'remove':
      return join(before, after.subarray(step.length))
    case 'repeat':
      return join(before, after.subarray(0, step.length), after)
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}
