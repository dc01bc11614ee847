import { describe, expect, test } from 'vitest'
import { expectStatedVerdict } from './support/dcapJudge.ts'
import { dcapVectors } from './support/dcapVectors.ts'
import { hasVectors } from './support/manifest.ts'

describe.skipIf(!hasVectors)('TDX vectors', () => {
  const vectors = dcapVectors('tdx')

  test('there are as many as published', () => {
    expect(vectors.length).toBe(72)
  })

  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => expectStatedVerdict(vector))
})
