import { randomBytes, randomInt } from 'node:crypto'
import { N, P, toBytes, toInteger } from '../../../packages/abi/src/p384/curve.ts'
import { type HintWord, wordsOf } from '../../../test/support/p384Layout.ts'

/** What a forger tries on a number in a word of `bytes`. */
const CHANGES: readonly ((word: bigint) => bigint)[] = [
  (word) => word ^ (1n << BigInt(randomInt(384))),
  (word) => P - word,
  (word) => N - word,
  () => 0n,
  () => 1n,
  () => -1n,
  (word) => word + 1n,
  (word) => word - 1n,
  (word) => word + N,
  () => toInteger(randomBytes(48)),
]

const SLOPE = 48
const word = (at: number, kind: HintWord['kind']): HintWord => ({ at, bytes: 48, kind })

/** u1, u2 and 142 slopes. */
const TABLE_WORDS = Array.from({ length: 144 }, (_, index) => word(SLOPE * index, index < 2 ? 'number' : 'slope'))

/** The words of a path's hints, in turn, and how often each was changed. */
export class HintWords {
  readonly #wordsOf: (hints: Uint8Array) => readonly HintWord[]
  readonly #changed: number[] = []
  #turn = 0

  private constructor(words: (hints: Uint8Array) => readonly HintWord[]) {
    this.#wordsOf = words
  }

  /** R.y, k, three bytes, 16 slopes, then a program and its slopes: some 390 words, the last ones not of every signature. */
  static ofAnyKey(): HintWords {
    return new HintWords(wordsOf)
  }

  static withTable(): HintWords {
    return new HintWords(() => TABLE_WORDS)
  }

  /** Words that the hints seen had, at most. */
  get size(): number {
    return this.#changed.length
  }

  get covered(): number {
    return this.#changed.filter((times) => times > 0).length
  }

  /** Times that the word changed least often was changed, of those that nearly all hints have. */
  get least(): number {
    return Math.min(...this.#changed.slice(0, -20))
  }

  /** `hints` with the next word in turn changed to another value of another meaning. */
  tampered(hints: Uint8Array): Uint8Array {
    const words = this.#wordsOf(hints)
    while (this.#changed.length < words.length) this.#changed.push(0)
    for (;;) {
      const [turn, count] = [this.#turn++, this.#changed.length]
      const word = words[turn % count]
      const change = CHANGES[(turn + Math.floor(turn / count)) % CHANGES.length]
      if (word === undefined || change === undefined) continue
      const before = toInteger(hints.subarray(word.at, word.at + word.bytes))
      const modulus = 1n << BigInt(8 * word.bytes)
      const after = ((change(before) % modulus) + modulus) % modulus
      // A slope is read as its residue modulo p.
      if (after === before || (word.kind === 'slope' && (after - before) % P === 0n)) continue
      const changed = Uint8Array.from(hints)
      changed.set(toBytes(after, word.bytes), word.at)
      this.#changed[turn % count] = (this.#changed[turn % count] ?? 0) + 1
      return changed
    }
  }
}
