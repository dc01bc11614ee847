import { expect, test } from 'vitest'
import { row } from '../row.ts'
import { differences } from './snapshot.ts'

const gas = (name: string, ours: number) => row({ name, unit: 'gas', ours, goal: 1_000_000 })
const KEPT = [gas('a', 1_000), gas('b', 2_000)]

test('behavior: what is within the noise, or cheaper, is the same', () => {
  expect(differences([gas('a', 1_009), gas('b', 1_000)], KEPT)).toMatchObject({
    same: true,
    text: expect.stringContaining('cheaper  b: 2000 → 1000 gas'),
  })
})

test.each([
  ['dearer', [gas('a', 1_020), gas('b', 2_000)], 'dearer   a: 1000 → 1020 gas'],
  ['new', [...KEPT, gas('c', 1)], 'new      c: 1 gas'],
  ['gone', [gas('a', 1_000)], 'gone     b: 2000'],
])('behavior: a row that is %s is named and differs', (_, rows, line) => {
  const { same, text } = differences(rows, KEPT)
  expect(same).toBe(false)
  expect(text).toContain(line)
})
