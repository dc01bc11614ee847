import { combTable, generatorTable, TEETH_SPACING } from './comb.ts'
import {
  addPoint,
  double,
  G,
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
import { StepRecorder } from './steps.ts'

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

const WINDOW_BITS = 4
const SHORT = 2n ** 192n

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
 * @returns 6,912 bytes; undefined for input out of range or where the sum meets an exceptional case (use the hint-free path).
 */
export function p384HintsForTable(input: P384Signature, table?: readonly Point[]): Uint8Array | undefined {
  const parsed = parse(input)
  if (parsed === undefined) return undefined
  const inverse = invert(parsed.s, N)
  const [u1, u2] = [(parsed.e * inverse) % N, (parsed.r * inverse) % N]
  const keyPoint = columnPoints(table ?? combTable(parsed.key), u2)
  const generatorPoint = columnPoints(generatorTable(), u1)
  const steps = new StepRecorder(keyPoint(TEETH_SPACING - 1))
  steps.add(generatorPoint(TEETH_SPACING - 1))
  for (let column = TEETH_SPACING - 2; column >= 0; column--) {
    steps.doubleAdd(keyPoint(column))
    steps.add(generatorPoint(column))
  }
  const slopes = steps.slopes()
  return slopes && join(toBytes(u1, 48), toBytes(u2, 48), slopes)
}

/**
 * Hints for `P384.verify`: R.y, v1, v2, k, flags and 346 or 347 slopes.
 *
 * @returns About 17 KB; undefined for input out of range, for an invalid signature, and where every decomposition meets an
 *   exceptional case (use the hint-free path).
 */
export function p384Hints(input: P384Signature): Uint8Array | undefined {
  const parsed = parse(input)
  if (parsed === undefined) return undefined
  const inverse = invert(parsed.s, N)
  const [u1, u2] = [(parsed.e * inverse) % N, (parsed.r * inverse) % N]
  const [sum] = normalise([addAny(multiply(G, u1), multiply(parsed.key, u2))]) ?? []
  if (sum === undefined || sum.x % N !== parsed.r) return undefined
  for (const [v1, v2] of shortPairs(u2)) {
    const slopes = slopesOf(parsed.key, sum, v1, v2, mod(v2 * u1, N))
    if (slopes === undefined) continue
    const flags = (v1 < 0n ? 1 : 0) | (sum.x >= N ? 2 : 0)
    const multipliers = join(toBytes(absolute(v1), 24), toBytes(v2, 24), toBytes(mod(v2 * u1, N), 48))
    return join(toBytes(sum.y, 48), multipliers, Uint8Array.of(flags), slopes)
  }
  return undefined
}

/** Slopes of v1 Q + k G - v2 R, all but the last addition, which is compared. */
function slopesOf(key: Point, r: Point, v1: bigint, v2: bigint, k: bigint): Uint8Array | undefined {
  const generatorPoint = columnPoints(generatorTable(), k)
  const keyMultiples = oddMultiples(v1 < 0n ? negate(key) : key)
  const rMultiples = oddMultiples(negate(r))
  if (keyMultiples === undefined || rMultiples === undefined) return undefined
  const keyDigit = digits(keyMultiples, absolute(v1))
  const rDigit = digits(rMultiples, v2)
  const steps = new StepRecorder(keyDigit(47))
  steps.add(rDigit(47))
  for (let window = 46; window >= 0; window--) {
    for (let bit = WINDOW_BITS - 1; bit > 0; bit--) {
      const column = WINDOW_BITS * window + bit
      if (column < TEETH_SPACING) steps.doubleAdd(generatorPoint(column))
      else steps.double()
    }
    steps.doubleAdd(keyDigit(window))
    steps.add(rDigit(window))
    if (window > 0 && WINDOW_BITS * window < TEETH_SPACING) steps.add(generatorPoint(WINDOW_BITS * window))
  }
  if (v1 % 2n === 0n) steps.add(negate(keyMultiples[0] ?? key))
  if (v2 % 2n === 0n) steps.add(negate(rMultiples[0] ?? r))
  // The contract builds the multiples of Q and R themselves, with positive sign.
  const tables = [key, r].map(multipleSlopes)
  const slopes = steps.slopes()
  const [ofKey, ofR] = tables
  return ofKey && ofR && slopes && join(ofKey, ofR, slopes)
}

function recordMultiples(point: Point): { steps: StepRecorder; multiples: Jacobian[] } | undefined {
  const [twice] = normalise([double(toJacobian(point))]) ?? []
  if (twice === undefined) return undefined
  const steps = new StepRecorder(point)
  steps.double()
  const multiples = [toJacobian(point)]
  for (let multiple = 3; multiple < 16; multiple += 2) {
    steps.add(multiple === 3 ? point : twice)
    multiples.push(steps.sum)
  }
  return { steps, multiples }
}

const multipleSlopes = (point: Point) => recordMultiples(point)?.steps.slopes()

/** 1, 3 .. 15 times the point. */
function oddMultiples(point: Point): Point[] | undefined {
  const recorded = recordMultiples(point)
  return recorded && normalise(recorded.multiples)
}

/** Point of window i: digit 2 w - 15 of the odd one of v and v + 1. */
function digits(multiples: readonly Point[], v: bigint): (window: number) => Point {
  const halves = ((v | 1n) >> 1n) | (1n << 191n)
  return (window) => {
    const w = Number((halves >> BigInt(WINDOW_BITS * window)) & 15n)
    const point = multiples[w < 8 ? 7 - w : w - 8]
    if (point === undefined) throw new Error('no multiple')
    return w < 8 ? negate(point) : point
  }
}

/** Point of column i: bits i, i + 48 .. of the odd one of k and n - k, read as signs. */
function columnPoints(table: readonly Point[], k: bigint): (column: number) => Point {
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
function shortPairs(u2: bigint): [bigint, bigint][] {
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
