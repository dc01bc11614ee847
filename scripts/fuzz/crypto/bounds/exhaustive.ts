import { readFileSync } from 'node:fs'
import { compileSmall, type SmallWords } from './smallWords.ts'
import { assemblyOf } from './yul.ts'

const SOURCE = readFileSync(new URL('../../../../contracts/crypto/P384Field.sol', import.meta.url), 'utf8')
const PAIR = ['xa', 'xb', 'ya', 'yb']
const LINEAR = ['ls', 'lk', 'lb']

/** The function's last assembly block over small words. */
function small(words: SmallWords, name: string, inputs: readonly string[]): (...args: readonly number[]) => number[] {
  const block = assemblyOf(SOURCE, name).at(-1)
  if (block === undefined) throw new Error(`no assembly in ${name}`)
  return compileSmall(words, block, inputs, ['a', 'b'])
}

/** How far words may wrap at the end of a product before it is outside of what isSuspect sees: docs/specs/p384.md, 1. */
const BELOW_ZERO = 8

export interface Counted {
  readonly pairs: number
  /** Products whose last addition wrapped: in the window that the contract refuses. */
  readonly wrapped: number
}

/**
 * Every pair of elements (a, b) over small words, with `lows` as low halves: products, sums, differences, negation and the
 * canonical form of the source's own assembly against arithmetic modulo p. Throws at the first that is not right.
 */
export function exhaust(words: SmallWords, lows?: readonly number[]): Counted {
  const { bits, E } = words
  const [half, W] = [2 ** (bits / 2), 2 ** bits]
  const p = half * (W - 1) - E
  const check = checker(words, p)
  const kept = lows ?? Array.from({ length: half }, (_, low) => low)
  const elements = Array.from({ length: W }, (_, a) => kept.map((b): [number, number] => [a, b])).flat()
  let wrapped = 0
  for (const [xa, xb] of elements) {
    check.single(xa, xb)
    for (const [ya, yb] of elements) wrapped += check.pair(xa, xb, ya, yb)
  }
  return { pairs: elements.length ** 2, wrapped }
}

function checker(words: SmallWords, p: number) {
  const [half, W] = [2 ** (words.bits / 2), 2 ** words.bits]
  const value = (a: number, b: number) => a * half + b
  const mod = (number: number) => ((number % p) + p) % p
  const [mul, add, subtract] = ['mul', 'add', 'subtract'].map((name) => small(words, name, PAIR))
  const mulAdd = small(words, 'mulAdd', [...PAIR, ...LINEAR])
  const squareAdd = small(words, 'squareAdd', ['xa', 'xb', ...LINEAR])
  const reduce = small(words, 'canonical', ['a', 'b'])
  const turn = small(words, 'negate', ['a', 'b'])
  const canonical = (a: number, b: number): number[] => (value(a, b) < p ? [a, b] : reduce(a, b))
  function exact(what: string, [a = -1, b = -1]: readonly number[], expected: number): void {
    if (a < 0 || a >= W || b < 0 || b >= half || mod(value(a, b)) !== mod(expected))
      throw new Error(`${what} is ${a}, ${b}, not ${mod(expected)} modulo ${p}`)
  }
  /** 1 if the last addition wrapped; then the high part lies where the contract refuses it. */
  function unlessWrapped(what: string, [a = -1, b = -1]: readonly number[], expected: number): number {
    if (mod(value(a, b)) === mod(expected)) return 0
    const isSeen = a >= W - BELOW_ZERO || a < 2 * half
    if (!isSeen) exact(what, [a, b], expected)
    return 1
  }
  return {
    single(a: number, b: number): void {
      const [ca = -1, cb = -1] = canonical(a, b)
      if (value(ca, cb) !== mod(value(a, b))) throw new Error(`canonical form of ${a}, ${b}`)
      exact('p - x', turn(ca, cb), p - mod(value(a, b)))
    },
    pair(xa: number, xb: number, ya: number, yb: number): number {
      const [x, y] = [value(xa, xb), value(ya, yb)]
      if (mul === undefined || add === undefined || subtract === undefined) throw new Error('no function')
      exact('x y', mul(xa, xb, ya, yb), x * y)
      exact('x + y', add(xa, xb, ya, yb), x + y)
      const difference = subtract(xa, xb, ya, yb)
      // isNearZero: the high part plus 2 is below 3.
      if (((difference[0] ?? 0) + 2) % W >= 3) exact('x - y', difference, x - y)
      // Words as narrow as these bear linear terms and signs only with the least E: the bounds of 256 bits have room.
      if (words.E > 1) return 0
      // x y with nothing, and x y - y with its two words of one negative term.
      let wrapped = unlessWrapped('x y + 0', mulAdd(xa, xb, ya, yb, 0, 0, 0), x * y)
      const [linear, low] = [W - 1 - ya, W - words.E - yb]
      wrapped += unlessWrapped('x y - y', mulAdd(xa, xb, ya, yb, linear, linear, low), x * y - y)
      wrapped += unlessWrapped('x x - y', squareAdd(xa, xb, linear, linear, low), x * x - y)
      return wrapped
    },
  }
}
