import { readFileSync } from 'node:fs'
import { ROUND_CONSTANTS } from '../../../codegen/sha2/constants.ts'
import { assemblyOf, type Expression, type Statement } from './yul.ts'

/** How a contract lays SHA-512 out. */
export interface Layout {
  readonly source: string
  /** Where W[t] begins: a load there has it in the low lane (PAIRS), or in the high one of which only the low is used. */
  readonly wordAt: (t: number) => bigint
  /** What a step of the schedule makes: two neighbours of one message, or one word of each of two messages. */
  readonly wordsOfMessage: 1 | 2
  /** Words of the message that are zero and left out. */
  readonly isZero: (t: number) => boolean
  /** Constants that the schedule loads from memory. */
  readonly constants: ReadonlyMap<string, bigint>
}

const sourceOf = (name: string) =>
  readFileSync(new URL(`../../../../contracts/crypto/${name}.sol`, import.meta.url), 'utf8')
const TWICE = 2n ** 64n + 1n
const PAIR = (2n ** 64n - 1n) * (2n ** 128n + 1n)

/** Two words of one message in each step; rounds in one lane. */
export const SHA512: Layout = {
  source: sourceOf('Sha512'),
  wordAt: (t) => 0x400n + 16n * BigInt(t),
  wordsOfMessage: 2,
  isZero: () => false,
  constants: new Map(),
}

/** Two messages, one in each lane, in schedule and rounds. */
export const MGF1: Layout = {
  source: sourceOf('Mgf1Sha384'),
  wordAt: (t) => 0x600n + 32n * BigInt(t),
  wordsOfMessage: 1,
  isZero: (t) => t > 6 && t < 15,
  constants: new Map([
    ['pair', PAIR],
    ['twice', TWICE],
  ]),
}

const WORD = 2n ** 256n
const LOW64 = 2n ** 64n - 1n
const HALF = 2n ** 128n

const OPERATIONS: Readonly<Record<string, (x: bigint, y: bigint) => bigint>> = {
  add: (x, y) => (x + y) % WORD,
  mul: (x, y) => (x * y) % WORD,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shr: (by, value) => value >> by,
}

type Names = ReadonlyMap<string, bigint>

function evaluate(expression: Expression, names: Names, load: (place: bigint) => bigint): bigint {
  if (expression.kind === 'number') return expression.value
  if (expression.kind === 'name') {
    const value = names.get(expression.name)
    if (value === undefined) throw new Error(`no ${expression.name}`)
    return value
  }
  const [x, y] = expression.args.map((argument) => evaluate(argument, names, load))
  if (x === undefined) throw new Error('no argument')
  if (expression.name === 'mload') return load(x)
  const operation = OPERATIONS[expression.name]
  if (operation === undefined || y === undefined) throw new Error(`unknown operation ${expression.name}`)
  return operation(x, y)
}

const rotated = (x: bigint, by: bigint) => ((x >> by) | (x << (64n - by))) & LOW64
const small0 = (x: bigint) => rotated(x, 1n) ^ rotated(x, 8n) ^ (x >> 7n)
const small1 = (x: bigint) => rotated(x, 19n) ^ rotated(x, 61n) ^ (x >> 6n)
const big0 = (x: bigint) => rotated(x, 28n) ^ rotated(x, 34n) ^ rotated(x, 39n)
const big1 = (x: bigint) => rotated(x, 14n) ^ rotated(x, 18n) ^ rotated(x, 41n)
const inLanes = (f: (x: bigint) => bigint, x: bigint) => (f(x / HALF) * HALF) | f(x % HALF)

/** Zero and every word of one bit in a lane: a function that is linear over bits is known from them. */
const BASIS = [0n, ...Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit))]
const LANE_BASIS = [...BASIS, ...BASIS.map((word) => word * HALF)]

function claim(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not proved: ${what}`)
}

/** Operations that are linear over bits: mul only by 2^64 + 1, of words whose copies do not overlap. */
function claimLinear(expression: Expression, what: string, constants: Names): void {
  if (expression.kind !== 'call') return
  const [x, y] = expression.args
  const numberOf = (argument: Expression | undefined) => {
    if (argument?.kind === 'number') return argument.value
    return argument?.kind === 'name' ? constants.get(argument.name) : undefined
  }
  const isNumber = (argument: Expression | undefined) => numberOf(argument) !== undefined
  const linear =
    expression.name === 'xor' ||
    (expression.name === 'shr' && isNumber(x)) ||
    (expression.name === 'and' && (isNumber(x) || isNumber(y))) ||
    (expression.name === 'mul' && numberOf(y) === TWICE)
  claim(linear, `${what}: ${expression.name} is linear over bits`)
  for (const argument of expression.args) claimLinear(argument, what, constants)
}

/** The statements up to each store. */
function stepsOfSchedule(statements: readonly Statement[]): Statement[][] {
  const groups: Statement[][] = [[]]
  for (const statement of statements) {
    groups.at(-1)?.push(statement)
    if (statement.kind === 'store') groups.push([])
  }
  return groups.filter((group) => group.at(-1)?.kind === 'store')
}

/** Statements of loops, of which each is run once, in their place. */
const flat = (statements: readonly Statement[]): Statement[] =>
  statements.flatMap((statement) =>
    statement.kind === 'while' ? flat(statement.body) : statement.kind === 'if' ? [] : [statement],
  )

const never = (place: bigint): bigint => {
  throw new Error(`memory at ${place}`)
}

/**
 * The schedule, step by step. Its functions are linear over bits and right on a basis, so right; a sum of four masked words
 * stays below 2^66 in the lower lane and is masked, so that nothing crosses.
 */
export function proveSchedule(layout: Layout): number {
  const [block = []] = assemblyOf(layout.source, '_schedule')
  // In Sha512 the only loop spreads the block; in Mgf1Sha384 loops of one pass hold the steps.
  const statements = layout.wordsOfMessage === 2 ? block.filter(({ kind }) => kind !== 'while') : flat(block)
  const groups = stepsOfSchedule(statements)
  groups.forEach((group, index) => {
    proveStep(group, 16 + layout.wordsOfMessage * index, layout)
  })
  return groups.length
}

function proveStep(group: readonly Statement[], t: number, layout: Layout): void {
  const { wordAt, isZero, constants } = layout
  const assigned = new Map(
    group.flatMap((statement) => (statement.kind === 'assign' ? [[statement.name, statement.value]] : [])),
  )
  const store = group.at(-1)
  if (store?.kind !== 'store') throw new Error('another step')
  proveSigma(['x', 'xx', 's0'], t - 15, small0)
  proveSigma(['y', 'yy', 's1'], t - 2, small1)
  proveSum(store.value, t, layout)
  claim(evaluate(store.place, new Map(), never) === wordAt(t), `W[${t}]: place`)

  function proveSigma(
    [word = '', copies = '', sigma = '']: readonly string[],
    source: number,
    f: (x: bigint) => bigint,
  ) {
    const [load, double, sum] = [assigned.get(word), assigned.get(copies), assigned.get(sigma)]
    if (isZero(source)) return claim(!load && !double && !sum, `W[${t}]: no ${sigma}`)
    if (!load || !double || !sum) throw new Error('another step')
    claim(evaluate(load, new Map(), (place) => place) === wordAt(source), `W[${t}]: ${word}`)
    for (const expression of [double, sum]) claimLinear(expression, `W[${t}]`, constants)
    for (const basis of LANE_BASIS) {
      const names = new Map([...constants, [word, basis], [copies, basis * TWICE]])
      claim(evaluate(double, names, never) === basis * TWICE, `W[${t}]: copies`)
      claim(evaluate(sum, names, never) === inLanes(f, basis), `W[${t}]: ${sigma}`)
    }
  }
}

/** s0 + s1 + W[t - 7] + W[t - 16] in each lane, without what is zero, also where every one of them is the greatest. */
function proveSum(expression: Expression, t: number, { wordAt, isZero, constants }: Layout): void {
  const sources = [t - 7, t - 16].filter((source) => !isZero(source))
  const terms = BigInt([t - 15, t - 2, t - 7, t - 16].filter((source) => !isZero(source)).length)
  for (const [lower, upper] of [
    [LOW64, 0n],
    [0n, LOW64],
    [LOW64, LOW64],
    [0x123456789abcdefn, 0xfedcba9876543210n],
  ] as const) {
    const lanes = upper * HALF + lower
    const places: bigint[] = []
    const load = (place: bigint) => {
      places.push(place)
      return lanes
    }
    const names = new Map([...constants, ['s0', lanes] as const, ['s1', lanes] as const])
    const expected = ((terms * upper) & LOW64) * HALF + ((terms * lower) & LOW64)
    claim(evaluate(expression, names, load) === expected, `W[${t}]: sum`)
    claim(String(places) === String(sources.map(wordAt)), `W[${t}]: terms`)
  }
}

/** Ch and Maj bit by bit: these three words hold all eight combinations. */
const COMBINATIONS = [0xf0f0f0f0f0f0f0f0n, 0xccccccccccccccccn, 0xaaaaaaaaaaaaaaaan] as const

/** a, b, c, e, f, g of one message. */
type State = readonly [bigint, bigint, bigint, bigint, bigint, bigint]

const GREATEST: State = [LOW64, LOW64, LOW64, LOW64, LOW64, LOW64]
const STATES: readonly State[] = [
  ...BASIS.map((word) => [word, 0n, 0n, word, 0n, 0n] as const),
  ...[0, 1, 2].map((turn) => {
    const [x = 0n, y = 0n, z = 0n] = [0, 1, 2].map((index) => COMBINATIONS[(index + turn) % 3])
    return [x, y, z, x, y, z] as const
  }),
  GREATEST,
]

/** The statements between two places where a round begins. */
function steps(statements: readonly Statement[], isFirst: (statement: Statement) => boolean): Statement[][] {
  const groups: Statement[][] = []
  for (const statement of statements) {
    if (isFirst(statement)) groups.push([])
    groups.at(-1)?.push(statement)
  }
  return groups
}

/** The 80 rounds: the rotations on a basis, Ch and Maj on all combinations of three bits, sums modulo 2^64. */
export function proveRounds(layout: Layout): number {
  const [block = []] = assemblyOf(layout.source, '_rounds')
  const loop = block.find(({ kind }) => kind === 'while')
  if (loop?.kind !== 'while') throw new Error('no rounds')
  const rounds = steps(
    loop.body,
    (statement) => statement.kind === 'assign' && statement.name === 'x' && isOf(statement.value, ['e', 'f', 'g', 'h']),
  )
  rounds.forEach((group, t) => {
    for (const state of STATES) {
      if (layout.wordsOfMessage === 2) proveRound(group, t, layout, [state])
      // Each message beside one that carries wherever it can, and beside itself.
      else
        for (const pair of [
          [state, GREATEST],
          [GREATEST, state],
          [state, state],
        ])
          proveRound(group, t, layout, pair)
    }
  })
  return rounds.length
}

const isOf = (expression: Expression, names: readonly string[]) =>
  expression.kind === 'call' && expression.args[0]?.kind === 'name' && names.includes(expression.args[0].name)

/** Of what a lone message leaves behind: a load of its word has the one before above it. */
const DIRT = 0xffffffffffffffff_0000000000000000_0000000000000000n

/** What a round makes of the states of one message or two, by the statements and by FIPS 180-4, 6.4.2. */
function proveRound(group: readonly Statement[], t: number, layout: Layout, messages: readonly State[]): void {
  const [e = '', f = '', g = '', h = ''] = [0, 1, 2, 3].map((index) => ['e', 'f', 'g', 'h'][(index - t + 80) % 4])
  const [a, b] = t % 2 === 0 ? ['a', 'b'] : ['b', 'a']
  const isPair = layout.wordsOfMessage === 1
  const lanesOf = (f: (state: State, lane: number) => bigint) =>
    messages.reduce((sum, state, lane) => sum + f(state, lane) * HALF ** BigInt(lane), 0n)
  const [wd, wh] = [[0x0123456789abcdefn, LOW64] as const, [LOW64, 0xfedcba9876543210n] as const]
  const word = (lane: number) => (layout.isZero(t) ? 0n : lane === 0 ? 0xfedcba9876543210n : LOW64)
  const names = new Map<string, bigint>([
    [a, lanesOf((state) => state[0])],
    [b, lanesOf((state) => state[1])],
    ['bc', lanesOf((state) => state[1] ^ state[2])],
    [e, lanesOf((state) => state[3])],
    [f, lanesOf((state) => state[4])],
    [g, lanesOf((state) => state[5])],
    [h, lanesOf((_, lane) => wh[lane] ?? 0n)],
  ])
  const load = (place: bigint) => {
    if (place < layout.wordAt(0) - 16n) return lanesOf((_, lane) => wd[lane] ?? 0n)
    claim(place === layout.wordAt(t) - (isPair ? 0n : 16n) && !layout.isZero(t), `round ${t}: word`)
    return lanesOf((_, lane) => word(lane)) + (isPair ? 0n : DIRT)
  }
  let constant = 0n
  for (const statement of group) {
    // The counter of the one pass comes behind the last round.
    if (statement.kind !== 'assign' || statement.name === 'done') continue
    if (statement.name === 't1') constant ||= numberIn(statement.value) & LOW64
    names.set(statement.name, evaluate(statement.value, names, load))
  }
  const t1 = ([, , , we, wf, wg]: State, lane: number) =>
    (wh[lane] ?? 0n) + big1(we) + ((we & wf) ^ (~we & LOW64 & wg)) + constant + word(lane)
  const t2 = ([wa, wb, wc]: State) => big0(wa) + ((wa & wb) ^ (wa & wc) ^ (wb & wc))
  const expectedE = lanesOf((state, lane) => ((wd[lane] ?? 0n) + t1(state, lane)) & LOW64)
  const expectedA = lanesOf((state, lane) => (t1(state, lane) + t2(state)) & LOW64)
  claim(constant === ROUND_CONSTANTS[t], `round ${t}: constant`)
  claim(names.get(h) === expectedE, `round ${t}: e`)
  claim(names.get(b) === expectedA, `round ${t}: a`)
  claim(names.get('bc') === lanesOf(([wa, wb]) => wa ^ wb), `round ${t}: a ^ b`)
}

function numberIn(expression: Expression): bigint {
  if (expression.kind === 'number') return expression.value > 0xffffn ? expression.value : 0n
  return expression.kind === 'call' ? expression.args.map(numberIn).reduce((x, y) => x || y, 0n) : 0n
}
