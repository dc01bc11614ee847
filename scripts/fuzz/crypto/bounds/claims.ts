import { readFileSync } from 'node:fs'
import { boundsOf, constant, type Polynomial, product, reduced, scaled, sum, symbol } from './polynomial.ts'
import { E, HALF, M, P, Symbolic, type Value, WORD } from './symbolic.ts'
import { assemblyOf, type Expression, renamed, type Statement } from './yul.ts'

const read = (name: string) =>
  readFileSync(new URL(`../../../../contracts/crypto/${name}.sol`, import.meta.url), 'utf8')
const SOURCES = { P384Field: read('P384Field'), P384Steps: read('P384Steps'), P384Jacobian: read('P384Jacobian') }
const SCALAR = read('P384Scalar')

const CONSTANTS: ReadonlyMap<string, bigint> = new Map([
  ['M', M],
  ['E', E],
  ['LOW', HALF - 1n],
  ['SUSPECT', 2n ** 132n],
  ['P_HIGH', P >> 128n],
  ['P_LOW', P % HALF],
  ...[1n, 2n, 3n, 4n].map((n): [string, bigint] => [n === 1n ? 'MINUS_E' : `MINUS_${n}E`, -n * E]),
])

/** Bounds of a linear term 2^128 L + l that the products are given. */
const LINEAR = { high: 2n ** 258n, low: 2n ** 131n }

function claim(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not proved: ${what}`)
}

const element = (a: Polynomial, b: Polynomial) => sum(scaled(a, HALF), b)
const named = (name: string) => element(symbol(`${name}a`), symbol(`${name}b`))

function claimCongruent(got: Polynomial, expected: Polynomial, what: string): void {
  claim(reduced(sum(got, expected, -1n), P).size === 0, `${what} modulo p`)
}

function block(source: string, name: string, index = 0): readonly Statement[] {
  const found = assemblyOf(source, name).at(index)
  if (found === undefined) throw new Error(`no assembly ${index} in ${name}`)
  return found
}

/** A block of assembly that is one of P384Field's products, and its names there: copies have others. */
interface Product {
  readonly source: 'P384Field' | 'P384Steps'
  readonly name: string
  readonly index?: number
  readonly names?: Readonly<Record<string, string>>
}

const productBlock = ({ source, name, index = 0, names = {} }: Product) =>
  renamed(block(SOURCES[source], name, index), { m: 'M', ...names })

const label = ({ source, name, index }: Product) => (index === undefined ? name : `${source}.${name}, block ${index}`)

function withElements(names: readonly string[], branches: readonly boolean[] = []): Symbolic {
  const run = new Symbolic(CONSTANTS, branches)
  for (const name of names) {
    run.variables.set(`${name}a`, run.symbol(`${name}a`, 0n, M))
    run.variables.set(`${name}b`, run.symbol(`${name}b`, 0n, HALF - 1n))
  }
  return run
}

/** ls = L modulo M, lk = L modulo 2^256 and lb = l, within their bounds. Returns 2^128 L + l. */
function giveLinear(run: Symbolic, isPositive = false): Polynomial {
  const L = run.symbol('L', 0n, LINEAR.high - 1n)
  const k = run.symbol('Lk', 0n, LINEAR.high / M)
  // A single term may be M itself, which is 0 modulo M.
  run.variables.set('ls', { poly: sum(L.poly, k.poly, -M), lo: 0n, hi: M, exact: true })
  run.variables.set('lk', { ...L, exact: false })
  run.variables.set('lb', run.symbol('l', isPositive ? -E : 1n - LINEAR.low, LINEAR.low - 1n))
  return element(L.poly, symbol('l'))
}

/** `a` may have left [0, 2^256) by no more than `window`, which the test that the caller makes sees; b has not. */
function claimPair(
  run: Symbolic,
  expected: Polynomial,
  [below, above]: readonly [bigint, bigint],
  what: string,
  [high, low]: readonly [string, string] = ['a', 'b'],
): string {
  const [a, b] = [run.variable(high), run.variable(low)]
  claim(b.exact && b.lo >= 0n && b.hi < HALF, `${what}: low half`)
  claim(a.lo >= -below && a.hi < WORD + above, `${what}: high part`)
  claimCongruent(element(a.poly, b.poly), expected, what)
  const over = a.hi < WORD ? '' : ` + ${a.hi - WORD + 1n <= 2n ** 129n ? 'less than 2^129' : 'more'}`
  return `${what}: high part from ${a.lo} to ${a.hi < WORD ? '2^256 - 1' : `2^256 - 1${over}`}`
}

/** isSuspect: a + 16 < 2^132 modulo 2^256. isNearZero: a + 2 < 3. */
const SUSPECT = [16n, 2n ** 132n - 16n] as const
const NEAR_ZERO = [2n, 1n] as const

/** x y + l, x^2 + l; then x^2 alone. */
const SUMS: readonly (Product & { readonly factors: readonly string[]; readonly isBare?: boolean })[] = [
  { source: 'P384Field', name: 'mulAdd', factors: ['x', 'y'] },
  { source: 'P384Field', name: 'squareAdd', factors: ['x'] },
  { source: 'P384Steps', name: '_secondChord', index: 1, factors: ['x'] },
  { source: 'P384Steps', name: '_finish', index: 0, factors: ['x'] },
  { source: 'P384Steps', name: '_finish', index: 2, factors: ['x', 'y'] },
  { source: 'P384Steps', name: '_tangent', index: 1, factors: ['x'], names: { ya: 'xa', yb: 'xb' }, isBare: true },
]

/** Products: exact but for a wrap at the end that isSuspect sees. */
export function proveProducts(): string[] {
  const lines: string[] = []
  for (const given of SUMS) {
    const run = withElements(given.factors)
    const linear = given.isBare ? constant(0n) : giveLinear(run)
    run.run(productBlock(given))
    const factors = product(named('x'), named(given.factors.at(-1) ?? 'x'))
    lines.push(claimPair(run, sum(factors, linear), SUSPECT, label(given)))
  }
  for (const lost of [false, true]) {
    const run = withElements(['x', 'y'], [lost])
    run.run(block(SOURCES.P384Field, 'mul'))
    lines.push(claimPair(run, product(named('x'), named('y')), [0n, 0n], `mul, ${lost ? 'a wrap' : 'no wrap'}`))
  }
  return lines
}

type ResidueKind = 'mulAddResidue' | 'mulSubResidue' | 'doublingResidue'

const RESIDUES: readonly (Product & { readonly kind: ResidueKind })[] = [
  ...(['mulAddResidue', 'mulSubResidue', 'doublingResidue'] as const).map(
    (name) => ({ source: 'P384Field', name, kind: name }) as const,
  ),
  { source: 'P384Steps', name: '_chord', index: 1, kind: 'mulAddResidue', names: { c: 'b' } },
  {
    source: 'P384Steps',
    name: '_secondChord',
    index: 3,
    kind: 'mulSubResidue',
    names: { a: 'xa', b: 'xb', c: 'b' },
  },
  { source: 'P384Steps', name: '_tangent', index: 3, kind: 'doublingResidue', names: { a: 'za', b: 'zb', c: 'b' } },
]

/**
 * nonzero is zero only where 2^128 high + low is p + E as an integer: high must not be another number that is M modulo
 * 2^256. mulAddResidue demands l >= -E for that; mulSubResidue bears every l and refuses s < 8.
 */
export function proveResidues(): string[] {
  return RESIDUES.map((given) => {
    const { kind } = given
    const isDoubling = kind === 'doublingResidue'
    const run = withElements(isDoubling ? ['x', 'y', 'z'] : ['x', 'y'])
    const linear = isDoubling ? sum(scaled(named('z'), 3n), constant(-3n)) : giveLinear(run, kind === 'mulAddResidue')
    const statements = productBlock(given)
    run.run(statements.slice(0, -1))
    const last = statements.at(-1)
    let nonzero = last?.kind === 'assign' ? last.value : undefined
    if (kind === 'mulSubResidue') {
      const [rest, tooSmall] = argumentsOf(nonzero, 'or')
      claim(JSON.stringify(tooSmall, printable) === SMALL_S, 'mulSubResidue refuses s < 8')
      nonzero = rest
      run.variables.set('s', { ...run.variable('s'), lo: 8n })
    }
    const [inverted, masked] = argumentsOf(nonzero, 'or')
    const [sumOf] = argumentsOf(inverted, 'not')
    if (sumOf === undefined || masked === undefined) throw new Error('another form of a residue')
    const [high, low] = [run.evaluate(sumOf), run.evaluate(masked)]
    claim(high.lo > M - WORD && high.hi < M + WORD && low.exact, `${label(given)}: only one high part is M`)
    const expected = sum(scaled(product(named('x'), named('y')), isDoubling ? 2n : 1n), linear)
    claimCongruent(element(high.poly, low.poly), sum(expected, constant(E)), label(given))
    return `${label(given)}: high part from ${high.lo} to less than 2^256 + 2^${(high.hi - WORD).toString(2).length}`
  })
}

const printable = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)
const SMALL_S = '{"kind":"call","name":"lt","args":[{"kind":"name","name":"s"},{"kind":"number","value":8}]}'

function argumentsOf(expression: Expression | undefined, name: string): readonly Expression[] {
  return expression?.kind === 'call' && expression.name === name ? expression.args : []
}

/** Differences: exact but for a wrap at the end that isNearZero sees. */
export function proveDifferences(): string[] {
  return [false, true].map((isLess) => {
    const run = withElements(['x', 'y'], [isLess])
    run.run(block(SOURCES.P384Field, 'subtract'))
    return claimPair(run, sum(named('x'), named('y'), -1n), NEAR_ZERO, `subtract, ${isLess ? 'x < y' : 'x >= y'}`)
  })
}

/** n x and 2 x - y of P384Jacobian. */
export function proveMultiples(): string[] {
  const run = withElements(['t', 'x'])
  run.run(block(SOURCES.P384Jacobian, '_doubled', 1))
  const difference = sum(scaled(named('t'), 2n), named('x'), -1n)
  // Its first statements take t for an input and its last ones for the result.
  const line = claimPair(run, difference, SUSPECT, '2 x - y', ['ta', 'tb'])
  return [line, ...[2n, 3n].map(proveMultiple)]
}

function proveMultiple(n: bigint): string {
  const run = new Symbolic(CONSTANTS)
  run.variables.set('a', run.symbol('xa', 0n, M))
  run.variables.set('b', run.symbol('xb', 0n, HALF - 1n))
  run.variables.set('n', { poly: constant(n), lo: n, hi: n, exact: true })
  run.run(block(SOURCES.P384Jacobian, '_times'))
  return claimPair(run, scaled(named('x'), n), SUSPECT, `${n} x`)
}

interface LinearBlock {
  readonly source: keyof typeof SOURCES
  readonly name: string
  readonly index: number
  /** A block before it whose linear term it goes on with. */
  readonly after?: { readonly name: string; readonly index: number }
  /** Names of L modulo M, L modulo 2^256 and l. */
  readonly words: readonly [string, string, string]
  /** Variables of the block that are halves of elements. */
  readonly given?: readonly string[]
  /** The sum of elements that it stands for: names of memory or variables, with their factors. */
  readonly means: Readonly<Record<string, bigint>>
  /** A difference made on the way: the variable, and what is taken from what. */
  readonly difference?: readonly [string, string, string]
}

const STEP = ['ls', 'lk', 'lb'] as const
const JACOBIAN = ['s', 'k', 'low'] as const

/** Every block that makes a linear term. An element without a name is (a, b). */
export const LINEAR_BLOCKS: readonly LinearBlock[] = [
  { source: 'P384Steps', name: '_tangent', index: 4, words: STEP, given: [''], means: { AX: -2n } },
  {
    source: 'P384Steps',
    name: '_chord',
    index: 0,
    words: STEP,
    means: { AY: 1n, TY: 1n },
    difference: ['y', 'AX', 'TX'],
  },
  { source: 'P384Steps', name: '_chord', index: 2, words: STEP, given: [''], means: { AX: -1n, TX: -1n } },
  {
    source: 'P384Steps',
    name: '_secondChord',
    index: 0,
    after: { name: '_chord', index: 2 },
    words: STEP,
    given: [''],
    means: { AX: -2n, TX: -1n },
  },
  {
    source: 'P384Steps',
    name: '_secondChord',
    index: 2,
    words: STEP,
    given: ['', 'x', 'y'],
    means: { AY: -2n },
    difference: ['x', '', 'x'],
  },
  {
    source: 'P384Steps',
    name: '_secondChord',
    index: 4,
    words: STEP,
    given: ['', 'y'],
    means: { AX: -2n, y: -1n },
  },
  {
    source: 'P384Steps',
    name: '_finish',
    index: 1,
    words: STEP,
    given: [''],
    means: { AY: -1n },
    difference: ['y', '', 'AX'],
  },
  { source: 'P384Jacobian', name: '_doubled', index: 0, words: JACOBIAN, given: ['t'], means: { t: -4n } },
  { source: 'P384Jacobian', name: '_doubled', index: 2, words: JACOBIAN, given: ['g'], means: { g: -2n } },
  { source: 'P384Jacobian', name: '_added', index: 0, words: JACOBIAN, given: ['v', 'h'], means: { v: -2n, h: -1n } },
]

/** The linear term is the one meant, within the bounds that the products demand. */
export function proveLinear({ source, name, index, after, words, given = [], means, difference }: LinearBlock): string {
  const what = `${source}.${name}, block ${index}`
  const isSteps = source === 'P384Steps'
  for (const isLess of [false, true]) {
    const run = withElements(given, [isLess])
    run.variables.set('bad', run.symbol('bad', 0n, 1n))
    for (const part of after ? [after, { name, index }] : [{ name, index }])
      run.run(renamed(block(SOURCES[source], part.name, part.index), isSteps ? { m: 'M' } : {}))
    const [s, k, low] = words.map((word) => run.variable(word))
    if (s === undefined || k === undefined || low === undefined) throw new Error(what)
    const bounds = boundsOf(k.poly, run.symbols)
    claim(bounds.lo >= 0n && bounds.hi < LINEAR.high, `${what}: L`)
    claim(s.lo >= 0n && s.hi <= M && reduced(sum(s.poly, k.poly, -1n), M).size === 0, `${what}: L modulo M`)
    claim(isSmall(low), `${what}: l`)
    const meant = Object.entries(means).reduce<Polynomial>(
      (total, [from, factor]) => sum(total, scaled(elementAt(from, given), factor)),
      new Map(),
    )
    claimCongruent(element(k.poly, low.poly), meant, what)
    if (difference === undefined) continue
    const [variable, from, taken] = difference
    const expected = sum(elementAt(from, given), elementAt(taken, given), -1n)
    claimPair(run, expected, NEAR_ZERO, what, [`${variable}a`, `${variable}b`])
  }
  return what
}

/** P384Steps reads M as the complement of a word that is zero. */
export function proveModulus(): string {
  const [only] = block(SOURCES.P384Steps, '_step')
  claim(only?.kind === 'assign' && only.name === 'm', 'M of P384Steps')
  const value = only?.kind === 'assign' ? JSON.stringify(only.value, printable) : ''
  claim(value === COMPLEMENT_OF_ZERO, 'M of P384Steps')
  return 'P384Steps: m = M'
}

const COMPLEMENT_OF_ZERO =
  '{"kind":"call","name":"not","args":[{"kind":"call","name":"mload","args":[{"kind":"number","value":96}]}]}'

const isSmall = ({ exact, lo, hi }: Value) => exact && lo > -LINEAR.low && hi < LINEAR.low

const elementAt = (name: string, given: readonly string[]) =>
  given.includes(name) ? named(name) : element(symbol(`${name}_HIGH`), symbol(`${name}_LOW`))

/** Two words of a scalar: sums and differences of numbers below 2^385. */
export function proveScalars(): string[] {
  return (['sum', 'difference'] as const).flatMap((name) =>
    [false, true].map((carry) => {
      const run = new Symbolic(CONSTANTS, [carry])
      for (const word of ['xh', 'yh']) run.variables.set(word, run.symbol(word, 0n, 2n ** 129n - 1n))
      for (const word of ['xl', 'yl']) run.variables.set(word, run.symbol(word, 0n, M))
      run.run(block(SCALAR, name))
      const [high, low] = [run.variable('high'), run.variable('low')]
      const what = `P384Scalar.${name}, ${carry ? 'carry' : 'no carry'}`
      claim(low.exact && low.lo >= 0n && low.hi < WORD, `${what}: low word`)
      claim(high.hi < 2n ** 130n && high.lo > -(2n ** 130n), `${what}: high word`)
      const number = (h: string, l: string) => sum(scaled(symbol(h), WORD), symbol(l))
      const expected = sum(number('xh', 'xl'), number('yh', 'yl'), name === 'sum' ? 1n : -1n)
      claim(sum(sum(scaled(high.poly, WORD), low.poly), expected, -1n).size === 0, what)
      return what
    }),
  )
}
