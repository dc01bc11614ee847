import {
  addPoint,
  double,
  G,
  isOnCurve,
  type Jacobian,
  negate,
  normalise,
  type Point,
  toBytes,
  toInteger,
  toJacobian,
} from './curve.ts'
import { isAccepted, StepRecorder } from './steps.ts'

/** Columns of a comb: distance of its eight teeth in bits. */
export const TEETH_SPACING = 48
const TEETH = 8

/** 2^(48 j) Q and its double, for j = 0 .. 7; `onDouble` sees each of the 336 doublings. */
function teethOf(key: Point, onDouble: () => void): { teeth: Point[]; twice: Point[] } {
  let sum = toJacobian(key)
  const found: Jacobian[] = [sum]
  const doubled: Jacobian[] = []
  for (let tooth = 1; tooth < TEETH; tooth++) {
    for (let index = 0; index < TEETH_SPACING; index++) {
      onDouble()
      sum = double(sum)
      if (index === 0) doubled.push(sum)
    }
    found.push(sum)
  }
  // Multiples of a point of prime order, none of them by n: never the point at infinity.
  return { teeth: normalise(found) ?? [], twice: normalise(doubled) ?? [] }
}

/** Entries 127 .. 0 by subtraction of twice a tooth; `onStart` and `onAdd` see each step. */
function entriesOf(key: Point, steps?: StepRecorder): Point[] {
  const { teeth, twice } = teethOf(key, () => steps?.double())
  const last = teeth[TEETH - 1]
  if (last === undefined) return []
  let sum = toJacobian(last)
  for (const tooth of teeth.slice(0, TEETH - 1)) {
    steps?.add(tooth)
    sum = addPoint(sum, tooth)
  }
  const entries = new Array<Jacobian>(128)
  entries[127] = sum
  for (let m = 126; m >= 0; m--) {
    let tooth = 0
    while ((m >> tooth) & 1) tooth++
    const from = entries[m + (1 << tooth)]
    const step = twice[tooth]
    if (from === undefined || step === undefined) return []
    steps?.restart(from)
    steps?.add(negate(step))
    entries[m] = addPoint(from, negate(step))
  }
  return normalise(entries) ?? []
}

/** The 128 entries of a key's comb table, as P384Tables keeps them. */
export function combTable(key: Point): Point[] {
  return entriesOf(key)
}

let generator: Point[] | undefined

/** The generator's comb table, computed once. */
export function generatorTable(): readonly Point[] {
  generator ??= combTable(G)
  return generator
}

/**
 * Hints for `P384Tables.create`: 470 slopes.
 *
 * @param publicKey - x ‖ y, 96 bytes.
 * @returns 22,560 bytes; undefined if the key is not a point of the curve.
 */
export function p384TableHints(publicKey: Uint8Array): Uint8Array | undefined {
  const key = { x: toInteger(publicKey.subarray(0, 48)), y: toInteger(publicKey.subarray(48)) }
  if (publicKey.length !== 96 || !isOnCurve(key) || !isAccepted(key)) return undefined
  const steps = new StepRecorder(key)
  entriesOf(key, steps)
  return steps.slopes()
}

/** The generator as the 96 bytes that `P384Tables.create` takes. */
export const P384_GENERATOR: Uint8Array = Uint8Array.from([...toBytes(G.x, 48), ...toBytes(G.y, 48)])
