/** P-384 (FIPS 186-5, SP 800-186 3.2.1.4) with bigints: what a hint generator needs. Not constant time: no secrets here. */

/** Field prime, 2^384 - 2^128 - 2^96 + 2^32 - 1. */
export const P = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n
/** Order of the group. */
export const N = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n
/** The curve's coefficient. */
export const B = 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn

export interface Point {
  readonly x: bigint
  readonly y: bigint
}

/** The generator. */
export const G: Point = {
  x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
  y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
}

/** Jacobian coordinates: x = X / Z^2, y = Y / Z^3. Z = 0 is the point at infinity. */
export interface Jacobian {
  readonly X: bigint
  readonly Y: bigint
  readonly Z: bigint
}

/** Remainder in [0, m). */
export function mod(value: bigint, m: bigint): bigint {
  const rest = value % m
  return rest < 0n ? rest + m : rest
}

/** Inverse modulo a prime; `value` must not be 0 modulo it. */
export function invert(value: bigint, m: bigint): bigint {
  let [a, b, u, v] = [mod(value, m), m, 1n, 0n]
  while (a !== 0n) {
    const quotient = b / a
    ;[a, b] = [b - quotient * a, a]
    ;[u, v] = [v - quotient * u, u]
  }
  return mod(v, m)
}

/** Inverses modulo P with a single inversion (Montgomery); undefined if any value is 0. */
export function invertAll(values: readonly bigint[]): bigint[] | undefined {
  const prefixes: bigint[] = []
  let product = 1n
  for (const value of values) {
    prefixes.push(product)
    product = (product * value) % P
  }
  if (product === 0n) return undefined
  let rest = invert(product, P)
  const inverses = new Array<bigint>(values.length)
  for (let index = values.length - 1; index >= 0; index--) {
    inverses[index] = (rest * (prefixes[index] ?? 0n)) % P
    rest = (rest * (values[index] ?? 0n)) % P
  }
  return inverses
}

export function isOnCurve({ x, y }: Point): boolean {
  return x < P && y < P && mod(y * y - x * x * x + 3n * x - B, P) === 0n
}

export const toJacobian = ({ x, y }: Point): Jacobian => ({ X: x, Y: y, Z: 1n })

export const negate = ({ x, y }: Point): Point => ({ x, y: y === 0n ? 0n : P - y })

/** 2A; A is not the point at infinity. */
export function double({ X, Y, Z }: Jacobian): Jacobian {
  const delta = (Z * Z) % P
  const gamma = (Y * Y) % P
  const beta = (X * gamma) % P
  const alpha = (3n * (X - delta) * (X + delta)) % P
  const X3 = mod(alpha * alpha - 8n * beta, P)
  const Y3 = mod(alpha * (4n * beta - X3) - 8n * gamma * gamma, P)
  return { X: X3, Y: Y3, Z: mod(2n * Y * Z, P) }
}

/** A + T for A and T of different x; Z is 0 where they have the same. */
export function addPoint({ X, Y, Z }: Jacobian, { x, y }: Point): Jacobian {
  const zz = (Z * Z) % P
  const h = mod(x * zz - X, P)
  const r = mod(((y * Z) % P) * zz - Y, P)
  const hh = (h * h) % P
  const hhh = (h * hh) % P
  const v = (X * hh) % P
  const X3 = mod(r * r - hhh - 2n * v, P)
  return { X: X3, Y: mod(r * (v - X3) - Y * hhh, P), Z: (Z * h) % P }
}

/** Affine points of all; undefined if one is the point at infinity. */
export function normalise(points: readonly Jacobian[]): Point[] | undefined {
  const inverses = invertAll(points.map(({ Z }) => Z))
  return inverses?.map((inverse, index) => {
    const { X, Y } = points[index] ?? { X: 0n, Y: 0n }
    const square = (inverse * inverse) % P
    return { x: (X * square) % P, y: (((Y * square) % P) * inverse) % P }
  })
}

/** Big-endian integer. */
export function toInteger(bytes: Uint8Array): bigint {
  let hex = '0x0'
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return BigInt(hex)
}

/** Big-endian bytes of a fixed length. */
export function toBytes(value: bigint, length: number): Uint8Array {
  const hex = value.toString(16).padStart(2 * length, '0')
  return Uint8Array.from({ length }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16))
}
