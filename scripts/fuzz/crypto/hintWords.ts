import { randomBytes, randomInt } from 'node:crypto'
import { N, P, toBytes, toInteger } from '../../../packages/abi/src/p384/curve.ts'

interface Word {
  readonly at: number
  readonly bytes: number
  /** A slope is read as its residue modulo p. */
  readonly isSlope: boolean
}

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
const slopes = (from: number, count: number): Word[] =>
  Array.from({ length: count }, (_, index) => ({ at: from + SLOPE * index, bytes: SLOPE, isSlope: true }))
const number = (at: number, bytes: number): Word => ({ at, bytes, isSlope: false })

/** The words of a path's hints, and how often each was changed. */
export class HintWords {
  readonly #words: readonly Word[]
  readonly #changed: number[]
  #turn = 0

  private constructor(words: readonly Word[]) {
    this.#words = words
    this.#changed = words.map(() => 0)
  }

  /** R.y, v1, v2, k, flags, up to 345 slopes (346 for two even multipliers, which `p384Hints` never uses). */
  static ofAnyKey(): HintWords {
    const head = [number(0, 48), number(48, 24), number(72, 24), number(96, 48), number(144, 1)]
    return new HintWords([...head, ...slopes(145, 345)])
  }

  /** u1, u2 and 142 slopes. */
  static withTable(): HintWords {
    return new HintWords([number(0, 48), number(48, 48), ...slopes(96, 142)])
  }

  get size(): number {
    return this.#words.length
  }

  get covered(): number {
    return this.#changed.filter((times) => times > 0).length
  }

  /** Times that the word changed least often was changed. */
  get least(): number {
    return Math.min(...this.#changed)
  }

  /** `hints` with the next word in turn changed to another value of another meaning. */
  tampered(hints: Uint8Array): Uint8Array {
    for (;;) {
      const [turn, count] = [this.#turn++, this.#words.length]
      const word = this.#words[turn % count]
      const change = CHANGES[(turn + Math.floor(turn / count)) % CHANGES.length]
      // The last slope is there only for an even multiplier.
      if (word === undefined || change === undefined || word.at + word.bytes > hints.length) continue
      const before = toInteger(hints.subarray(word.at, word.at + word.bytes))
      const modulus = 1n << BigInt(8 * word.bytes)
      const after = ((change(before) % modulus) + modulus) % modulus
      if (after === before || (word.isSlope && (after - before) % P === 0n)) continue
      const changed = Uint8Array.from(hints)
      changed.set(toBytes(after, word.bytes), word.at)
      this.#changed[turn % count] = (this.#changed[turn % count] ?? 0) + 1
      return changed
    }
  }
}
