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

  const at = (path: string) => join(folder, path)

  test.each([
    ['tdx', 'tdx/v5-coco-td15/quote.bin', 'report.measurements.mrTd'],
    ['sgx', 'sgx/v3-phala/quote.bin', 'report.mrEnclave'],
    ['snp', 'sev-snp/turin-v5-vcek-openanolis/report.bin', 'report.measurement'],
    ['snp', 'sev-snp/azure-genoa-genoa-coco/evidence.json', 'report.measurement'],
    ['cca', 'cca/tf-rmm-ccatoken-go/token.cbor', 'realm.claims.initialMeasurement'],
    ['nvidia', 'nvidia-gpu/h100-590.12-b/evidence.json', 'report.measurements.1'],
    ['nitro', 'nitro/base-nitro-validator/cose_sign1.cbor', 'document.pcrs.0'],
  ])('inspect decodes %s: %s', async (kind, path, field) => {
    const found = await run(['evidence', 'inspect', at(path), '--json'])
    const printed = JSON.parse(found.out)
    expect({ code: found.code, kind: printed.kind }).toEqual({ code: 0, kind })
    expect(printed.fields.map(({ name }: { name: string }) => name)).toContain(field)
  })

  test('AMD’s own intermediate serves where only the VCEK was given', async () => {
    const [report, vcek] = ['report.bin', 'vcek.der'].map((name) => at(`sev-snp/milan-v3-vcek-dstack/${name}`))
    const argv = ['evidence', 'verify', report ?? '', '--endorsements', vcek ?? '', '--at', '2026-06-20', '--json']
    const { code, out } = await run(argv)
    expect({ code, reason: JSON.parse(out).reasonCode }).toEqual({ code: 4, reason: 'SNP_CRL_MISSING' })
  })

  test.each(['tdx/v4-near-20a06f', 'sgx/v3-phala'])('collateral of dcap-qvl serves %s', async (entry) => {
    const options = ['--policy', 'vectors', '--at', entry.startsWith('tdx') ? '2025-09-06' : '2025-07-10']
    const argv = ['evidence', 'verify', at(`${entry}/quote.bin`), '--endorsements', at(`${entry}/collateral.json`)]
    expect((await run([...argv, ...options])).code).toBe(0)
  })

  test.each<[string, readonly string[], number]>([
    ['TDX', ['tdx/v4-phala-uptodate/quote.bin', '--endorsements', 'tdx/v4-phala-uptodate', '--at', '2025-06-20'], 0],
    [
      'SEV-SNP',
      ['sev-snp/synth-good-v3-milan/report.bin', '--endorsements', 'sev-snp/synth-good-v3-milan', '--at', '2026-01-15'],
      0,
    ],
    ['NVIDIA, which lacks OCSP', ['nvidia-gpu/h100-590.12-b/evidence.json', '--at', '2025-06-01'], 4],
    ['Nitro, which lacks CRLs', ['nitro/oyster-aws/cose_sign1.cbor', '--at', '2024-12-13T07:37:58Z'], 4],
    ['CCA, whose key nobody gave', ['cca/coco-example-token/token.cbor'], 4],
  ])('verify judges %s', async (_, argv, code) => {
    const isPath = (part: string) => part.includes('/')
    const snp = argv[0]?.startsWith('sev-snp')
      ? ['--snp-min-tcb', 'bl=4,snp=24,ucode=219', '--trust-anchor', at('sev-snp/synth-good-v3-milan/trusted_root.pem')]
      : []
    const found = await run([
      'evidence',
      'verify',
      ...argv.map((part) => (isPath(part) ? at(part) : part)),
      ...snp,
      '--json',
    ])
    expect({ code: found.code, problem: found.err }).toEqual({ code, problem: '' })
  })
})
