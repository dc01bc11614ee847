import { describe, expect, test } from 'vitest'
import { ADAPTERS } from './onchain/adapters.ts'
import { agreements } from './onchain/agreement.ts'
import { hasVectors } from './support/manifest.ts'

describe.skipIf(!hasVectors)('contract and library say the same of published evidence', () => {
  test.each(ADAPTERS.map((adapter) => [adapter.family, adapter] as const))('%s', async (family, adapter) => {
    const found = await agreements([adapter])
    const judged = found.filter(({ notApplicable }) => notApplicable === undefined)
    expect(judged.filter(({ ok }) => !ok)).toEqual([])
    // Both sides have been asked, and both verdicts occur.
    expect(
      judged.some(({ contract }) => contract === 'accepted'),
      family,
    ).toBe(true)
    expect(
      judged.some(({ contract }) => contract !== 'accepted'),
      family,
    ).toBe(true)
  })
})
