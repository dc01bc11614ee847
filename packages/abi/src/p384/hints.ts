import { combTable, generatorTable, TEETH_SPACING } from './comb.ts'
import {
  addPoint,
  double,
  invert,
  isOnCurve,
  type Jacobian,
  mod,
  N,
  negate,
  normalise,
  P,
  type Point,
  toBytes,
  toInteger,
  toJacobian,
} from './curve.ts'
import { type Digit, digitsOfPair, type Instruction, LEAST_FIRST_PLACE, programOf } from './program.ts'
import { isAccepted, SLOPE_BYTES, StepRecorder, UnhintedSteps } from './steps.ts'

/** What is verified: key x ‖ y (96 bytes), signature r ‖ s (96 bytes), digest of any length. */
export interface P384Signature {
  readonly publicKey: Uint8Array
  readonly signature: Uint8Array
  readonly digest: Uint8Array
}

interface Parsed {
  readonly key: Point
  readonly r: bigint
  readonly s: bigint
  /** The digest as a scalar, e. */
  readonly e: bigint
}

const SHORT = 2n ** 192n
const COLUMNS_AFTER_FIRST = TEETH_SPACING - 1

function parse({ publicKey, signature, digest }: P384Signature): Parsed | undefined {
  if (publicKey.length !== 96 || signature.length !== 96) return undefined
  const key = { x: toInteger(publicKey.subarray(0, 48)), y: toInteger(publicKey.subarray(48)) }
  const [r, s] = [toInteger(signature.subarray(0, 48)), toInteger(signature.subarray(48))]
  if (r === 0n || s === 0n || r >= N || s >= N || !isOnCurve(key)) return undefined
  return { key, r, s, e: toInteger(digest.subarray(0, 48)) % N }
}

/**
 * Hints for `P384.verifyWithTable`: u1, u2 and 142 slopes.
 *
 * Proves nothing: the contract checks all of them. For an invalid signature the hints are well formed and the contract
 * answers false all the same.
 *
 * @param table - The key's comb table ({@link combTable}), if it is at hand; else it is computed.
 * @param unhinted - Columns without slopes, 0 to 47: each spares 144 bytes and costs about 7,000 gas of execution.
 * @returns 6,912 bytes for 0, 96 for 47; undefined for input out of range or where the sum meets an exceptional case.
 */
export function p384HintsForTable(
  input: P384Signature,
  table?: readonly Point[],
  unhinted = 0,
): Uint8Array | undefined {
  const parsed = parse(input)
  if (parsed === undefined) return undefined
  const inverse = invert(parsed.s, N)
  const [u1, u2] = [(parsed.e * inverse) % N, (parsed.r * inverse) % N]
  return hintsOfScalars(table ?? combTable(parsed.key), u1, u2, unhinted)
}

/** u1, u2 and the slopes of u1 G + u2 Q over both combs; undefined where the contract would refuse one of them. */
export function hintsOfScalars(table: readonly Point[], u1: bigint, u2: bigint, unhinted = 0): Uint8Array | undefined {
  const keyPoint = columnPoints(table, u2)
  const generatorPoint = columnPoints(generatorTable(), u1)
  const first = keyPoint(COLUMNS_AFTER_FIRST)
  const columns = Array.from({ length: COLUMNS_AFTER_FIRST + 1 }, (_, behind): Group => {
    const column = COLUMNS_AFTER_FIRST - behind
    return {
      take(steps) {
        if (behind > 0) steps.doubleAdd(keyPoint(column))
        steps.add(generatorPoint(column))
      },
    }
  })
  // The first addition counts with the first column behind it.
  const hints = hintsOfGroups(first, columns, unhinted === 0 ? 0 : unhinted + 1)
  return hints && join(toBytes(u1, 48), toBytes(u2, 48), hints)
}

/** What both ways of stepping offer. */
type Steps = Pick<StepRecorder, 'add' | 'double' | 'doubleAdd'>

/** Steps whose slopes are given together or not at all. */
interface Group {
  /** What stands before the slopes, and is given without them too. */
  readonly code?: number
  take(steps: Steps): void
}

/**
 * Codes and slopes of groups of steps from `first` on; the first `unhinted` groups have codes only, and 1 / Z follows them
 * unless they are all.
 */
function hintsOfGroups(first: Point, groups: readonly Group[], unhinted: number): Uint8Array | undefined {
  const [walk, steps] = [new UnhintedSteps(first), new StepRecorder(first)]
  const [without, rest] = [groups.slice(0, unhinted), groups.slice(unhinted)]
  for (const group of without) group.take(walk)
  const { X, Y, Z } = walk.sum
  // Equal or opposite points on the way: Z stays zero.
  if (Z === 0n) return undefined
  if (without.length > 0) steps.restart({ X, Y: mod(-Y, P), Z })
  const ends = rest.map((group) => {
    group.take(steps)
    return steps.count
  })
  const slopes = steps.slopes()
  if (slopes === undefined) return undefined
  const inverse = without.length > 0 && rest.length > 0 ? toBytes(invert(Z, P), 48) : new Uint8Array()
  const given = rest.flatMap((group, index) => [
    codeOf(group),
    slopes.subarray(SLOPE_BYTES * (ends[index - 1] ?? 0), SLOPE_BYTES * (ends[index] ?? 0)),
  ])
  return join(...without.map(codeOf), inverse, ...given)
}

const codeOf = ({ code }: Group) => (code === undefined ? new Uint8Array() : Uint8Array.of(code))

/**
 * Hints for `P384.verify`: R.y, k, flags, the first place, the number of instructions without slopes, the slopes of the
 * multiples, and the program with its slopes.
 *
 * @param unhinted - Instructions without slopes, some 70 are all: each spares about 200 bytes and costs 9,000 gas.
 * @returns About 15 KB for 0, 0.9 KB for all; undefined for input out of range, for an invalid signature, and where
 *   every decomposition meets an exceptional case (use `P384Plain`).
 */
export function p384Hints(input: P384Signature, unhinted = 0): Uint8Array | undefined {
  const parsed = parse(input)
  if (parsed === undefined) return undefined
  const inverse = invert(parsed.s, N)
  const [u1, u2] = [(parsed.e * inverse) % N, (parsed.r * inverse) % N]
  const [sum] = normalise([addAny(multiplyGenerator(u1), multiply(parsed.key, u2))]) ?? []
  if (sum === undefined || sum.x % N !== parsed.r) return undefined
  if (!isAccepted(parsed.key) || !isAccepted(sum)) return undefined
  for (const [v1, v2] of shortPairs(u2)) {
    const hints = hintsOfMultipliers(parsed.key, sum, v1, v2, mod(v2 * u1, N), unhinted)
    if (hints !== undefined) return hints
  }
  return undefined
}

/** Hints of v1 Q + k G - v2 R, which need not be zero; undefined as in hintsOfScalars, and for multipliers below 2^48. */
export function hintsOfMultipliers(
  key: Point,
  sum: Point,
  v1: bigint,
  v2: bigint,
  k: bigint,
  unhinted = 0,
): Uint8Array | undefined {
  return hintsOfProgram(key, sum, programOf(digitsOfPair(v1, -v2)), k, unhinted)
}

/** Hints of a program, right or not. */
export function hintsOfProgram(
  key: Point,
  sum: Point,
  [first, ...program]: readonly Instruction[] = [],
  k: bigint,
  unhinted = 0,
): Uint8Array | undefined {
  const multiples = multiplesOf([key, sum])
  if (first?.digit === undefined || multiples === undefined) return undefined
  const generatorPoint = columnPoints(generatorTable(), k)
  const groups = program.map((instruction) => groupOf(instruction, multiples.point, generatorPoint))
  const without = Math.min(unhinted, groups.length)
  const steps = hintsOfGroups(multiples.point(first.digit), groups, without)
  const head = Uint8Array.of(sum.x >= N ? 1 : 0, first.from, without)
  return steps && join(toBytes(sum.y, 48), toBytes(k, 48), head, multiples.slopes, Uint8Array.of(first.code), steps)
}

/** The steps of an instruction, with the generator's columns 47 to 1 where they belong. */
function groupOf(
  { code, from, doublings, hasColumns, digit }: Instruction,
  multiple: (digit: Digit) => Point,
  generatorPoint: (column: number) => Point,
): Group {
  const point = digit && multiple(digit)
  // The last doubling is one with the addition behind it, unless it is one with a column.
  const isJoined = point !== undefined && doublings > 0 && !hasColumns
  return {
    code,
    take(steps) {
      for (let left = doublings - (isJoined ? 1 : 0); left > 0; left--) {
        if (hasColumns) steps.doubleAdd(generatorPoint(from - doublings + left - 1))
        else steps.double()
      }
      if (isJoined) steps.doubleAdd(point)
      else if (point !== undefined) steps.add(point)
    },
  }
}

/** Q and R times 1, 3 .. 15, and the slopes of the contract's way to them: one to double, seven to add, for each. */
function multiplesOf(
  points: readonly Point[],
): { readonly point: (digit: Digit) => Point; readonly slopes: Uint8Array } | undefined {
  const twice = normalise(points.map((point) => double(toJacobian(point))))
  const recorders = points.map((point) => new StepRecorder(point))
  const sums = recorders.flatMap((steps, index) => {
    const [point, two] = [points[index], twice?.[index]]
    if (point === undefined || two === undefined) return []
    steps.double()
    steps.restart(toJacobian(point))
    return [
      toJacobian(point),
      ...Array.from({ length: 7 }, () => {
        steps.add(two)
        return steps.sum
      }),
    ]
  })
  const multiples = normalise(sums)
  const slopes = recorders.map((steps) => steps.slopes())
  if (multiples === undefined || slopes.some((of) => of === undefined)) return undefined
  const point = ({ multiple, ofR }: Digit) => {
    const found = multiples[(ofR ? 8 : 0) + (Math.abs(multiple) - 1) / 2]
    if (found === undefined) throw new Error('no multiple')
    return multiple < 0 ? negate(found) : found
  }
  return { point, slopes: join(...slopes.map((of) => of ?? new Uint8Array())) }
}

/** Point of column i: bits i, i + 48 .. of the odd one of k and n - k, read as signs. */
export function columnPoints(table: readonly Point[], k: bigint): (column: number) => Point {
  const isOdd = k % 2n === 1n
  const signs = ((isOdd ? k : N - k) >> 1n) | (1n << 383n)
  return (column) => {
    let bits = 0
    for (let tooth = 0; tooth < 8; tooth++)
      bits |= Number((signs >> BigInt(column + TEETH_SPACING * tooth)) & 1n) << tooth
    const positive = bits >= 128
    const point = table[(positive ? bits : ~bits) & 127]
    if (point === undefined) throw new Error('no table entry')
    return positive === isOdd ? point : negate(point)
  }
}

/** Multipliers searched: combinations of the two short vectors with coefficients up to this. */
const SEARCHED = 3n
/** Times both multipliers, where they are so small that the program would begin below the generator's columns. */
const FACTOR = (1n << 56n) + 81n
/** What a doubling and an addition cost, roughly: the pair with the least sum is taken. */
const COST = { doubling: 5, addition: 4 }

/**
 * Pairs with v1 = v2 u2 modulo n and v2 > 0, the one with the cheapest program first.
 *
 * Combinations of two short vectors: the remainder of Euclid's algorithm on (n, u2) that is the first below 2^192 with its
 * cofactor, which exists for every u2 (Thue), and the one before it.
 */
export function shortPairs(u2: bigint): [bigint, bigint][] {
  let [before, rest, tBefore, t] = [N, u2, 0n, 1n]
  while (rest >= SHORT) {
    const quotient = before / rest
    ;[before, rest] = [rest, before - quotient * rest]
    ;[tBefore, t] = [t, tBefore - quotient * t]
  }
  const pairs: { readonly pair: [bigint, bigint]; readonly cost: number }[] = []
  for (let a = 0n; a <= SEARCHED; a++) {
    for (let b = a === 0n ? 1n : -SEARCHED; b <= SEARCHED; b++) {
      const pair = usable([a * before + b * rest, a * tBefore + b * t])
      if (pair !== undefined) pairs.push({ pair, cost: costOf(pair) })
    }
  }
  return pairs.sort((a, b) => a.cost - b.cost).map(({ pair }) => pair)
}

/** The pair with v2 > 0, large enough for a program; undefined for zeros and where it is too large for one. */
function usable([v1, v2]: [bigint, bigint]): [bigint, bigint] | undefined {
  if (v1 === 0n || v2 === 0n) return undefined
  const [a, b] = v2 < 0n ? [-v1, -v2] : [v1, v2]
  const most = absolute(a) > b ? absolute(a) : b
  const factor = most >> BigInt(LEAST_FIRST_PLACE + 4) === 0n ? FACTOR : 1n
  return most >> 196n === 0n ? [a * factor, b * factor] : undefined
}

function costOf([v1, v2]: [bigint, bigint]): number {
  const digits = digitsOfPair(v1, -v2)
  return COST.doubling * (digits[0]?.place ?? 0) + COST.addition * digits.length
}

const absolute = (value: bigint) => (value < 0n ? -value : value)

/** k G by the comb; for k = 0 the last addition is of opposite points and yields Z = 0. */
function multiplyGenerator(k: bigint): Jacobian {
  const point = columnPoints(generatorTable(), k)
  let sum = toJacobian(point(TEETH_SPACING - 1))
  for (let column = TEETH_SPACING - 2; column >= 0; column--) sum = addAny(double(sum), toJacobian(point(column)))
  return sum
}

/** k P with any exceptional case. */
function multiply(point: Point, k: bigint): Jacobian {
  let sum: Jacobian = { X: 1n, Y: 1n, Z: 0n }
  for (const bit of k.toString(2)) {
    if (sum.Z !== 0n) sum = double(sum)
    if (bit === '1') sum = addAny(sum, toJacobian(point))
  }
  return sum
}

function addAny(a: Jacobian, b: Jacobian): Jacobian {
  if (a.Z === 0n) return b
  if (b.Z === 0n) return a
  const affine = b.Z === 1n ? { x: b.X, y: b.Y } : (normalise([b]) ?? [])[0]
  if (affine === undefined) return a
  const sum = addPoint(a, affine)
  if (sum.Z !== 0n) return sum
  const square = (a.Z * a.Z) % P
  return mod(affine.y * square * a.Z - a.Y, P) === 0n ? double(a) : { X: 1n, Y: 1n, Z: 0n }
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
