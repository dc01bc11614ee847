import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ADAPTERS } from './onchain/adapters.ts'
import { type Agreement, agreementPage, agreements } from './onchain/agreement.ts'
import { hasVectors } from './support/manifest.ts'

const PAGE = new URL('../../docs/specs/onchain-agreement.md', import.meta.url)

describe.skipIf(!hasVectors)('contract and library say the same of published evidence', () => {
  const all: Agreement[] = []

  test.each(ADAPTERS.map((adapter) => [adapter.family, adapter] as const))('%s', async (family, adapter) => {
    const found = await agreements([adapter])
    all.push(...found)
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

  test('the committed table is what came out: npm run vectors:onchain writes it', () => {
    expect(agreementPage(all)).toBe(readFileSync(PAGE, 'utf8'))
  })
})
