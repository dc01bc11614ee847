import {
  addPoint,
  double,
  invertAll,
  type Jacobian,
  mod,
  normalise,
  P,
  type Point,
  toBytes,
  toJacobian,
} from './curve.ts'

/** Bytes of one slope. */
const SLOPE_BYTES = 48
const HIGHEST = 2n ** 256n - 2n

interface Step {
  readonly kind: 'double' | 'add' | 'doubleAdd'
  /** Index of A, and of A + T for doubleAdd, among the recorded points. */
  readonly before: number
  readonly point: Point
}

/**
 * The running sum of `P384Steps`: records every step without an inversion, then yields the slopes of all of them.
 *
 * Mirrors the contract: a step whose denominator the contract refuses makes {@link slopes} undefined.
 */
export class StepRecorder {
  readonly #points: Jacobian[] = []
  readonly #steps: Step[] = []
  #sum: Jacobian

  constructor(start: Point) {
    this.#sum = toJacobian(start)
  }

  /** The sum so far. */
  get sum(): Jacobian {
    return this.#sum
  }

  /** Goes on from another point. */
  restart(start: Jacobian): void {
    this.#sum = start
  }

  double(): void {
    this.#record('double', { x: 0n, y: 0n })
    this.#sum = double(this.#sum)
  }

  add(point: Point): void {
    this.#record('add', point)
    this.#sum = addPoint(this.#sum, point)
  }

  /** (A + T) + A. */
  doubleAdd(point: Point): void {
    this.#record('doubleAdd', point)
    const once = addPoint(this.#sum, point)
    this.#points.push(once)
    this.#sum = addJacobian(once, this.#sum)
  }

  #record(kind: Step['kind'], point: Point): void {
    this.#steps.push({ kind, before: this.#points.length, point })
    this.#points.push(this.#sum)
  }

  /** The hints of all steps, in order; undefined if a step has no slope. */
  slopes(): Uint8Array | undefined {
    const points = normalise(this.#points)
    if (points === undefined) return undefined
    const fractions = this.#steps.flatMap((step) => fractionsOf(step, points))
    if (fractions.some(([, denominator]) => isNearZero(denominator))) return undefined
    const inverses = invertAll(fractions.map(([, denominator]) => denominator))
    if (inverses === undefined) return undefined
    const hints = new Uint8Array(SLOPE_BYTES * fractions.length)
    fractions.forEach(([numerator], index) => {
      hints.set(toBytes(mod(numerator * (inverses[index] ?? 0n), P), SLOPE_BYTES), SLOPE_BYTES * index)
    })
    return hints
  }
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

/** Denominators that the contract cannot tell from zero: high part 0 or that of p. */
function isNearZero(denominator: bigint): boolean {
  const high = denominator >> 128n
  return high === 0n || high >= HIGHEST
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
