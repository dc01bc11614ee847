import { readFileSync } from 'node:fs'
import { assemblyOf, type Expression, type Statement } from './yul.ts'

const SOURCE = readFileSync(new URL('../../../../contracts/crypto/Sha512.sol', import.meta.url), 'utf8')
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
function claimLinear(expression: Expression, what: string): void {
  if (expression.kind !== 'call') return
  const [x, y] = expression.args
  const isNumber = (argument: Expression | undefined) => argument?.kind === 'number'
  const linear =
    expression.name === 'xor' ||
    (expression.name === 'shr' && isNumber(x)) ||
    (expression.name === 'and' && (isNumber(x) || isNumber(y))) ||
    (expression.name === 'mul' && y?.kind === 'number' && y.value === 2n ** 64n + 1n)
  claim(linear, `${what}: ${expression.name} is linear over bits`)
  for (const argument of expression.args) claimLinear(argument, what)
}

type Assigned = Readonly<Record<string, Expression>>

/** The statements between two places where `x` is assigned from memory or anew: one step each. */
function steps(statements: readonly Statement[], isFirst: (statement: Statement) => boolean): Statement[][] {
  const groups: Statement[][] = []
  for (const statement of statements) {
    if (isFirst(statement)) groups.push([])
    groups.at(-1)?.push(statement)
  }
  return groups
}

const never = (place: bigint): bigint => {
  throw new Error(`memory at ${place}`)
}

/**
 * The schedule: 32 steps of two words each. Its functions are linear over bits and right on a basis, so right; a sum of
 * four masked words stays below 2^66 in the lower lane and is masked, so that nothing crosses.
 */
export function proveSchedule(): number {
  const [block = []] = assemblyOf(SOURCE, '_schedule')
  const groups = steps(
    block.filter(({ kind }) => kind !== 'while'),
    (statement) => statement.kind === 'assign' && statement.name === 'x',
  )
  groups.forEach((group, index) => {
    const t = 16 + 2 * index
    const assigned: Assigned = Object.fromEntries(
      group.flatMap((statement) => (statement.kind === 'assign' ? [[statement.name, statement.value]] : [])),
    )
    const store = group.at(-1)
    const { x, y, xx, yy, s0, s1 } = assigned
    if (!x || !y || !xx || !yy || !s0 || !s1 || store?.kind !== 'store') throw new Error('another step')
    for (const expression of [xx, yy, s0, s1]) claimLinear(expression, `W[${t}]`)
    for (const word of LANE_BASIS) {
      const doubled = word * (2n ** 64n + 1n)
      const names = new Map([
        ['x', word],
        ['y', word],
        ['xx', doubled],
        ['yy', doubled],
      ])
      claim(evaluate(xx, names, never) === doubled && evaluate(yy, names, never) === doubled, `W[${t}]: copies`)
      claim(evaluate(s0, names, never) === inLanes(small0, word), `W[${t}]: sigma 0`)
      claim(evaluate(s1, names, never) === inLanes(small1, word), `W[${t}]: sigma 1`)
    }
    proveSum(store.value, t)
    claim(evaluate(store.place, new Map(), never) === wordAt(t), `W[${t}]: place`)
    const loaded = [x, y].map((expression) => evaluate(expression, new Map(), (place) => place))
    claim(loaded[0] === wordAt(t - 15) && loaded[1] === wordAt(t - 2), `W[${t}]: words`)
  })
  return groups.length
}

const wordAt = (t: number) => 0x400n + 16n * BigInt(t)

/** s0 + s1 + W[t - 7] + W[t - 16] in each lane, also where every one of them is the greatest. */
function proveSum(expression: Expression, t: number): void {
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
    const names = new Map([
      ['s0', lanes],
      ['s1', lanes],
    ])
    const expected = ((4n * upper) & LOW64) * HALF + ((4n * lower) & LOW64)
    claim(evaluate(expression, names, load) === expected, `W[${t}]: sum`)
    claim(places[0] === wordAt(t - 7) && places[1] === wordAt(t - 16), `W[${t}]: terms`)
  }
}

/** Ch and Maj bit by bit: these three words hold all eight combinations. */
const COMBINATIONS = [0xf0f0f0f0f0f0f0f0n, 0xccccccccccccccccn, 0xaaaaaaaaaaaaaaaan] as const

/** The 80 rounds: the rotations on a basis, Ch and Maj on all combinations of three bits, sums modulo 2^64. */
export function proveRounds(): number {
  const [block = []] = assemblyOf(SOURCE, '_rounds')
  const loop = block.find(({ kind }) => kind === 'while')
  if (loop?.kind !== 'while') throw new Error('no rounds')
  const rounds = steps(
    loop.body,
    (statement) => statement.kind === 'assign' && statement.name === 'x' && isOf(statement.value, ['e', 'f', 'g', 'h']),
  )
  rounds.forEach((group, t) => {
    proveRound(group, t)
  })
  return rounds.length
}

const isOf = (expression: Expression, names: readonly string[]) =>
  expression.kind === 'call' && expression.args[0]?.kind === 'name' && names.includes(expression.args[0].name)

/** What a round makes of a state, by the statements and by FIPS 180-4, 6.4.2. Dirty bits lie above bit 63 of W. */
function proveRound(group: readonly Statement[], t: number): void {
  const [e, f, g, h] = [0, 1, 2, 3].map((index) => ['e', 'f', 'g', 'h'][(index - t + 80) % 4] ?? '')
  const [a, b] = t % 2 === 0 ? ['a', 'b'] : ['b', 'a']
  const states = [
    ...BASIS.map((word) => [word, 0n, 0n, word, 0n, 0n] as const),
    ...[0, 1, 2].map((turn) => {
      const [x = 0n, y = 0n, z = 0n] = [0, 1, 2].map((index) => COMBINATIONS[(index + turn) % 3])
      return [x, y, z, x, y, z] as const
    }),
    [LOW64, LOW64, LOW64, LOW64, LOW64, LOW64] as const,
  ]
  for (const [wa, wb, wc, we, wf, wg] of states) {
    const [wd, wh, W] = [0x0123456789abcdefn, LOW64, 0xffffffffffffffff_0000000000000000_fedcba9876543210n]
    const names = new Map<string, bigint>([
      [a, wa],
      [b, wb],
      ['bc', wb ^ wc],
      [e ?? '', we],
      [f ?? '', wf],
      [g ?? '', wg],
      [h ?? '', wh],
    ])
    let constant = 0n
    for (const statement of group) {
      // The counter of the one pass comes behind the last round.
      if (statement.kind !== 'assign' || statement.name === 'done') continue
      if (statement.name === 't1') constant ||= numberIn(statement.value)
      const load = (place: bigint) => (place >= 0x400n - 16n ? W : wd)
      names.set(statement.name, evaluate(statement.value, names, load))
    }
    const t1 = wh + big1(we) + ((we & wf) ^ (~we & LOW64 & wg)) + constant + (W & LOW64)
    const t2 = big0(wa) + ((wa & wb) ^ (wa & wc) ^ (wb & wc))
    claim(names.get(h ?? '') === ((wd + t1) & LOW64), `round ${t}: e`)
    claim(names.get(b) === ((t1 + t2) & LOW64), `round ${t}: a`)
    claim(names.get('bc') === (wa ^ wb), `round ${t}: a ^ b`)
  }
}

function numberIn(expression: Expression): bigint {
  if (expression.kind === 'number') return expression.value > 0xffffn ? expression.value : 0n
  return expression.kind === 'call' ? expression.args.map(numberIn).reduce((x, y) => x || y, 0n) : 0n
}
