import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { modelRecord } from './queries.ts'
import { hasDemonstratedEdge } from './record.ts'

describe('modelRecord', () => {
  test('behavior: the verdict is the one written into the evaluation, whatever a single figure says', async () => {
    const evaluation = JSON.parse(readFileSync('models/trend/evaluation.json', 'utf8'))
    const record = await modelRecord()
    if (record === undefined) throw new Error('models/trend/evaluation.json does not fit the schema of the page')
    expect(record.edge).toEqual(evaluation.edge)
    expect(hasDemonstratedEdge({ ...record, alphaT: 9 })).toBe(evaluation.edge.demonstrated)
  })
})
