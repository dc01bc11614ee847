import {
  addPoint,
  B,
  double,
  invertAll,
  type Jacobian,
  mod,
  negate,
  normalise,
  P,
  type Point,
  toBytes,
  toJacobian,
} from './curve.ts'

/** Bytes of one slope. */
export const SLOPE_BYTES = 48
const HIGHEST = 2n ** 256n - 2n
const WORD = 2n ** 256n - 1n
/** Bound of `P384Field.isSuspect`. */
const SUSPECT = 2n ** 132n

interface Step {
  readonly kind: 'double' | 'add' | 'doubleAdd'
  /** Index of A, and of A + T for doubleAdd, among the recorded points. */
  readonly before: number
  /** Index of the step's result. */
  readonly after: number
  readonly point: Point
}

/**
 * The running sum of `P384Steps`: records every step without an inversion, then yields the slopes of all of them.
 *
 * Mirrors the contract: a step that the contract would refuse although it is right makes {@link slopes} undefined. That
 * takes a coordinate or a difference made for it, 2^-120 by chance.
 */
export class StepRecorder {
  readonly #points: Jacobian[] = []
  readonly #steps: Step[] = []
  #sum: Jacobian
  /** Whether the sum is the result of a step and not yet among the points. */
  #isResult = false

  constructor(start: Point) {
    this.#sum = toJacobian(start)
  }

  /** The sum so far. */
  get sum(): Jacobian {
    return this.#sum
  }

  /** Slopes so far. */
  get count(): number {
    return this.#steps.reduce((sum, { kind }) => sum + (kind === 'doubleAdd' ? 2 : 1), 0)
  }

  /** Goes on from another point. */
  restart(start: Jacobian): void {
    this.#flush()
    this.#sum = start
  }

  double(): void {
    const before = this.#push()
    this.#end({ kind: 'double', before, after: before + 1, point: { x: 0n, y: 0n } }, double(this.#sum))
  }

  add(point: Point): void {
    const before = this.#push()
    this.#end({ kind: 'add', before, after: before + 1, point }, addPoint(this.#sum, point))
  }

  /** (A + T) + A. */
  doubleAdd(point: Point): void {
    const before = this.#push()
    const once = addPoint(this.#sum, point)
    this.#points.push(once)
    this.#end({ kind: 'doubleAdd', before, after: before + 2, point }, addJacobian(once, this.#sum))
  }

  #push(): number {
    return this.#points.push(this.#sum) - 1
  }

  #end(step: Step, sum: Jacobian): void {
    this.#steps.push(step)
    this.#sum = sum
    this.#isResult = true
  }

  #flush(): void {
    if (this.#isResult) this.#push()
    this.#isResult = false
  }

  /** The hints of all steps, in order; undefined if the contract would refuse one of them. */
  slopes(): Uint8Array | undefined {
    this.#flush()
    const points = normalise(this.#points)
    if (points === undefined) return undefined
    const fractions = this.#steps.flatMap((step) => fractionsOf(step, points))
    const inverses = invertAll(fractions.map(([, denominator]) => denominator))
    if (inverses === undefined) return undefined
    const slopes = fractions.map(([numerator], index) => mod(numerator * (inverses[index] ?? 0n), P))
    let at = 0
    for (const step of this.#steps) {
      const used = slopes.slice(at, at + (step.kind === 'doubleAdd' ? 2 : 1))
      if (isRefused(step, points, used)) return undefined
      at += used.length
    }
    const hints = new Uint8Array(SLOPE_BYTES * slopes.length)
    slopes.forEach((slope, index) => {
      hints.set(toBytes(slope, SLOPE_BYTES), SLOPE_BYTES * index)
    })
    return hints
  }
}

/** The first Z of `P384Jacobian`. */
const FIRST_Z =
  (0xc6b66ac131a86807c2a83396ce3bd04b3e4d0510176175b1f73ae30259902e7fn << 128n) | 0x3e4d0510176175b1f73ae30259902e7fn

/** The running sum of `P384Jacobian`, turned: the contract keeps -y, and Z depends on every step. */
export class UnhintedSteps {
  #sum: Jacobian

  constructor({ x, y }: Point) {
    const square = (FIRST_Z * FIRST_Z) % P
    const Y = mod(-y * ((square * FIRST_Z) % P), P)
    this.#sum = { X: (x * square) % P, Y, Z: mod(FIRST_Z, P) }
  }

  /** Minus the sum so far. */
  get sum(): Jacobian {
    return this.#sum
  }

  double(): void {
    this.#sum = double(this.#sum)
  }

  add(point: Point): void {
    this.#sum = addPoint(this.#sum, negate(point))
  }

  doubleAdd(point: Point): void {
    this.double()
    this.add(point)
  }
}

/** Whether the contract takes an intermediate value of a right step for zero or for wrapped. */
function isRefused({ kind, before, after, point }: Step, points: readonly Point[], slopes: readonly bigint[]): boolean {
  const [a, sum, once] = [points[before] ?? point, points[after] ?? point, points[before + 1] ?? point]
  const [first = 0n, both = 0n] = slopes
  const results = [sum.x, P - sum.y]
  const differences = [sum.x - a.x]
  if (kind === 'double') {
    results.push(mod(a.x * a.x, P))
    differences.push(P - a.y)
  } else differences.push(a.x - point.x)
  if (kind === 'doubleAdd') {
    results.push(mod(once.x - a.x, P))
    differences.push(once.x - a.x, both - first)
  }
  return results.some(isSuspect) || differences.some(isNearZero)
}

/** Numerator and denominator of each slope of a step. */
function fractionsOf({ kind, before, point }: Step, points: readonly Point[]): [bigint, bigint][] {
  const a = points[before] ?? point
  if (kind === 'double') return [[3n * a.x * a.x - 3n, mod(2n * a.y, P)]]
  const chord: [bigint, bigint] = [a.y - point.y, mod(a.x - point.x, P)]
  if (kind === 'add') return [chord]
  const once = points[before + 1] ?? point
  // The slope of A and A + T is -2 A.y / d less the first slope, with d = (A + T).x - A.x; the contract takes the sum.
  return [chord, [-2n * a.y, mod(once.x - a.x, P)]]
}

/** Differences that `P384Field.isNearZero` cannot tell from zero: high part 0 or that of p. */
function isNearZero(difference: bigint): boolean {
  const high = mod(difference, P) >> 128n
  return high === 0n || high >= HIGHEST
}

/** Results that `P384Field.isSuspect` takes for wrapped. */
export function isSuspect(result: bigint): boolean {
  return (((result >> 128n) + 16n) & WORD) < SUSPECT
}

/** Whether `P384Field.curveResidue` accepts a point of the curve: its intermediate results must not be suspect. */
export function isAccepted({ x }: Point): boolean {
  const left = mod(x * x - 3n, P)
  return !isSuspect(left) && !isSuspect(mod(left * x + B, P))
}

/** A + B for Jacobian points of different x. */
function addJacobian(a: Jacobian, b: Jacobian): Jacobian {
  const za = (a.Z * a.Z) % P
  const zb = (b.Z * b.Z) % P
  const u = (a.X * zb) % P
  const s = (((a.Y * zb) % P) * b.Z) % P
  const h = mod(b.X * za - u, P)
  const r = mod(((b.Y * za) % P) * a.Z - s, P)
  const hh = (h * h) % P
  const hhh = (h * hh) % P
  const v = (u * hh) % P
  const X = mod(r * r - hhh - 2n * v, P)
  return { X, Y: mod(r * (v - X) - s * hhh, P), Z: (((a.Z * b.Z) % P) * h) % P }
}
