import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CCA_CHECKS, NITRO_CHECKS, NVIDIA_CHECKS, SGX_CHECKS, SNP_CHECKS, TDX_CHECKS } from '@spartan/attestation'
import { REASONS } from '@spartan/errors'
import { describe, expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('../../docs/specs', import.meta.url))
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')

/** The clauses of every kind stand on the first page, in front of Intel's. */
const FOR_ALL = read('attestation.md').split('\n## Intel DCAP')[0]
const ONCHAIN = read('onchain-attestation.md')

const LIBRARY = fileURLToPath(new URL('../../packages/attestation/src', import.meta.url))
/** Every code that the library's source names. */
const LIBRARY_CODES = new Set(
  globSync(join(LIBRARY, '**', '*.ts'))
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => readFileSync(file, 'utf8').match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [])
    .filter((word) => word in REASONS),
)

/**
 * Codes that a page names: whole, without their area, by their beginning (`ROOT_CRL_*`), or by what differs from a code before
 * them in the same cell (`INTERMEDIATE_MISSING` `…_MALFORMED`).
 */
function namesOn(page: string, area: string): (code: string) => boolean {
  const exact = new Set<string>()
  const beginnings: string[] = []
  for (const cell of page.split(/[|\n]/)) {
    let before: readonly string[] = []
    for (const [, raw = ''] of cell.matchAll(/`([A-Z0-9_…]+\*?)`/g)) {
      const name = raw.startsWith(`${area}_`) ? raw.slice(area.length + 1) : raw
      if (name.startsWith('…_')) {
        const end = name.slice(2)
        // Whatever of the code before it is kept: none of it, or its first words.
        for (let kept = 0; kept <= before.length; kept++) add([...before.slice(0, kept), end].join('_'))
      } else {
        before = name.split('_')
        add(name)
      }
    }
  }
  function add(name: string) {
    if (name.endsWith('*')) beginnings.push(name.slice(0, -1))
    else exact.add(name)
  }
  return (code) => {
    const short = code.slice(area.length + 1)
    return exact.has(short) || beginnings.some((beginning) => short.startsWith(beginning))
  }
}

describe('pages of the verifier', () => {
  test.each([
    ['attestation.md', [...TDX_CHECKS, ...SGX_CHECKS]],
    ['snp.md', SNP_CHECKS],
    ['cca.md', CCA_CHECKS],
    ['nvidia.md', NVIDIA_CHECKS],
    ['nitro.md', NITRO_CHECKS],
  ])('%s has a clause for every check', (name, checks) => {
    const words = new Set(read(name).match(/[a-z][a-z0-9-]+/g))
    expect(checks.map(([id]) => id).filter((id) => !words.has(id))).toEqual([])
  })

  test.each([
    ['DCAP', 'attestation.md'],
    ['EVENT_LOG', 'attestation.md'],
    ['SNP', 'snp.md'],
    ['CCA', 'cca.md'],
    ['NVIDIA', 'nvidia.md'],
    ['NITRO', 'nitro.md'],
  ])('every code of %s stands beside a clause of %s', (area, name) => {
    const isNamed = namesOn(`${FOR_ALL}\n${read(name)}`, area)
    // What contracts alone throw, of their stores and of what their evidence is made of, may stand on their own page.
    const isNamedOnchain = namesOn(ONCHAIN, area)
    const codes = Object.keys(REASONS).filter((code) => code.startsWith(`${area}_`))
    expect(codes.some((code) => LIBRARY_CODES.has(code))).toBe(true)
    expect(codes.filter((code) => !isNamed(code) && (LIBRARY_CODES.has(code) || !isNamedOnchain(code)))).toEqual([])
  })
})
