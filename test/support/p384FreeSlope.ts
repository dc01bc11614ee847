import { invert, mod, P, type Point, toBytes } from '../../packages/abi/src/p384/curve.ts'

const COLUMNS = 48
const over = (a: bigint, b: bigint) => mod(a * invert(b, P), P)

/** Affine steps as the contract makes them: from whatever slope they are given, right or not. */
class AffineSum {
  x: bigint
  y: bigint
  readonly slopes: bigint[] = []

  constructor({ x, y }: Point) {
    this.x = x
    this.y = y
  }

  /** Takes `slope` where the denominator is zero. */
  add({ x, y }: Point, slope = 0n): void {
    const used = x === this.x ? slope : over(this.y - y, this.x - x)
    this.slopes.push(used)
    this.#follow(used, x)
  }

  doubleAdd({ x, y }: Point): void {
    const first = over(this.y - y, this.x - x)
    const d = mod(first * first - 2n * this.x - x, P)
    const both = over(-2n * this.y, d)
    this.slopes.push(first, both)
    this.#follow(both - first, mod(d + this.x, P))
  }

  #follow(slope: bigint, x: bigint): void {
    const next = mod(slope * slope - this.x - x, P)
    this.y = mod(slope * (this.x - next) - this.y, P)
    this.x = next
  }
}

/**
 * u G + u G over two combs that are the same. The first addition is of equal points and takes `slope`; every later step is
 * right for the point that it starts from.
 *
 * @param point - Point of a column.
 */
export function freeSlopeHints(
  point: (column: number) => Point,
  slope: bigint | 'tangent',
): { readonly sum: Point; readonly slopes: Uint8Array } {
  const first = point(COLUMNS - 1)
  const sum = new AffineSum(first)
  sum.add(first, slope === 'tangent' ? over(3n * first.x * first.x - 3n, 2n * first.y) : slope)
  for (let column = COLUMNS - 2; column >= 0; column--) {
    sum.doubleAdd(point(column))
    sum.add(point(column))
  }
  return { sum: { x: sum.x, y: sum.y }, slopes: Buffer.concat(sum.slopes.map((word) => toBytes(word, 48))) }
}
