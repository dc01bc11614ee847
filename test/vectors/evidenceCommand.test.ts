import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../apps/node/src/commands/evidence/test/run.ts'
import type { VectorReport } from '../../apps/node/src/commands/evidence/vectors/judge.ts'

const folder = join(process.env.SPARTAN_FIXTURES ?? '', 'vectors')

describe.skipIf(process.env.SPARTAN_FIXTURES === undefined || !existsSync(folder))('spartan evidence vectors', () => {
  let code: number
  let entries: readonly VectorReport[]
  beforeAll(async () => {
    const found = await run(['evidence', 'vectors', folder, '--json'])
    code = found.code
    entries = JSON.parse(found.out).entries
  })

  test('every entry is right', () => {
    expect(entries.filter(({ ok }) => !ok)).toEqual([])
    expect(code).toBe(0)
    expect(entries.length).toBe(201)
  })

  test('no negative is accepted, and each is refused for its stated reason', () => {
    const negatives = entries.filter(({ expected }) => expected === 'fail')
    expect(negatives.length).toBe(105)
    expect(negatives.filter(({ verdict, reason }) => verdict !== 'fail' || reason !== 'stated')).toEqual([])
  })

  test('no expectation is held to be wrong', () => {
    expect(entries.filter(({ exception }) => exception !== null)).toEqual([])
  })
})
