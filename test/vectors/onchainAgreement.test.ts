import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ADAPTERS } from './onchain/adapters.ts'
import { type Agreement, agreementPage, agreements } from './onchain/agreement.ts'
import { hasVectors } from './support/manifest.ts'

const PAGE = new URL('../../docs/specs/onchain-agreement.md', import.meta.url)

/** By family: entries that are judged at least, of them accepted, and codes among the refusals. */
const LEAST: Readonly<Record<string, readonly [judged: number, accepted: number, codes: number]>> = {
  tdx: [71, 10, 30],
  sgx: [6, 3, 2],
  'sev-snp': [42, 13, 26],
  cca: [14, 8, 6],
  nitro: [12, 8, 3],
  'nvidia-gpu': [48, 35, 7],
}

describe.skipIf(!hasVectors)('contract and library say the same of published evidence', () => {
  const all: Agreement[] = []

  test.each(ADAPTERS.map((adapter) => [adapter.family, adapter] as const))('%s', async (family, adapter) => {
    const found = await agreements([adapter])
    all.push(...found)
    const judged = found.filter(({ notApplicable }) => notApplicable === undefined)
    expect(judged.filter(({ ok }) => !ok)).toEqual([])
    const refused = judged.filter(({ contract }) => contract !== 'accepted')
    const codes = new Set(refused.map(({ contract }) => contract))
    const counts = [judged.length, judged.length - refused.length, codes.size]
    // Both sides have been asked, and both verdicts occur: no less than it was.
    const least = LEAST[family]
    expect(least, family).toBeDefined()
    for (const [place, count] of counts.entries()) expect(count).toBeGreaterThanOrEqual(least?.[place] ?? 0)
  })

  test('the committed table is what came out: npm run vectors:onchain writes it', () => {
    expect(agreementPage(all)).toBe(readFileSync(PAGE, 'utf8'))
  })
})
