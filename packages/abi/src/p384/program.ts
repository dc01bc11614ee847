import { TEETH_SPACING } from './comb.ts'

/** An addition: 2^place times a multiple of Q or R. */
export interface Digit {
  readonly place: number
  /** Odd, from -15 to 15. */
  readonly multiple: number
  readonly ofR: boolean
}

/** One byte of the program: so many doublings, then an addition. */
export interface Instruction {
  readonly code: number
  /** Place of A before it. */
  readonly from: number
  readonly doublings: number
  /** Whether each doubling is followed by the generator's column of the place that it leads to. */
  readonly hasColumns: boolean
  readonly digit?: Digit
}

/** Five bits: digits from -15 to 15. */
const WINDOW_MASK = 31n
const HALF_WINDOW = 16
/** Bits looked at at once. */
const CHUNK = 30
const CHUNK_MASK = 0x3fffffffn
/** Most doublings of an instruction with an addition, and of one without. */
const MOST_WITH = 6
const MOST_WITHOUT = 31
const ONLY_DOUBLINGS = 7 << 5
/** The first place must be at one of the generator's columns or above, and below the contract's bound. */
export const LEAST_FIRST_PLACE = TEETH_SPACING
const FIRST_PLACE_END = 200

/** Digits of w-NAF, w = 5, from the lowest on: odd, at least five places from one another. */
function digitsOf(value: bigint, ofR: boolean): Digit[] {
  const digits: Digit[] = []
  const sign = value < 0n ? -1 : 1
  let [rest, place] = [value < 0n ? -value : value, 0]
  while (rest > 0n) {
    const zeros = trailingZeros(rest)
    rest >>= BigInt(zeros)
    place += zeros
    const low = Number(rest & WINDOW_MASK)
    const digit = low > HALF_WINDOW ? low - 2 * HALF_WINDOW : low
    digits.push({ place, multiple: sign * digit, ofR })
    rest -= BigInt(digit)
  }
  return digits
}

/** Of a positive number. */
function trailingZeros(value: bigint): number {
  const low = Number(value & CHUNK_MASK)
  return low === 0 ? CHUNK + trailingZeros(value >> BigInt(CHUNK)) : 31 - Math.clz32(low & -low)
}

/** Additions that amount to v1 Q + w R, from the highest place on. */
export function digitsOfPair(v1: bigint, w: bigint): readonly Digit[] {
  return [...digitsOf(v1, false), ...digitsOf(w, true)].sort((a, b) => b.place - a.place)
}

/** The low five bits of an instruction that adds. */
const codeOf = ({ multiple, ofR }: Digit) => (ofR ? 16 : 0) | (Math.abs(multiple) - 1) | (multiple < 0 ? 1 : 0)

/**
 * The instructions for these additions, the first of which starts. The places of the generator's columns begin and end
 * between two instructions: 48 and 1.
 */
export function programOf(digits: readonly Digit[]): readonly Instruction[] | undefined {
  const [first, ...others] = digits
  if (first === undefined || first.place < LEAST_FIRST_PLACE || first.place >= FIRST_PLACE_END) return undefined
  const program: Instruction[] = [instruction(first.place, 0, first)]
  let place = first.place
  const double = (doublings: number) => {
    program.push(instruction(place, doublings))
    place -= doublings
  }
  const doubleTo = (target: number) => {
    while (place > target) double(Math.min(place - target, MOST_WITHOUT))
  }
  /** The places of the columns are entered and left between two instructions. */
  const reach = (target: number) => {
    for (const stop of [TEETH_SPACING, 1]) if (target < stop) doubleTo(stop)
  }
  for (const digit of others) {
    reach(digit.place)
    // The last doubling is left to the addition.
    while (place - digit.place > MOST_WITH) double(Math.min(place - digit.place - 1, MOST_WITHOUT))
    program.push(instruction(place, place - digit.place, digit))
    place = digit.place
  }
  reach(0)
  doubleTo(0)
  return program
}

/** One instruction at a place. */
export function instruction(from: number, doublings: number, digit?: Digit): Instruction {
  const code = digit ? (doublings << 5) | codeOf(digit) : ONLY_DOUBLINGS | doublings
  return { code, from, doublings, hasColumns: from <= TEETH_SPACING && from > 1, ...(digit && { digit }) }
}
