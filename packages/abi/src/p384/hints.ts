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
import { isAccepted, StepRecorder, UnhintedSteps } from './steps.ts'

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
/** Windows of v1 and v2 behind the first: as many without slopes leave only the slopes of the joint table. */
const ALL_WINDOWS = 95
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
  const add = (steps: Steps, column: number) => {
    if (column < COLUMNS_AFTER_FIRST) steps.doubleAdd(keyPoint(column))
    steps.add(generatorPoint(column))
  }
  // The first addition counts with the first column behind it.
  const count = unhinted === 0 ? 0 : unhinted + 1
  const hints = hintsOfSteps(first, COLUMNS_AFTER_FIRST + 1, count, add)
  return hints && join(toBytes(u1, 48), toBytes(u2, 48), hints)
}

/** What both ways of stepping offer. */
type Steps = Pick<StepRecorder, 'add' | 'double' | 'doubleAdd'>

/**
 * The slopes of `count` groups of steps from `first` on, numbered downwards to 0; the first `unhinted` groups have none,
 * and 1 / Z follows them unless they are all.
 */
function hintsOfSteps(
  first: Point,
  count: number,
  unhinted: number,
  take: (steps: Steps, index: number) => void,
): Uint8Array | undefined {
  const [walk, steps] = [new UnhintedSteps(first), new StepRecorder(first)]
  let index = count
  while (index > count - unhinted) take(walk, --index)
  const { X, Y, Z } = walk.sum
  // Equal or opposite points on the way: Z stays zero.
  if (Z === 0n) return undefined
  if (index === 0) return new Uint8Array()
  if (unhinted > 0) steps.restart({ X, Y: mod(-Y, P), Z })
  while (index > 0) take(steps, --index)
  const slopes = steps.slopes()
  return slopes && join(unhinted > 0 ? toBytes(invert(Z, P), 48) : new Uint8Array(), slopes)
}

/**
 * Hints for `P384.verify`: R.y, v1, v2, k, flags and 344 to 346 slopes.
 *
 * @param unhinted - Windows without slopes, 0 to 71 or all 95: each spares 144 bytes and costs about 7,000 gas.
 * @returns About 17 KB for 0, 721 bytes for all; undefined for input out of range, for an invalid signature, and where
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

/** R.y, v1, v2, k, flags and the slopes of v1 Q + k G - v2 R, which need not be zero; undefined as in hintsOfScalars. */
export function hintsOfMultipliers(
  key: Point,
  sum: Point,
  v1: bigint,
  v2: bigint,
  k: bigint,
  unhinted = 0,
): Uint8Array | undefined {
  const slopes = slopesOf(key, sum, v1, v2, k, unhinted)
  if (slopes === undefined) return undefined
  const flags = (v1 < 0n ? 1 : 0) | (sum.x >= N ? 2 : 0)
  const multipliers = join(toBytes(absolute(v1), 24), toBytes(v2, 24), toBytes(k, 48))
  return join(toBytes(sum.y, 48), multipliers, Uint8Array.of(flags), slopes)
}

/** Slopes of v1 Q + k G - v2 R, all but the last addition, which is compared. */
function slopesOf(key: Point, sum: Point, v1: bigint, v2: bigint, k: bigint, unhinted: number): Uint8Array | undefined {
  const generatorPoint = columnPoints(generatorTable(), k)
  const [q, r] = [v1 < 0n ? negate(key) : key, negate(sum)]
  const table = jointTable(q, r)
  if (table === undefined) return undefined
  const pair = pairPoints(table.entries, absolute(v1), v2)
  const hints = hintsOfSteps(pair(ALL_WINDOWS), ALL_WINDOWS, unhinted, (steps, window) => {
    const column = 2 * window
    if (column < TEETH_SPACING) steps.doubleAdd(generatorPoint(column + 1))
    else steps.double()
    steps.doubleAdd(pair(window))
    if (column < TEETH_SPACING && column > 0) steps.add(generatorPoint(column))
    // An even multiplier was read as the odd one above it.
    if (column === 0 && v1 % 2n === 0n) steps.add(negate(q))
    if (column === 0 && v2 % 2n === 0n) steps.add(negate(r))
  })
  return hints && join(table.slopes, hints)
}

/** The eight points (2 a + 1) Q + (2 w - 3) R, a < 2, w < 4, at 4 a + w, and the slopes of the contract's way to them. */
function jointTable(q: Point, r: Point): { entries: Point[]; slopes: Uint8Array } | undefined {
  const steps = new StepRecorder(q)
  const triples = normalise(
    [q, r].map((point) => {
      steps.restart(toJacobian(point))
      steps.double()
      steps.add(point)
      return steps.sum
    }),
  )
  const [q3, r3] = triples ?? []
  if (q3 === undefined || r3 === undefined) return undefined
  const sums = [q, q3].flatMap((first) =>
    [negate(r3), negate(r), r, r3].map((second) => {
      steps.restart(toJacobian(first))
      steps.add(second)
      return steps.sum
    }),
  )
  const [entries, slopes] = [normalise(sums), steps.slopes()]
  return entries && slopes && { entries, slopes }
}

/** Point of window i: digits 2 w - 3 of the odd ones of |v1| and |v1| + 1, and of v2 and v2 + 1. */
function pairPoints(entries: readonly Point[], v1: bigint, v2: bigint): (window: number) => Point {
  const [first, second] = [(v1 >> 1n) | (1n << 191n), (v2 >> 1n) | (1n << 191n)]
  const digit = (halves: bigint, window: number) => Number((halves >> BigInt(2 * window)) & 3n)
  return (window) => {
    const [w1, w2] = [digit(first, window), digit(second, window)]
    const point = w1 < 2 ? entries[4 * (1 - w1) + 3 - w2] : entries[4 * (w1 - 2) + w2]
    if (point === undefined) throw new Error('no entry')
    return w1 < 2 ? negate(point) : point
  }
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

/** Pairs with v1 = v2 u2 modulo n, 0 < |v1|, v2 < 2^192, not both even; the first exists for every u2 (Thue). */
export function shortPairs(u2: bigint): [bigint, bigint][] {
  let [before, rest, tBefore, t] = [N, u2, 0n, 1n]
  while (rest >= SHORT) {
    const quotient = before / rest
    ;[before, rest] = [rest, before - quotient * rest]
    ;[tBefore, t] = [t, tBefore - quotient * t]
  }
  const candidates: [bigint, bigint][] = [[rest, t]]
  if (rest > 0n) {
    const quotient = before / rest
    for (const q of [quotient, quotient - 1n, quotient + 1n, quotient - 2n])
      candidates.push([before - q * rest, tBefore - q * t])
  }
  candidates.push([3n * rest, 3n * t], [5n * rest, 5n * t])
  return candidates.map(shorten).filter(([a, b]) => a !== 0n && b > 0n && absolute(a) < SHORT && b < SHORT)
}

function shorten([v1, v2]: [bigint, bigint]): [bigint, bigint] {
  let [a, b] = v2 < 0n ? [-v1, -v2] : [v1, v2]
  while (a !== 0n && b !== 0n && a % 2n === 0n && b % 2n === 0n) [a, b] = [a / 2n, b / 2n]
  return [a, b]
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
