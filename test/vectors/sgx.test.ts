import { describe, expect, test } from 'vitest'
import { expectStatedVerdict, judgeVector } from './support/dcapJudge.ts'
import { dcapVectors } from './support/dcapVectors.ts'
import { hasVectors } from './support/manifest.ts'

describe.skipIf(!hasVectors)('SGX vectors', () => {
  const vectors = dcapVectors('sgx')

  test('there are as many as published', () => {
    expect(vectors.length).toBe(6)
  })

  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => expectStatedVerdict(vector))

  test('a quote that only names its PCK needs the chain among the endorsements, and that very one', async () => {
    const [named, other] = ['sgx/v3-intel-qvl-sample', 'sgx/v3-phala'].map((id) =>
      vectors.find((entry) => entry.id === id),
    )
    if (!named || !other) throw new Error('no such vectors')
    const { pckChain: _, ...without } = named.endorsements
    expect(await judgeVector({ ...named, endorsements: without })).toMatchObject({ reasonCode: 'DCAP_PCK_MISSING' })
  })
})
