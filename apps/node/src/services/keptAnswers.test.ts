import { describe, expect, test } from 'vitest'
import { createKeptAnswers } from './keptAnswers.ts'

const id = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as const
const body = (length: number) => new Uint8Array(length)

describe('createKeptAnswers', () => {
  test('default: gives the newest answer of a channel, for its own request only', () => {
    const kept = createKeptAnswers(10_000)
    kept.set(id(1), id(10), body(3))
    kept.set(id(1), id(11), body(4))
    expect(kept.get(id(1), id(10))).toBeUndefined()
    expect(kept.get(id(1), id(11))).toHaveLength(4)
  })

  test('forgets the oldest beyond the bound, and keeps nothing larger than it', () => {
    const kept = createKeptAnswers(10_000)
    for (let n = 1; n <= 4; n += 1) kept.set(id(n), id(n), body(3000))
    expect([1, 2, 3, 4].map((n) => kept.get(id(n), id(n)) !== undefined)).toEqual([false, false, true, true])
    kept.set(id(4), id(4), body(10_000))
    expect(kept.get(id(4), id(4))).toBeUndefined()
    expect(kept.get(id(3), id(3))).toHaveLength(3000)
  })
})
