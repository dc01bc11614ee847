/** Integer polynomials in named symbols: what a word stands for, as far as it is proved. */
export type Polynomial = ReadonlyMap<string, bigint>

/** Least and greatest value. */
export interface Interval {
  readonly lo: bigint
  readonly hi: bigint
}

export const constant = (value: bigint): Polynomial => (value === 0n ? new Map() : new Map([['', value]]))
export const symbol = (name: string): Polynomial => new Map([[name, 1n]])

export function sum(a: Polynomial, b: Polynomial, factor = 1n): Polynomial {
  const terms = new Map(a)
  for (const [monomial, coefficient] of b) {
    const total = (terms.get(monomial) ?? 0n) + factor * coefficient
    if (total === 0n) terms.delete(monomial)
    else terms.set(monomial, total)
  }
  return terms
}

export const scaled = (a: Polynomial, factor: bigint): Polynomial => sum(new Map(), a, factor)

export function product(a: Polynomial, b: Polynomial): Polynomial {
  let terms: Polynomial = new Map()
  for (const [left, x] of a) {
    const shifted = [...b].map(([right, y]): [string, bigint] => [
      [...left.split('*'), ...right.split('*')].filter(Boolean).sort().join('*'),
      x * y,
    ])
    terms = sum(terms, new Map(shifted))
  }
  return terms
}

/** Every coefficient replaced by its least residue by absolute value. */
export function reduced(a: Polynomial, modulus: bigint): Polynomial {
  const residue = (value: bigint) => {
    const rest = ((value % modulus) + modulus) % modulus
    return 2n * rest > modulus ? rest - modulus : rest
  }
  return new Map(
    [...a].map(([monomial, value]): [string, bigint] => [monomial, residue(value)]).filter(([, c]) => c !== 0n),
  )
}

export const keyOf = (a: Polynomial): string =>
  [...a]
    .map(([monomial, coefficient]) => `${monomial}:${coefficient}`)
    .sort()
    .join(' ')

const times = (a: Interval, b: Interval): Interval => {
  const ends = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi]
  return { lo: ends.reduce((x, y) => (x < y ? x : y)), hi: ends.reduce((x, y) => (x > y ? x : y)) }
}

/** Bounds of a polynomial from those of its symbols, each occurrence for itself. */
export function boundsOf(a: Polynomial, symbols: ReadonlyMap<string, Interval>): Interval {
  let [lo, hi] = [0n, 0n]
  for (const [monomial, coefficient] of a) {
    let range: Interval = { lo: coefficient, hi: coefficient }
    for (const name of monomial.split('*').filter(Boolean)) {
      const bounds = symbols.get(name)
      if (bounds === undefined) throw new Error(`no bounds of ${name}`)
      range = times(range, bounds)
    }
    lo += range.lo
    hi += range.hi
  }
  return { lo, hi }
}
