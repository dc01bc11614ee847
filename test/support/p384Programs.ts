import { randomBytes, randomInt } from 'node:crypto'
import { p384 } from '@noble/curves/p384'
import { TEETH_SPACING } from '../../packages/abi/src/p384/comb.ts'
import { invert, mod, N, type Point } from '../../packages/abi/src/p384/curve.ts'
import { hintsOfProgram } from '../../packages/abi/src/p384/hints.ts'
import { type Digit, type Instruction, instruction, programOf } from '../../packages/abi/src/p384/program.ts'
import { HINTS } from './p384Layout.ts'

/**
 * A program of the hints of `P384.verify`. Its holder of the key makes the one signature for which every equation holds that
 * the contract computes from what the program says, and for which the steps that the program makes lead to zero: where both
 * are not the same, only the check of that shape refuses it.
 */
export interface ProgramShape {
  readonly name: string
  readonly expected: boolean
  /** Any but this. */
  readonly k?: bigint
  make(): readonly Instruction[] | undefined
  /** What else the hints are changed in. */
  edit?(hints: Uint8Array): void
}

const random = (): bigint => (BigInt(`0x${randomBytes(56).toString('hex')}`) % (N - 1n)) + 1n
const over = (a: bigint, b: bigint) => mod(a * invert(b, N), N)

const digit = (place: number, ofR: boolean, multiple = 2 * randomInt(8) + 1): Digit => ({
  place,
  multiple: randomInt(2) === 0 ? multiple : -multiple,
  ofR,
})

/** Random additions from `first` down to `last`, two or three at a place among them, in any order there. */
function randomDigits(last = 0, first = 170 + randomInt(25)): readonly Digit[] {
  const digits = [digit(first, false), digit(first, true)]
  for (let place = first - 1; place >= last; place -= randomInt(8)) digits.push(digit(place, randomInt(2) === 0))
  const ofR = digits.reduce((sum, one) => sum + (one.ofR ? BigInt(one.multiple) << BigInt(one.place) : 0n), 0n)
  // R is taken off.
  return ofR < 0n ? digits : digits.map((one) => (one.ofR ? { ...one, multiple: -one.multiple } : one))
}

const honest = () => programOf(randomDigits()) ?? []

/** Digits with nothing below place 3, so that only doublings follow. */
const highDigits = () => randomDigits(3)

/** The instructions of a program as long as they do not lead below `place`, and the place that they lead to. */
function until(place: number): readonly [readonly Instruction[], number] {
  const program = (programOf(randomDigits(place)) ?? []).filter(({ from, doublings }) => from - doublings >= place)
  return [program, Math.min(...program.map(({ from, doublings }) => from - doublings))]
}

const bare = (from: number, doublings: number): Instruction => ({ ...instruction(from, doublings), hasColumns: false })
const ofKey = (place: number, multiple: number): Digit => ({ place, multiple, ofR: false })
const ofR = (place: number, multiple: number): Digit => ({ place, multiple, ofR: true })
/** 32 times at a place, by digits. */
const THIRTY_TWO = [15, 15, 1, 1]

export const PROGRAMS: readonly ProgramShape[] = [
  { name: 'program: any digits in any order', expected: true, make: honest },
  {
    name: 'program: an instruction that does nothing',
    expected: true,
    make: () => honest().flatMap((one, index) => (index === 9 ? [instruction(one.from, 0), one] : [one])),
  },
  {
    name: 'program: no column of the generator',
    expected: false,
    make: () => {
      const [program, place] = until(52)
      return [...program, bare(place, place - 31), bare(31, 31)]
    },
  },
  {
    name: 'program: not the first column',
    expected: false,
    make: () => {
      const [program, place] = until(49)
      return [...program, bare(place, place - 47), instruction(47, 31), instruction(16, 15), instruction(1, 1)]
    },
  },
  {
    name: 'program: begins below the first column',
    expected: false,
    make: () => [
      instruction(40, 0, digit(40, false)),
      instruction(40, 0, ofR(40, -7)),
      instruction(40, 31),
      instruction(9, 8),
      instruction(1, 1),
    ],
  },
  {
    name: 'program: the last doubling left out',
    expected: false,
    make: () => programOf(highDigits())?.slice(0, -1),
  },
  { name: 'program: a doubling too many', expected: false, make: () => [...honest(), instruction(0, 1)] },
  {
    name: 'program: first place past the bound, sums that wrap',
    expected: false,
    make: () => [
      instruction(253, 0, ofKey(253, 15)),
      ...[ofR(253, -15), ofKey(253, 13), ofR(253, -15), ofR(253, -11)].map((one) => instruction(253, 0, one)),
      bare(253, 31),
      bare(222, 31),
      bare(191, 1),
      ...(programOf([digit(190, false), digit(100, true), digit(0, false)]) ?? []).slice(1),
    ],
  },
  {
    name: 'program: v1 = v2 = k = 0',
    expected: false,
    k: 0n,
    make: () => {
      const taken = THIRTY_TWO.flatMap((multiple) => [ofKey(47, -multiple), ofR(47, -multiple)])
      return programOf([ofKey(52, 1), ofR(52, 1), ...taken])
    },
  },
  {
    name: 'program: v2 below zero',
    expected: false,
    make: () => programOf(randomDigits().map((one) => ({ ...one, multiple: -one.multiple }))),
  },
  {
    name: 'program: a first instruction with doublings',
    expected: false,
    make: honest,
    edit: (hints) => {
      hints[HINTS.program] = (hints[HINTS.program] ?? 0) | 0x20
    },
  },
  {
    name: 'program: more instructions without slopes than there are',
    expected: false,
    make: honest,
    edit: (hints) => {
      hints[HINTS.unhinted] = 255
    },
  },
]

/** What the steps of a program lead to, multiples of Q, R and G, and what the contract takes it for. */
function meaningOf(program: readonly Instruction[], k: bigint) {
  const column = columnValues(k)
  const made = { q: 0n, r: 0n, g: 0n }
  const said = { q: 0n, r: 0n }
  for (const { from, doublings, hasColumns, digit } of program) {
    for (let place = from - 1; place >= from - doublings; place--) {
      for (const point of ['q', 'r', 'g'] as const) made[point] *= 2n
      if (hasColumns) made.g += column(place)
    }
    if (digit === undefined) continue
    const [point, at] = [digit.ofR ? 'r' : 'q', from - doublings] as const
    made[point] += BigInt(digit.multiple)
    said[point] = BigInt.asIntN(256, said[point] + (BigInt(digit.multiple) << BigInt(at)))
  }
  return { made: { ...made, g: made.g + column(0) }, said }
}

/** What column i of k counts for. */
function columnValues(k: bigint): (column: number) => bigint {
  const isOdd = k % 2n === 1n
  const signs = ((isOdd ? k : N - k) >> 1n) | (1n << 383n)
  return (column) => {
    let sum = 0n
    for (let tooth = 0; tooth < 8; tooth++) {
      const at = BigInt(column + TEETH_SPACING * tooth)
      const weight = 1n << BigInt(TEETH_SPACING * tooth)
      sum += (signs >> at) & 1n ? weight : -weight
    }
    return isOdd ? sum : -sum
  }
}

/** The signature for a program, and its hints; undefined where an exceptional case leaves no slopes. */
export function forgedProgram(
  { d, point }: { readonly d: bigint; readonly point: Point },
  { make, edit, k = random() }: ProgramShape,
  unhinted: number,
): { readonly r: bigint; readonly s: bigint; readonly e: bigint; readonly hints: Uint8Array } | undefined {
  const program = make()
  if (program === undefined || program.length === 0) return undefined
  const { made, said } = meaningOf(program, k)
  // made.q Q + made.r R + made.g G = 0 for R = kk G.
  const kk = made.r === 0n ? random() : over(-(made.q * d + made.g), made.r)
  const R = p384.ProjectivePoint.BASE.multiply(kk).toAffine()
  const r = R.x % N
  // s v1 = r v2 and s k = e v2 for what the program says.
  const isNothing = said.q === 0n && said.r === 0n
  const s = isNothing ? random() : over(r * -said.r, said.q)
  const e = isNothing ? random() : over(s * k, -said.r)
  const hints = hintsOfProgram(point, R, program, k, unhinted)
  if (hints === undefined) return undefined
  edit?.(hints)
  return { r, s, e, hints }
}
