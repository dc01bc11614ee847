import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CCA_CHECKS, NITRO_CHECKS, NVIDIA_CHECKS, SGX_CHECKS, SNP_CHECKS, TDX_CHECKS } from '@spartan/attestation'
import { REASONS, type ReasonCode } from '@spartan/errors'
import { describe, expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('../../docs/specs', import.meta.url))
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')

/** The clauses of every kind stand on the first page, in front of Intel's. */
const FOR_ALL = read('attestation.md').split('\n## Intel DCAP')[0]
const ONCHAIN = read('onchain-attestation.md')

/** Codes of contracts alone: of their stores, and of what their evidence is made of. The library never gives them. */
const CONTRACTS_ALONE: ReadonlySet<string> = new Set<ReasonCode>([
  'SNP_ROOT_MISSING',
  'SNP_SIMULATION_ROOT_FORBIDDEN',
  'CCA_TRUST_ANCHOR_NOT_YET_ACTIVE',
  'CCA_TRUST_ANCHOR_REVOKED',
  'CCA_TRUST_ANCHOR_EXISTS',
  'CCA_SIMULATED_ANCHOR_FORBIDDEN',
  'CCA_TIMELOCK_TOO_SHORT',
  'NVIDIA_CERTIFICATE_MISSING',
  'NVIDIA_OCSP_ROLLBACK',
  'NVIDIA_DEV_MODE_REQUIRED',
  'NITRO_CERTIFICATE_MISMATCH',
  'NITRO_CA_MISSING',
  'NITRO_CERTIFICATE_MISSING',
  'NITRO_TEST_CHAIN_ONLY',
])
const LIBRARY = fileURLToPath(new URL('../../packages/attestation/src', import.meta.url))

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
    const isNamedOnchain = namesOn(ONCHAIN, area)
    const codes = Object.keys(REASONS).filter((code) => code.startsWith(`${area}_`))
    const isClaused = (code: string) => (CONTRACTS_ALONE.has(code) ? isNamedOnchain(code) : isNamed(code))
    expect(codes.filter((code) => !isClaused(code))).toEqual([])
  })

  test('the library has none of the codes of contracts alone', () => {
    const sources = globSync(join(LIBRARY, '**', '*.ts')).map((file) => readFileSync(file, 'utf8'))
    expect(sources.length).toBeGreaterThan(50)
    const words = new Set(sources.flatMap((text) => text.match(/\w+/g) ?? []))
    expect([...CONTRACTS_ALONE].filter((code) => words.has(code))).toEqual([])
  })
})
