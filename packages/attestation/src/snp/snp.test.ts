import type { SnpReportFields } from '@spartan/simulator'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseSnp, parseSnpReport, SNP_CHECKS, type SnpPolicy, verifySnpEvidence } from './index.ts'
import { anchorsOf, createSnpWorld, flipped, NOW, patch, type SnpCase, type SnpWorld, strict } from './test/snpCase.ts'

let world: SnpWorld
let genoa: SnpWorld['genoa']
let turin: SnpWorld['turin']
let machine: SnpWorld['machine']
let endorsements: SnpWorld['endorsements']
const judge = (given?: SnpCase) => world.judge(given)
const outcome = (given?: SnpCase) => world.outcome(given)
beforeAll(async () => {
  world = await createSnpWorld()
  ;({ genoa, turin, machine, endorsements } = world)
}, 120_000)

describe('accepted', () => {
  it('default: claims of a healthy machine', async () => {
    const reportData = new Uint8Array(64).fill(7)
    const result = await judge({ fields: { reportData } })
    if (result.verdict === 'refused') throw result.error
    expect(result.claims).toMatchObject({
      tee: 'snp',
      product: 'AMD EPYC Genoa',
      productLine: 'Genoa',
      reportVersion: 5,
      trustTier: 'simulated',
      simulated: true,
      tcbStatus: 'UpToDate',
      endorsementKey: 'vcek',
      platformId: machine.chipId,
      reportData,
      launchMitigationVector: 0x0bn,
      endorsementAgeSeconds: 3600,
      earliestExpiry: NOW - 3600 + 3600 + 365 * 86_400,
      crlNumber: '01',
    })
    expect(result.checks.map(({ id }) => id)).toEqual(SNP_CHECKS.map(([id]) => id))
    expect(result.checks.filter(({ status }) => status === 'failed')).toEqual([])
  })

  it.each<[string, SnpCase]>([
    ['version 2', { fields: { version: 2 } }],
    ['version 3', { fields: { version: 3 } }],
    ['Bergamo', { fields: { cpuid: [0x19, 0xa0, 2] } }],
    ['hwID in an OCTET STRING', { machine: { hardwareIdForm: 'octet-string' } }],
    ['a stepping in the product name', { machine: { productName: 'Genoa-B1' } }],
    ['an SPL of one content byte more', { machine: { tcb: { bootLoader: 10, tee: 128, snp: 255, microcode: 219 } } }],
    ['a reserved bit that firmware sets', { fields: { platformInfo: 0x65n } }],
    ['no root certificate', { change: ({ root: _root, ...rest }) => rest }],
    [
      'a VLEK on a machine that masks its chip key',
      {
        machine: { kind: 'vlek' },
        fields: { keyInfo: (1 << 2) | 2 },
        policy: { vlek: { cspIds: ['CN=simulation.invalid'] } },
      },
    ],
    ['a VLEK', { machine: { kind: 'vlek' }, policy: { vlek: { cspIds: ['CN=simulation.invalid'] } } }],
    ['no CRL, skipped by name', { change: ({ crl: _crl, ...rest }) => rest, policy: { dangerouslySkip: ['crl'] } }],
  ])('%s', async (_, given) => {
    expect(await outcome(given)).toBe('accepted')
  })

  it('behavior: Turin, with its own TCB layout and chip identifier', async () => {
    const own = await turin.createMachine()
    const judgeTurin = async (policy: SnpPolicy) =>
      verifySnpEvidence({
        evidence: await own.issueReport(),
        endorsements: await own.endorsements(),
        at: NOW,
        trustAnchors: anchorsOf(genoa, turin),
        policy,
      })
    const result = await judgeTurin(strict)
    if (result.verdict === 'refused') throw result.error
    expect(result.claims.platformId).toEqual(own.chipId.subarray(0, 8))
    for (const id of [own.chipId, own.chipId.subarray(0, 8)]) {
      const policy: SnpPolicy = { ...strict, deniedPlatformIds: [Buffer.from(id).toString('hex')] }
      expect(await judgeTurin(policy)).toMatchObject({ reasonCode: 'SNP_PLATFORM_DENIED' })
    }
    expect(result.claims.tcbs.reported).toEqual({ ...own.tcb })
  })

  it('behavior: a skipped check is listed as not requested', async () => {
    const result = await judge({
      change: ({ crl: _crl, ...rest }) => rest,
      policy: { dangerouslySkip: ['crl'] },
    })
    expect(result.checks.filter(({ id }) => id === 'crl' || id === 'revocation')).toMatchObject([
      { status: 'not-requested', values: { because: 'skipped by name: the endorsement is not at hand' } },
      { status: 'not-requested' },
    ])
    expect(result).toMatchObject({ claims: { endorsementAgeSeconds: undefined, crlNumber: undefined } })
  })
})

describe('error: the report', () => {
  it.each<[string, SnpReportFields]>([
    ['SNP_REPORT_VERSION_UNSUPPORTED', { version: 0 }],
    ['SNP_REPORT_VERSION_UNSUPPORTED', { version: 1 }],
    ['SNP_REPORT_VERSION_UNSUPPORTED', { version: 4 }],
    ['SNP_REPORT_VERSION_UNSUPPORTED', { version: 6 }],
    ['SNP_SIGNATURE_ALGORITHM_UNSUPPORTED', { signatureAlgorithm: 0 }],
    ['SNP_SIGNATURE_ALGORITHM_UNSUPPORTED', { signatureAlgorithm: 2 }],
    ['SNP_REPORT_RESERVED_NONZERO', patch(0x04c, 1)],
    ['SNP_REPORT_RESERVED_NONZERO', patch(0x18b, 1)],
    ['SNP_REPORT_RESERVED_NONZERO', patch(0x19f, 1)],
    ['SNP_REPORT_RESERVED_NONZERO', patch(0x1eb, 1)],
    ['SNP_REPORT_RESERVED_NONZERO', patch(0x1ef, 1)],
    ['SNP_REPORT_RESERVED_NONZERO', patch(0x208, 1)],
    ['SNP_REPORT_RESERVED_NONZERO', patch(0x29f, 1)],
    ['SNP_REPORT_RESERVED_NONZERO', { version: 2, ...patch(0x188, 0x19) }],
    ['SNP_REPORT_RESERVED_NONZERO', { version: 3, ...patch(0x1f8, 1) }],
    ['SNP_REPORT_RESERVED_NONZERO', { version: 3, ...patch(0x207, 1) }],
    ['SNP_REPORT_RESERVED_NONZERO', { platformInfo: 0x125n }],
    ['SNP_REPORT_RESERVED_NONZERO', { platformInfo: 1n << 63n }],
    ['SNP_REPORT_RESERVED_NONZERO', { keyInfo: 1 << 5 }],
    ['SNP_POLICY_RESERVED_NONZERO', { policy: 0x403_0000n }],
    ['SNP_POLICY_RESERVED_NONZERO', { policy: 0x1_0003_0000n }],
    ['SNP_POLICY_BIT17_CLEAR', { policy: 0x1_0000n }],
    ['SNP_SIGNING_KEY_UNSUPPORTED', { keyInfo: 2 << 2 }],
    ['SNP_REPORT_UNSIGNED', { keyInfo: 7 << 2 }],
    ['SNP_REPORT_UNSIGNED', { keyInfo: 2 }],
    ['SNP_VMPL_INVALID', { vmpl: 4 }],
    ['SNP_SIGNATURE_PADDING_NONZERO', patch(0x2a0 + 48, 1)],
    ['SNP_SIGNATURE_PADDING_NONZERO', patch(0x2e8 + 71, 1)],
    ['SNP_UNSIGNED_BYTES_NONZERO', patch(0x330, 1)],
    ['SNP_UNSIGNED_BYTES_NONZERO', patch(0x49f, 1)],
    ['SNP_HOST_REQUESTED', { vmpl: 0xffff_ffff }],
  ])('%s', async (code, fields) => {
    expect(await outcome({ fields })).toBe(code)
  })

  it.each([0, 1183, 1185, 4000])('SNP_REPORT_MALFORMED for %i bytes', async (length) => {
    const evidence = new Uint8Array(length)
    evidence.set((await machine.issueReport()).subarray(0, length))
    expect(() => parseSnp(evidence)).toThrow(expect.objectContaining({ code: 'SNP_REPORT_MALFORMED' }))
  })
})

describe('error: bindings', () => {
  it.each<[string, () => SnpCase]>([
    ['SNP_SIGNING_KEY_MISMATCH', () => ({ fields: { keyInfo: 1 << 2 } })],
    ['SNP_SIGNING_KEY_MISMATCH', () => ({ machine: { kind: 'vlek' }, fields: { keyInfo: 0 } })],
    ['SNP_PRODUCT_MISMATCH', () => ({ fields: { cpuid: [0x19, 0x01, 1] } })],
    ['SNP_PRODUCT_MISMATCH', () => ({ machine: { productName: 'Milan-B0' } })],
    ['SNP_PRODUCT_UNKNOWN', () => ({ fields: { cpuid: [0x19, 0x50, 0] } })],
    ['SNP_PRODUCT_UNKNOWN', () => ({ fields: { cpuid: [0, 0, 0] } })],
    ['SNP_TCB_RESERVED_NONZERO', () => ({ fields: patch(0x183, 1) })],
    ['SNP_TCB_RESERVED_NONZERO', () => ({ fields: patch(0x1f4, 1) })],
    ['SNP_TCB_MISMATCH', () => ({ fields: { reportedTcb: { ...machine.tcb, microcode: 218 } } })],
    ['SNP_TCB_MISMATCH', () => ({ fields: { reportedTcb: { ...machine.tcb, tee: 1 } } })],
    ['SNP_CHIP_ID_MASKED', () => ({ fields: { chipId: new Uint8Array(64) } })],
    ['SNP_HWID_MISMATCH', () => ({ fields: { chipId: flipped(machine.chipId, 63) } })],
    ['SNP_REPORTED_TCB_ABOVE_CURRENT', () => ({ fields: { currentTcb: { ...machine.tcb, bootLoader: 9 } } })],
    ['SNP_COMMITTED_TCB_ABOVE_CURRENT', () => ({ fields: { committedTcb: { ...machine.tcb, snp: 24 } } })],
    ['SNP_COMMITTED_TCB_ABOVE_CURRENT', () => ({ fields: { committedVersion: [41, 55, 1] } })],
  ])('%s', async (code, given) => {
    expect(await outcome(given())).toBe(code)
  })

  it('SNP_HWID_MISMATCH: Turin uses 8 bytes of CHIP_ID, the others are zero', async () => {
    const own = await turin.createMachine()
    const evidence = await own.issueReport({ chipId: flipped(own.chipId, 8) })
    const result = await verifySnpEvidence({
      evidence,
      endorsements: await own.endorsements(),
      at: NOW,
      trustAnchors: anchorsOf(turin),
      policy: strict,
    })
    expect(result).toMatchObject({ reasonCode: 'SNP_HWID_MISMATCH' })
  })

  it('SNP_REPORT_SIGNATURE_INVALID: another machine’s key, r or s of zero', async () => {
    const other = await genoa.createMachine({ hardwareId: machine.chipId })
    const foreign = await other.issueReport()
    const zero = (await machine.issueReport()).fill(0, 0x2a0, 0x2d0)
    for (const evidence of [foreign, zero]) {
      const result = await verifySnpEvidence({
        evidence,
        endorsements,
        at: NOW,
        trustAnchors: anchorsOf(genoa),
        policy: strict,
      })
      expect(result).toMatchObject({ reasonCode: 'SNP_REPORT_SIGNATURE_INVALID' })
    }
  })
})

describe('parseSnpReport', () => {
  it('default: views of the bytes, the signature turned to big-endian', async () => {
    const bytes = await machine.issueReport({ guestSvn: 3 })
    const report = parseSnpReport(bytes)
    expect(report.measurement.buffer).toBe(bytes.buffer)
    expect(report.guestSvn).toBe(3)
    expect(report.signature[47]).toBe(bytes[0x2a0])
    expect(report.signature[95]).toBe(bytes[0x2e8])
  })
})
