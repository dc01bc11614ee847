import { describe, expect, test } from 'vitest'
import {
  LINEAR_BLOCKS,
  proveDifferences,
  proveLinear,
  proveModulus,
  proveMultiples,
  proveProducts,
  proveResidues,
  proveScalars,
} from './bounds/claims.ts'
import { exhaust } from './bounds/exhaustive.ts'
import { MGF1, proveRounds, proveSchedule, SHA512 } from './bounds/lanes.ts'
import { constant, symbol } from './bounds/polynomial.ts'
import { M, Symbolic, UnprovedError } from './bounds/symbolic.ts'

describe("proofs over the contracts' own assembly, for all inputs", () => {
  test('products: congruent; only the last addition can wrap, where isSuspect sees it', () => {
    expect(proveProducts()).toEqual([
      'mulAdd: high part from -8 to 2^256 - 1 + less than 2^129',
      'squareAdd: high part from -8 to 2^256 - 1 + less than 2^129',
      'P384Steps._secondChord, block 1: high part from -8 to 2^256 - 1 + less than 2^129',
      'P384Steps._finish, block 0: high part from -8 to 2^256 - 1 + less than 2^129',
      'P384Steps._finish, block 2: high part from -8 to 2^256 - 1 + less than 2^129',
      'P384Steps._tangent, block 1: high part from 0 to 2^256 - 1 + less than 2^129',
      'mul, no wrap: high part from 0 to 2^256 - 1',
      'mul, a wrap: high part from 1 to 2^256 - 1',
    ])
  })

  test('residues: zero for one integer only', () => {
    expect(proveResidues()).toEqual([
      'mulAddResidue: high part from 0 to less than 2^256 + 2^129',
      'mulSubResidue: high part from 0 to less than 2^256 + 2^129',
      'doublingResidue: high part from 0 to less than 2^256 + 2^130',
      'P384Steps._chord, block 1: high part from 0 to less than 2^256 + 2^129',
      'P384Steps._secondChord, block 3: high part from 0 to less than 2^256 + 2^129',
      'P384Steps._tangent, block 3: high part from 0 to less than 2^256 + 2^130',
    ])
  })

  test('differences: only the last addition can wrap, where isNearZero sees it', () => {
    expect(proveDifferences()).toEqual([
      'subtract, x >= y: high part from -1 to 2^256 - 1',
      'subtract, x < y: high part from -2 to 2^256 - 1',
    ])
  })

  test('the steps take M from a word that is zero', () => {
    expect(proveModulus()).toBe('P384Steps: m = M')
  })

  test('small multiples', () => {
    expect(proveMultiples()).toHaveLength(3)
  })

  test.each(LINEAR_BLOCKS.map((block) => [`${block.source}.${block.name}, block ${block.index}`, block] as const))(
    'linear term of %s',
    (name, block) => {
      expect(proveLinear(block)).toBe(name)
    },
  )

  test('sums and differences of scalars', () => {
    expect(proveScalars()).toHaveLength(4)
  })

  test('SHA-512: schedule in lanes and rounds', () => {
    expect([proveSchedule(SHA512), proveRounds(SHA512)]).toEqual([32, 80])
    expect([proveSchedule(MGF1), proveRounds(MGF1)]).toEqual([64, 80])
  })
})

test('a word that may have wrapped is not taken for its integer', () => {
  const run = new Symbolic(new Map())
  run.variables.set('x', run.symbol('x', 0n, M))
  const one = { kind: 'number', value: 1n } as const
  const sum = { kind: 'call', name: 'add', args: [{ kind: 'name', name: 'x' }, one] } as const
  expect(run.evaluate(sum)).toMatchObject({ exact: false, hi: M + 1n })
  expect(() => run.evaluate({ kind: 'call', name: 'shr', args: [one, sum] })).toThrow(UnprovedError)
  expect(run.evaluate({ kind: 'call', name: 'sub', args: [sum, one] }).poly).toEqual(symbol('x'))
  expect(constant(0n).size).toBe(0)
})

test('the same formulas over words of eight bits, every pair of high halves', () => {
  expect(exhaust({ bits: 8, E: 1 }, [15])).toEqual({ pairs: 65_536, wrapped: expect.any(Number) })
  expect(exhaust({ bits: 8, E: 5 }, [3])).toEqual({ pairs: 65_536, wrapped: 0 })
})
