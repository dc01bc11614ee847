import {
  boundsOf,
  constant,
  type Interval,
  keyOf,
  type Polynomial,
  product,
  reduced,
  scaled,
  sum,
  symbol,
} from './polynomial.ts'
import type { Expression, Statement } from './yul.ts'

export const WORD = 2n ** 256n
export const M = WORD - 1n
export const HALF = 2n ** 128n
export const E = 2n ** 96n - 2n ** 32n + 1n
export const P = HALF * M - E

/**
 * What is known of a word: it is `poly` modulo 2^256. Where `exact`, the integer that it stands for (two's complement if
 * `lo` is negative) is `poly`, from `lo` to `hi`. Elsewhere `lo` and `hi` bound the integer before the wrap.
 */
export interface Value extends Interval {
  readonly poly: Polynomial
  readonly exact: boolean
}

/** An operation that needs the integer of a word of which only the residue modulo 2^256 is proved. */
export class UnprovedError extends Error {}

const fits = ({ lo, hi }: Interval) => (lo >= 0n && hi < WORD) || (lo >= -WORD / 2n && hi < WORD / 2n)
const floor = (value: bigint, shift: bigint) => value >> shift

/**
 * Runs assembly over polynomials and intervals. Every operation whose result depends on the integer and not only on its
 * residue (comparison, right shift, mask, mulmod, addmod, complement) demands that no wrap can have happened before; else
 * {@link UnprovedError}. `branches` decides comparisons of two words: one run for each combination.
 */
export class Symbolic {
  readonly symbols = new Map<string, Interval>()
  readonly variables = new Map<string, Value>()
  readonly memory = new Map<string, Value>()
  readonly #constants: ReadonlyMap<string, bigint>
  readonly #branches: boolean[]
  readonly #quotients = new Map<string, Value>()
  /** Bounds of a polynomial that a branch implies. */
  readonly #facts = new Map<string, Interval>()
  #fresh = 0

  constructor(constants: ReadonlyMap<string, bigint>, branches: readonly boolean[] = []) {
    this.#constants = constants
    this.#branches = [...branches]
  }

  /** A new symbol between the bounds, as a value. */
  symbol(name: string, lo: bigint, hi: bigint): Value {
    this.symbols.set(name, { lo, hi })
    return { poly: symbol(name), lo, hi, exact: true }
  }

  run(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.kind === 'assign') this.variables.set(statement.name, this.evaluate(statement.value))
      else if (statement.kind === 'store') this.memory.set(placeOf(statement.place), this.evaluate(statement.value))
      else if (statement.kind === 'while') throw new Error('a loop')
      else if (this.evaluate(statement.condition).lo === 1n) this.run(statement.body)
    }
  }

  variable(name: string): Value {
    const value = this.variables.get(name)
    if (value === undefined) throw new Error(`no variable ${name}`)
    // A branch taken since may have proved more.
    return value.exact ? value : this.#value(value.poly, value)
  }

  evaluate(expression: Expression): Value {
    if (expression.kind === 'number') return this.#number(expression.value)
    if (expression.kind === 'name') {
      const known = this.#constants.get(expression.name)
      return known === undefined ? this.variable(expression.name) : this.#number(known)
    }
    const { name, args } = expression
    if (name === 'mload') return this.#load(args)
    const [x, y] = args.map((argument) => this.evaluate(argument))
    if (x === undefined) throw new Error(`${name} of nothing`)
    if (name === 'not')
      return this.#value(sum(constant(M), x.poly, -1n), { lo: M - x.hi, hi: M - this.#word(x, 'not').lo })
    if (y === undefined) throw new Error(`${name} of one`)
    return this.#binary(name, x, y)
  }

  #binary(name: string, x: Value, y: Value): Value {
    switch (name) {
      case 'add':
        return this.#value(sum(x.poly, y.poly), { lo: x.lo + y.lo, hi: x.hi + y.hi })
      case 'sub':
        return this.#value(sum(x.poly, y.poly, -1n), { lo: x.lo - y.hi, hi: x.hi - y.lo })
      case 'mul':
        return this.#value(product(x.poly, y.poly))
      case 'mulmod':
        return this.#remainder(product(this.#word(x, name).poly, this.#word(y, name).poly), x.hi * y.hi)
      case 'addmod':
        return this.#remainder(sum(this.#word(x, name).poly, this.#word(y, name).poly), x.hi + y.hi)
      case 'shr':
        return this.#quotient(this.#word(y, name), x.lo)
      case 'sar':
        return this.#quotient(this.#known(y, name), x.lo)
      case 'shl':
        return this.#shifted(y, x.lo)
      case 'and':
        return this.#masked(x, y)
      case 'or':
        return this.#joined(x, y)
      case 'lt':
        return this.#lessThan(x, y)
      default:
        throw new Error(`unknown operation ${name}`)
    }
  }

  /** The word that is `poly` modulo 2^256, between the bounds before a wrap. */
  #value(poly: Polynomial, given?: Interval): Value {
    const plain = boundsOf(poly, this.symbols)
    const fact = this.#facts.get(keyOf(poly))
    const bounds = [given, fact].reduce<Interval>(
      (least, next) =>
        next ? { lo: next.lo > least.lo ? next.lo : least.lo, hi: next.hi < least.hi ? next.hi : least.hi } : least,
      plain,
    )
    if (fits(bounds)) return { poly, ...bounds, exact: true }
    // One wrap for certain.
    for (const by of [WORD, -WORD]) {
      const moved = { lo: bounds.lo + by, hi: bounds.hi + by }
      if (moved.lo >= 0n && moved.hi < WORD) return { poly: sum(poly, constant(by)), ...moved, exact: true }
    }
    const small = reduced(poly, WORD)
    const smallBounds = boundsOf(small, this.symbols)
    return fits(smallBounds) ? { poly: small, ...smallBounds, exact: true } : { poly, ...bounds, exact: false }
  }

  #number(value: bigint): Value {
    return { poly: constant(value), lo: value, hi: value, exact: true }
  }

  #known(value: Value, operation: string): Value {
    const proved = value.exact ? value : this.#value(value.poly, value)
    if (!proved.exact) throw new UnprovedError(`${operation} of a word that may have wrapped`)
    return proved
  }

  /** A word whose integer is not negative. */
  #word(value: Value, operation: string): Value {
    const known = this.#known(value, operation)
    if (known.lo < 0n) throw new UnprovedError(`${operation} of a negative number`)
    return known
  }

  /** x modulo M for the x that `poly` is: x - M k with k a new symbol. */
  #remainder(poly: Polynomial, most: bigint): Value {
    const k = this.symbol(`k${this.#fresh++}`, 0n, most / M)
    return { poly: sum(poly, k.poly, -M), lo: 0n, hi: M - 1n, exact: true }
  }

  #quotient(value: Value, shift: bigint): Value {
    const key = `${shift} ${keyOf(value.poly)}`
    const known = this.#quotients.get(key)
    if (known !== undefined) return known
    const quotient = this.symbol(`q${this.#fresh++}`, floor(value.lo, shift), floor(value.hi, shift))
    this.#quotients.set(key, quotient)
    return quotient
  }

  /** Low 128 bits. */
  #low(value: Value): Value {
    const known = this.#known(value, 'and')
    const { poly } = this.#quotient(known, 128n)
    return { poly: sum(known.poly, poly, -HALF), lo: 0n, hi: HALF - 1n, exact: true }
  }

  #masked(x: Value, y: Value): Value {
    if (y.lo !== HALF - 1n || y.hi !== y.lo) throw new Error('and with another mask than the low half')
    return this.#low(x)
  }

  #shifted(value: Value, by: bigint): Value {
    const factor = 2n ** by
    if (by !== 128n) return this.#value(scaled(value.poly, factor), { lo: value.lo * factor, hi: value.hi * factor })
    const { poly } = this.#low(value)
    return { poly: scaled(poly, HALF), lo: 0n, hi: WORD - HALF, exact: true }
  }

  /** Halves that do not overlap; of anything else nothing is known. */
  #joined(x: Value, y: Value): Value {
    const isHigh = [...x.poly.values()].every((coefficient) => coefficient % HALF === 0n)
    if (x.exact && isHigh && y.lo >= 0n && y.hi < HALF) return this.#binary('add', x, y)
    return this.symbol(`o${this.#fresh++}`, 0n, M)
  }

  /** Of a variable and a constant: unknown. Of two words: as the run decides, with what follows for their difference. */
  #lessThan(x: Value, y: Value): Value {
    if (y.lo === y.hi) return this.symbol(`c${this.#fresh++}`, 0n, 1n)
    const taken = this.#branches.shift()
    if (taken === undefined) throw new Error('a branch more than decided')
    if (x.exact) {
      const difference = sum(x.poly, y.poly, -1n)
      this.#facts.set(keyOf(difference), taken ? { lo: x.lo - y.hi, hi: -1n } : { lo: 0n, hi: x.hi - y.lo })
    } else {
      // x is a sum modulo 2^256 of which y is one part: it is below y exactly if the sum passed 2^256.
      this.#facts.set(keyOf(x.poly), taken ? { lo: WORD, hi: x.hi } : { lo: x.lo, hi: M })
    }
    return this.#number(taken ? 1n : 0n)
  }

  #load(args: readonly Expression[]): Value {
    const name = args[0] === undefined ? '' : placeOf(args[0])
    const stored = this.memory.get(name)
    if (stored !== undefined) return stored
    const value = this.symbol(name, 0n, name.endsWith('LOW') ? HALF - 1n : M)
    this.memory.set(name, value)
    return value
  }
}

function placeOf(place: Expression): string {
  if (place.kind === 'call') throw new Error('memory at a computed place')
  return place.kind === 'name' ? place.name : String(place.value)
}
