import type { Expression, Statement } from './yul.ts'

/** The arithmetic of P384Field over words of `bits` bits: halves of half as many, M = 2^bits - 1 and a small E. */
export interface SmallWords {
  readonly bits: number
  readonly E: number
}

type Run = (registers: number[]) => void
type Read = (registers: number[]) => number

/**
 * Turns assembly into a function over small words. Only the width differs from the contract: 128, the width of a half, and
 * the names M, E, LOW, P_HIGH and P_LOW stand for those of the small words.
 *
 * @param inputs - Names of the first registers, as which the function takes its arguments.
 * @param outputs - Names of the results.
 */
export function compileSmall(
  { bits, E }: SmallWords,
  statements: readonly Statement[],
  inputs: readonly string[],
  outputs: readonly string[],
): (...args: readonly number[]) => number[] {
  const [half, mask] = [bits / 2, 2 ** bits - 1]
  const low = 2 ** half - 1
  const constants = new Map(Object.entries({ M: mask, E, LOW: low, P_HIGH: mask - 1, P_LOW: 2 ** half - E }))
  const names = new Map(inputs.map((name, index) => [name, index]))
  const register = (name: string) => {
    const found = names.get(name) ?? names.size
    names.set(name, found)
    return found
  }
  const shifts: Readonly<Record<string, (by: number, value: number) => number>> = {
    shl: (by, value) => (value << by) & mask,
    shr: (by, value) => value >>> by,
    sar: (by, value) => ((value > mask >>> 1 ? value - mask - 1 : value) >> by) & mask,
  }
  const pairs: Readonly<Record<string, (x: number, y: number) => number>> = {
    add: (x, y) => (x + y) & mask,
    sub: (x, y) => (x - y) & mask,
    mul: (x, y) => (x * y) & mask,
    and: (x, y) => x & y,
    or: (x, y) => x | y,
    lt: (x, y) => (x < y ? 1 : 0),
  }
  const modular: Readonly<Record<string, (x: number, y: number) => number>> = {
    addmod: (x, y) => (x + y) % mask,
    mulmod: (x, y) => (x * y) % mask,
  }
  function read(expression: Expression): Read {
    if (expression.kind === 'number') {
      const value = Number(expression.value)
      return () => value
    }
    if (expression.kind === 'name') {
      const known = constants.get(expression.name)
      if (known !== undefined) return () => known
      const index = register(expression.name)
      return (registers) => registers[index] ?? 0
    }
    const { name, args } = expression
    const [first, second] = args
    if (first === undefined) throw new Error(`${name} of nothing`)
    const x = read(first)
    if (second === undefined && name === 'not') return (registers) => ~x(registers) & mask
    if (second === undefined) throw new Error(`${name} of one`)
    const y = read(second)
    const shift = shifts[name]
    if (shift !== undefined) {
      const by = first.kind === 'number' && first.value === 128n ? half : Number(first.kind === 'number' && first.value)
      return (registers) => shift(by, y(registers))
    }
    const operation = pairs[name] ?? modular[name]
    if (operation === undefined) throw new Error(`unknown operation ${name}`)
    return (registers) => operation(x(registers), y(registers))
  }
  function compile(list: readonly Statement[]): Run {
    const runs = list.map((statement): Run => {
      if (statement.kind === 'store') throw new Error('memory')
      if (statement.kind === 'assign') {
        const [value, index] = [read(statement.value), register(statement.name)]
        return (registers) => {
          registers[index] = value(registers)
        }
      }
      const [condition, body] = [read(statement.condition), compile(statement.body)]
      if (statement.kind === 'if') {
        return (registers) => {
          if (condition(registers) !== 0) body(registers)
        }
      }
      return (registers) => {
        while (condition(registers) !== 0) body(registers)
      }
    })
    return (registers) => {
      for (const run of runs) run(registers)
    }
  }
  const run = compile(statements)
  const results = outputs.map(register)
  return (...args) => {
    const registers = [...args]
    run(registers)
    return results.map((index) => registers[index] ?? 0)
  }
}
