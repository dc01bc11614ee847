import { randomBytes, randomInt } from 'node:crypto'
import { p384 } from '@noble/curves/p384'
import { combTable, generatorTable } from '../../packages/abi/src/p384/comb.ts'
import { G, invert, isOnCurve, mod, N, negate, P, type Point, toBytes } from '../../packages/abi/src/p384/curve.ts'
import { columnPoints, hintsOfMultipliers, hintsOfScalars, shortPairs } from '../../packages/abi/src/p384/hints.ts'
import { freeSlopeHints } from './p384FreeSlope.ts'
import { HINTS } from './p384Layout.ts'
import { forgedProgram, PROGRAMS } from './p384Programs.ts'
import type { P384Case } from './p384World.ts'

/**
 * Hints by a forger who knows every equation of docs/specs/p384.md: all hold but the one that the name states, so that a
 * contract without that one check would answer true. Those that are `true` break none: another way to say the same.
 */
export interface Forgery {
  readonly name: string
  readonly entry: P384Case
  readonly hints: Uint8Array
  /** Table path: the key whose table is given; absent for the path of any key. */
  readonly table?: Uint8Array
  readonly expected: boolean
}

const random = (): bigint => (BigInt(`0x${randomBytes(56).toString('hex')}`) % (N - 1n)) + 1n
const short = (): bigint => BigInt(`0x${randomBytes(23).toString('hex')}`) | 1n
/** Multipliers that a program bears for certain. */
const SHORT = 2n ** 196n
const ALL = 2n ** 384n

const bytesOf = ({ x, y }: Point): Uint8Array => Buffer.concat([toBytes(x, 48), toBytes(y, 48)])
const times = (k: bigint, point: Point = G): Point =>
  (point === G ? p384.ProjectivePoint.BASE : p384.ProjectivePoint.fromAffine(point)).multiply(mod(k, N)).toAffine()
const plus = (a: Point, b: Point): Point =>
  p384.ProjectivePoint.fromAffine(a).add(p384.ProjectivePoint.fromAffine(b)).toAffine()
const over = (a: bigint, b: bigint) => mod(a * invert(b, N), N)

/** A key of the forger's own: the holder of a key knows its logarithm. */
export interface OwnKey {
  readonly d: bigint
  readonly point: Point
  readonly table: readonly Point[]
}

export function ownKey(d: bigint = random()): OwnKey {
  const point = times(d)
  return { d, point, table: d === 1n ? generatorTable() : combTable(point) }
}

/** Everything about one signature, valid or not. R = kk G with x = r modulo n. */
interface Signed {
  readonly key: OwnKey
  readonly kk: bigint
  readonly R: Point
  readonly r: bigint
  readonly s: bigint
  readonly e: bigint
}

function sign(key: OwnKey, kk = random(), e = random()): Signed {
  const R = times(kk)
  const r = R.x % N
  return { key, kk, R, r, s: over(e + r * key.d, kk), e }
}

/** R right, s not: no nonce but this one gives r, and s does not belong to it. */
const broken = (key: OwnKey): Signed => ({ ...sign(key), s: random() })

const caseOf = (publicKey: Uint8Array, r: bigint, s: bigint, e: bigint): P384Case => ({
  publicKey,
  digest: toBytes(e, 48),
  signature: Buffer.concat([toBytes(r, 48), toBytes(s, 48)]),
})
const entryOf = ({ key, r, s, e }: Signed) => caseOf(bytesOf(key.point), r, s, e)

function firstPair(u2: bigint): [bigint, bigint] {
  const [pair] = shortPairs(u2)
  if (pair === undefined) throw new Error('no short pair')
  return pair
}

/** How many of the first steps come without slopes: none for `P384`, some or all for `P384Sparse`. */
export interface Sparsity {
  readonly instructions: number
  readonly columns: number
}

/** The case with slopes for these multipliers; undefined where they do not fit or a step is exceptional. */
function withMultipliers(
  { instructions }: Sparsity,
  name: string,
  signed: Signed,
  [v1, v2, k]: readonly [bigint, bigint, bigint],
  { expected = false, R = signed.R } = {},
): Forgery | undefined {
  if (v2 < 0n || v2 >= SHORT || v1 >= SHORT || v1 <= -SHORT) return undefined
  const hints = hintsOfMultipliers(signed.key.point, R, v1, v2, mod(k, N), instructions)
  return hints && { name, entry: entryOf(signed), hints, expected }
}

function edited(forgery: Forgery | undefined, name: string, edit: (hints: Uint8Array) => void): Forgery | undefined {
  if (forgery === undefined) return undefined
  const hints = Uint8Array.from(forgery.hints)
  edit(hints)
  const same = hints.every((byte, at) => byte === forgery.hints[at])
  return same ? undefined : { ...forgery, name, hints, expected: false }
}

type Maker = (key: OwnKey, sparsity: Sparsity) => Forgery | undefined

const right = (signed: Signed): readonly [bigint, bigint, bigint] => {
  const [v1, v2] = firstPair(over(signed.r, signed.s))
  return [v1, v2, v2 * over(signed.e, signed.s)]
}

/** k that makes v1 Q + k G = v2 R for R = kk G. */
const fitting = ({ key, kk }: Signed, v1: bigint, v2: bigint) => v2 * kk - v1 * key.d

/** A valid signature by an unknown key, made backwards from R. */
function backwards(R: Point): Omit<Signed, 'kk'> {
  const [u1, u2] = [random(), random()]
  const point = times(invert(u2, N), plus(R, negate(times(u1))))
  const r = R.x % N
  const s = over(r, u2)
  return { key: { d: 0n, point, table: [] }, R, r, s, e: mod(s * u1, N) }
}

function root(x: bigint): bigint | undefined {
  let [y, base, exponent] = [1n, mod(x * x * x - 3n * x + p384.CURVE.b, P), (P + 1n) / 4n]
  for (; exponent > 0n; exponent >>= 1n, base = (base * base) % P) if (exponent & 1n) y = (y * base) % P
  return isOnCurve({ x, y }) ? y : undefined
}

/** The first point of the curve from `x` on. */
function pointFrom(x: bigint): Point {
  for (let candidate = x; ; candidate++) {
    const y = root(candidate)
    if (y !== undefined) return { x: candidate, y }
  }
}

const RELATIONS: readonly Maker[] = [
  (key, how) => {
    const signed = sign(key)
    return withMultipliers(how, 'the usual hints', signed, right(signed), { expected: true })
  },
  (key, how) => {
    const signed = sign(key)
    const pairs = shortPairs(over(signed.r, signed.s))
    if (pairs.length < 2) return undefined
    const [v1, v2] = pairs[1 + randomInt(pairs.length - 1)] ?? firstPair(1n)
    const k = v2 * over(signed.e, signed.s)
    return withMultipliers(how, 'another pair v1, v2', signed, [v1, v2, k], { expected: true })
  },
  (key, how) => {
    const factor = BigInt(2 + randomInt(99))
    const [v1, v2] = [short() >> 8n, short() >> 8n]
    const signed = fromScalars(key, random(), over(v1, v2))
    const k = factor * v2 * over(signed.e, signed.s)
    const name = 'v1, v2 and k times a common factor'
    return withMultipliers(how, name, signed, [factor * v1, factor * v2, k], { expected: true })
  },
  (key, how) => {
    const signed = sign(key)
    const [v1, v2, k] = right(signed)
    return withMultipliers(how, '-v1', signed, [-v1, v2, k])
  },
  (key, how) => {
    const signed = sign(key)
    const [v1, v2] = right(signed)
    return withMultipliers(how, '-v1, k to fit: s v1 = r v2 broken, s k = e v2 too', signed, [
      -v1,
      v2,
      fitting(signed, -v1, v2),
    ])
  },
  (key, how) => {
    const signed = broken(key)
    const [v1, v2] = firstPair(over(signed.r, signed.s))
    return withMultipliers(how, 'only s k = e v2 broken', signed, [v1, v2, fitting(signed, v1, v2)])
  },
  (key, how) => {
    const signed = broken(key)
    const [v1, v2] = firstPair(over(signed.kk - over(signed.e, signed.s), key.d))
    return withMultipliers(how, 'only s v1 = r v2 broken', signed, [v1, v2, v2 * over(signed.e, signed.s)])
  },
  (key, how) => {
    const signed = broken(key)
    const [v1, v2] = [short(), short()]
    return withMultipliers(how, 'both relations broken, the sum is zero', signed, [v1, v2, fitting(signed, v1, v2)])
  },
  (key, how) => {
    const signed = broken(key)
    return withMultipliers(how, 'only the sum is not zero', signed, right(signed))
  },
]

const MULTIPLIERS: readonly Maker[] = [
  (key, how) => {
    const v1 = short()
    return withMultipliers(how, 'v2 = 0, v1 Q + k G zero', broken(key), [v1, 0n, -v1 * key.d])
  },
  (key, how) => {
    const signed = broken(key)
    const v2 = short()
    return withMultipliers(how, 'v1 = 0, k G - v2 R zero', signed, [0n, v2, v2 * signed.kk])
  },
  (key, how) => {
    const signed = sign(key)
    const turned = { ...signed, kk: N - signed.kk, R: negate(signed.R) }
    const [v1, v2, k] = right(signed)
    return withMultipliers(how, '-R', signed, [v1, v2, k], { R: turned.R })
  },
  (key, how) => {
    const signed = sign(key)
    const turned = { ...signed, kk: N - signed.kk, R: negate(signed.R) }
    const [v1, v2] = right(signed)
    return withMultipliers(how, '-R, k to fit', signed, [v1, v2, fitting(turned, v1, v2)], { R: turned.R })
  },
  (key, how) => {
    const signed = sign(key)
    const [v1, v2, k] = right(signed)
    return edited(withMultipliers(how, '', signed, [v1, v2, k]), 'first digit turned, its slopes not', (hints) => {
      hints[HINTS.program] = (hints[HINTS.program] ?? 0) ^ 1
    })
  },
  (key, how) => {
    const signed = sign(key)
    const [v1, v2, k] = right(signed)
    return withMultipliers(how, 'k + 1', signed, [v1, v2, k + 1n])
  },
  (key, how) => {
    const signed = sign(key)
    const [v1, v2, k] = right(signed)
    return withMultipliers(how, '-k', signed, [v1, v2, -k])
  },
]

/** A signature whose k (of the path of any key) is below 2^384 - n, so that k + n fits into its 48 bytes. */
function withSmallK(key: OwnKey): { signed: Signed; multipliers: readonly [bigint, bigint, bigint] } {
  const u2 = random()
  const [v1, v2] = firstPair(u2)
  const k = short()
  return { signed: fromScalars(key, over(k, v2), u2), multipliers: [v1, v2, k] }
}

function fromScalars(key: OwnKey, u1: bigint, u2: bigint): Signed {
  const kk = mod(u1 + u2 * key.d, N)
  const R = times(kk)
  const r = R.x % N
  const s = over(r, u2)
  return { key, kk, R, r, s, e: mod(s * u1, N) }
}

const ENCODINGS: readonly Maker[] = [
  (key, how) => {
    const { signed, multipliers } = withSmallK(key)
    return withMultipliers(how, 'k below 2^384 - n', signed, multipliers, { expected: true })
  },
  (key, how) => {
    const { signed, multipliers } = withSmallK(key)
    return edited(withMultipliers(how, '', signed, multipliers), 'k + n', (hints) => {
      hints.set(toBytes(multipliers[2] + N, 48), HINTS.k)
    })
  },
  (_key, how) => pastOrder(how, 'R.x = r + n'),
  (_key, how) =>
    edited(pastOrder(how, ''), 'R.x = r + n, hints say r', (hints) => {
      hints[HINTS.flags] = 0
    }),
  (key, how) => {
    const signed = sign(key)
    const off = { ...signed, key: { ...key, point: { x: key.point.x, y: key.point.y ^ 1n } } }
    return withMultipliers(how, 'a key that is not on the curve', off, right(signed))
  },
  (key, how) => {
    const signed = sign(key)
    const [v1, v2, k] = right(signed)
    return withMultipliers(how, 'R not on the curve', signed, [v1, v2, k], {
      R: { x: signed.R.x, y: mod(signed.R.y + 1n, P) },
    })
  },
  (key, how) => {
    const [signed, other] = [sign(key), sign(key)]
    const from = withMultipliers(how, '', other, right(other))
    return edited(withMultipliers(how, '', signed, right(signed)), 'slopes of another signature', (hints) => {
      const end = Math.min(from?.hints.length ?? 0, hints.length)
      if (from !== undefined) hints.set(from.hints.subarray(HINTS.multiples, end), HINTS.multiples)
    })
  },
  (key, how) => {
    const [signed, other] = [sign(key), sign(key)]
    const from = withMultipliers(how, '', other, right(other))
    return from && { ...from, name: 'the hints of another signature', entry: entryOf(signed), expected: false }
  },
  (key, how) => {
    const [signed, other] = [sign(key), sign(ownKey(random()))]
    const from = withMultipliers(how, '', other, right(other))
    return (
      from && {
        ...from,
        name: "another key's signature",
        entry: { ...from.entry, publicKey: entryOf(signed).publicKey },
        expected: false,
      }
    )
  },
]

/** A valid signature whose R has its x between n and p, 2^-194 by chance. */
function pastOrder({ instructions }: Sparsity, name: string): Forgery | undefined {
  const R = pointFrom(N + BigInt(randomInt(2 ** 40)))
  const signed = backwards(R)
  const [v1, v2] = firstPair(over(signed.r, signed.s))
  const hints = hintsOfMultipliers(signed.key.point, R, v1, v2, mod(v2 * over(signed.e, signed.s), N), instructions)
  return hints && { name, entry: entryOf({ ...signed, kk: 0n }), hints, expected: true }
}

/** The table path: scalars, and the table that they are used with. */
function withScalars(
  { columns }: Sparsity,
  name: string,
  signed: Signed,
  [u1, u2]: readonly [bigint, bigint],
  { expected = false, table = signed.key } = {},
): Forgery | undefined {
  const hints = hintsOfScalars(table.table, mod(u1, N), mod(u2, N), columns)
  return hints && { name, entry: entryOf(signed), hints, table: bytesOf(table.point), expected }
}

const quotients = ({ r, s, e }: Signed): readonly [bigint, bigint] => [over(e, s), over(r, s)]

const TABLES: readonly ((key: OwnKey, sparsity: Sparsity, other: OwnKey) => Forgery | undefined)[] = [
  (key, how) => {
    const signed = sign(key)
    return withScalars(how, 'table: the usual hints', signed, quotients(signed), { expected: true })
  },
  (key, how) => {
    const signed = sign(key)
    const [u1, u2] = quotients(signed)
    const shift = random()
    return withScalars(how, 'table: other u1, u2 with the same sum', signed, [u1 + shift * key.d, u2 - shift])
  },
  (key, how) => {
    const signed = broken(key)
    const [u1] = quotients(signed)
    return withScalars(how, 'table: only s u2 = r broken', signed, [u1, over(signed.kk - u1, key.d)])
  },
  (key, how) => {
    const signed = broken(key)
    const [, u2] = quotients(signed)
    return withScalars(how, 'table: only s u1 = e broken', signed, [signed.kk - u2 * key.d, u2])
  },
  (key, how) => {
    const signed = broken(key)
    return withScalars(how, 'table: only the x of the sum is not r', signed, quotients(signed))
  },
  (key, how) => {
    const signed = sign(key)
    const [u1, u2] = quotients(signed)
    return withScalars(how, 'table: -u1, -u2, a sum of the same x', signed, [-u1, -u2])
  },
  (key, how) => {
    const [u1, u2] = [short(), short()]
    return withScalars(how, 'table: u1 and u2 below 2^384 - n', fromScalars(key, u1, u2), [u1, u2], { expected: true })
  },
  (key, how) => plusN(key, how, 0),
  (key, how) => plusN(key, how, 1),
  (key, how, other) => {
    const signed = sign(other)
    return withScalars(
      how,
      "table: another key's table and signature for it, its own digest",
      { ...signed, key },
      quotients(signed),
    )
  },
  (key, how, other) => {
    const signed = broken(key)
    const [u1] = quotients(signed)
    const scalars = [u1, over(signed.kk - u1, other.d)] as const
    return withScalars(how, "table: another key's table, u2 to fit", signed, scalars, { table: other })
  },
  (key, how) => {
    const [signed, other] = [sign(key), sign(key)]
    const from = withScalars(how, '', other, quotients(other))
    return edited(withScalars(how, '', signed, quotients(signed)), 'table: slopes of another signature', (hints) => {
      if (from !== undefined) hints.set(from.hints.subarray(96), 96)
    })
  },
]

/** u1 or u2 with n added: the same residue, other digits. */
function plusN(key: OwnKey, how: Sparsity, which: 0 | 1): Forgery | undefined {
  const scalars: [bigint, bigint] = [short(), short()]
  const name = `table: u${which + 1} + n`
  return edited(withScalars(how, '', fromScalars(key, ...scalars), scalars), name, (hints) => {
    hints.set(toBytes((scalars[which] + N) % ALL, 48), 48 * which)
  })
}

/**
 * The key is the generator and u1 = u2: the first two points are the same, so 0 times any slope is 0. The slope is free,
 * the sum whatever it leads to, and r is taken from there. Only the check of denominators refuses it.
 */
function freeSlope({ columns }: Sparsity, slope: bigint | 'tangent'): Forgery {
  const u = random()
  const point = columnPoints(generatorTable(), u)
  const { sum, slopes } = freeSlopeHints(point, slope)
  const r = sum.x % N
  const s = over(r, u)
  // Without slopes the first addition has none either; 1 / Z is zero, like Z.
  const left = columns === 0 ? slopes : slopes.subarray(columns < 47 ? 144 * columns : slopes.length)
  const hints = Buffer.concat([toBytes(u, 48), toBytes(u, 48), left])
  const name = slope === 'tangent' ? 'table: equal points, the slope of the tangent' : 'table: equal points, any slope'
  return { name, entry: caseOf(bytesOf(G), r, s, mod(s * u, N)), hints, table: bytesOf(G), expected: false }
}

const DEGENERATE: readonly Maker[] = [
  (_key, how) => freeSlope(how, random()),
  (_key, how) => freeSlope(how, 'tangent'),
  (key, how) => {
    const signed = sign(key, key.d)
    return withMultipliers(how, 'R = Q', signed, right(signed), { expected: true })
  },
]

/** Programs of all shapes, for whichever signature they amount to. */
const SHAPES: readonly Maker[] = PROGRAMS.map((program) => (key, { instructions }) => {
  const made = forgedProgram(key, program, instructions)
  if (made === undefined) return undefined
  const { name, expected } = program
  return { name, entry: caseOf(bytesOf(key.point), made.r, made.s, made.e), hints: made.hints, expected }
})

/** A slope for every step. */
const DENSE: Sparsity = { instructions: 0, columns: 0 }

/** Number of kinds; `forge` makes them in turn. */
export const FORGERIES =
  RELATIONS.length + MULTIPLIERS.length + ENCODINGS.length + TABLES.length + DEGENERATE.length + SHAPES.length

/** The forgery of kind `index`, modulo their number; undefined where an exceptional case leaves no slopes (2^-100). */
export function forge(index: number, key: OwnKey, other: OwnKey, sparsity: Sparsity = DENSE): Forgery | undefined {
  const makers = [...RELATIONS, ...MULTIPLIERS, ...ENCODINGS, ...TABLES, ...DEGENERATE, ...SHAPES]
  return makers[index % makers.length]?.(key, sparsity, other)
}
