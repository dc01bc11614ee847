import {
  CLAIM_FLAGS,
  encodeSnpEvidence,
  type SnpOnchainEndorsements,
  snpCertificateIds,
  snpMeasurement,
  snpPlatformId,
  snpProductTag,
  snpVekKey,
} from '@spartan/abi'
import {
  ANY_SNP_PRODUCT,
  type SnpEndorsements,
  type SnpPolicy,
  vectorsSnpPolicy,
  verifySnpEvidence,
} from '@spartan/attestation/snp'
import type { SnpMachineOptions, SnpReportFields } from '@spartan/simulator'
import { bytesToHex, concatHex, type Hex, hexToBytes, sliceHex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  anchorsOf,
  createSnpWorld,
  flipped,
  NOW,
  patch,
  type SnpWorld,
} from '../../packages/attestation/src/snp/test/snpCase.ts'
import { SNP_FLAG_CASES, SNP_REPORT_CASES } from '../support/snpReportCases.ts'
import { type SnpChain, type SnpStore, startSnp } from '../support/snpWorld.ts'
import { outcome } from '../support/vendorChain.ts'

const DAY = 86_400
const YEAR = 365 * DAY

/** Accepts whatever is verified: the contract holds no policy. */
const ANY_POLICY: SnpPolicy = {
  ...vectorsSnpPolicy({ measurements: 'any', reportData: 'any', minTcb: ANY_SNP_PRODUCT, vtpm: 'any' }),
  debug: 'accept',
}

let world: SnpWorld
let chain: SnpChain
/** Of the machine. */
let genuine: SnpOnchainEndorsements
/** Below the root of Genoa and that of Turin; the machine's endorsements are registered. */
let store: SnpStore

beforeAll(async () => {
  ;[world, chain] = await Promise.all([createSnpWorld(), startSnp(NOW - DAY)])
  await chain.travelTo(NOW)
  genuine = { ...world.endorsements, root: world.genoa.ark.certificate }
  store = await freshStore()
  await store.register(genuine)
}, 120_000)
afterAll(() => chain?.close())

const freshStore = () => chain.deploy({ simulationRoots: [world.genoa.ark.certificate, world.turin.ark.certificate] })

async function libraryOutcome(report: Uint8Array, endorsements: Partial<SnpEndorsements>, at = NOW): Promise<string> {
  const trustAnchors = anchorsOf(world.genoa, world.turin)
  const result = await verifySnpEvidence({ evidence: report, endorsements, at, trustAnchors, policy: ANY_POLICY })
  return result.verdict === 'accepted' ? 'accepted' : result.reasonCode
}

/** What comes before the signature needs no hints, which take longest to make; the rest is the encoder's, or comes after it. */
const PROVEN =
  /^(accepted|SNP_REPORT_(MALFORMED|SIGNATURE_INVALID)|SNP_UNSIGNED_BYTES_NONZERO|SNP_\w+_TCB_ABOVE_CURRENT)$/

/** Both say the same of a report of the registered machine. */
async function agreed(report: Uint8Array): Promise<string> {
  const library = await libraryOutcome(report, genuine)
  const bare = concatHex([snpCertificateIds(genuine).vekId, bytesToHex(report.subarray(0, 816))])
  const done = PROVEN.test(library) ? store.verifyReport(report, genuine) : store.verify(bare)
  const contract = await outcome(done)
  expect(contract).toBe(library)
  return contract
}

describe('reports', () => {
  test('default: claims of a healthy machine, by either path', async () => {
    const fields = {
      reportData: Uint8Array.from({ length: 64 }, (_, index) => index),
      hostData: new Uint8Array(32).fill(5),
    }
    const report = await world.machine.issueReport({ ...fields, guestSvn: 3 })
    const claims = await store.verifyReport(report, genuine)
    expect(claims).toEqual({
      teeKind: 3,
      simulated: true,
      tcbStatus: 0,
      tcbEvaluationNumber: 0,
      flags: flagsOf(
        'SMT_ALLOWED',
        'PAGE_SWAP_ALLOWED',
        'MULTI_SOCKET',
        'NO_AES_256_XTS',
        'RAPL_ON',
        'CIPHERTEXT_VISIBLE',
      ),
      earliestExpiry: BigInt(NOW + YEAR),
      tcb: '0x0a000000000017db',
      product: snpProductTag('Genoa'),
      platformId: snpPlatformId(world.machine.chipId),
      measurement: snpMeasurement(report),
      reportDataHigh: bytesToHex(fields.reportData.subarray(0, 32)),
      reportDataLow: bytesToHex(fields.reportData.subarray(32)),
    })
    expect(await outcome(store.verifyReport(report, genuine, { path: 'table' }))).toBe('CRYPTO_TABLE_MISSING')
    await chain.createTable(snpVekKey(genuine.vek) ?? new Uint8Array())
    expect(await store.verifyReport(report, genuine, { path: 'table' })).toEqual(claims)
  })

  test.each(SNP_REPORT_CASES)('%s (%#)', async (code, fields) => {
    expect(await agreed(await world.machine.issueReport(fields))).toBe(code)
  })

  test.each([0, 1183, 1185])('SNP_REPORT_MALFORMED for %i bytes', async (length) => {
    const report = new Uint8Array(length)
    report.set((await world.machine.issueReport()).subarray(0, length))
    expect(await agreed(report)).toBe('SNP_REPORT_MALFORMED')
  })

  test('the contract refuses evidence that ends inside the report', async () => {
    const evidence = await encodeSnpEvidence(await world.machine.issueReport(), genuine)
    for (const length of [0, 31, 32, 32 + 815]) {
      const cut = length === 0 ? '0x' : sliceHex(evidence, 0, length)
      expect(await outcome(store.verify(cut))).toBe('SNP_REPORT_MALFORMED')
    }
    expect(await outcome(store.verify(sliceHex(evidence, 0, 32 + 816)))).toBe('SNP_REPORT_SIGNATURE_INVALID')
  })

  test('a bit changed in any field after signing is refused, as the library does', async () => {
    const report = await world.machine.issueReport()
    const fields = [
      ...[
        0x00, 0x04, 0x08, 0x0a, 0x10, 0x20, 0x30, 0x34, 0x38, 0x40, 0x48, 0x4c, 0x50, 0x8f, 0x90, 0xbf, 0xc0, 0xe0,
        0x110,
      ],
      ...[
        0x140, 0x160, 0x180, 0x188, 0x189, 0x18a, 0x18b, 0x1a0, 0x1df, 0x1e0, 0x1e8, 0x1ec, 0x1f0, 0x1f8, 0x200, 0x208,
      ],
      ...[0x29f, 0x2a0, 0x2cf, 0x2e8, 0x317],
    ]
    const codes = []
    for (const at of fields) codes.push(await agreed(flipped(report, at)))
    expect(codes).not.toContain('accepted')
    expect(codes.filter((code) => code === 'SNP_REPORT_SIGNATURE_INVALID').length).toBeGreaterThan(15)
  })
})

const flagsOf = (...names: readonly (typeof CLAIM_FLAGS)[number][]) =>
  names.reduce((bits, name) => bits | (1 << CLAIM_FLAGS.indexOf(name)), 0)

describe('flags', () => {
  test.each(SNP_FLAG_CASES)('flags %#', async (names, fields) => {
    const { flags } = await store.verifyReport(await world.machine.issueReport(fields), genuine)
    expect(CLAIM_FLAGS.filter((_, bit) => (flags >> bit) & 1)).toEqual(names)
  })
})

describe('the proof of the signature', () => {
  test('a changed hint, another report’s hints, another path: refused, never accepted', async () => {
    await chain.createTable(snpVekKey(genuine.vek) ?? new Uint8Array())
    const [first, second] = [
      await world.machine.issueReport({ guestSvn: 1 }),
      await world.machine.issueReport({ guestSvn: 2 }),
    ]
    const evidence = await encodeSnpEvidence(first, genuine)
    const other = await encodeSnpEvidence(second, genuine)
    const [report, proof] = [sliceHex(evidence, 0, 848), sliceHex(evidence, 848)]
    const wrong: readonly Hex[] = [
      concatHex([report, sliceHex(other, 848)]),
      bytesToHex(flipped(hexToBytes(evidence), 849 + 145)),
      bytesToHex(flipped(hexToBytes(evidence), hexToBytes(evidence).length - 1)),
      sliceHex(evidence, 0, hexToBytes(evidence).length - 1),
      concatHex([evidence, '0x00']),
      concatHex([report, '0x01', sliceHex(proof, 1)]),
      concatHex([report, '0x02', sliceHex(proof, 1)]),
      concatHex([report, '0x00']),
    ]
    expect(await outcome(store.verify(bytesToHex(flipped(hexToBytes(evidence), 0))))).toBe('SNP_VEK_MISSING')
    for (const given of wrong) expect(await outcome(store.verify(given))).toBe('SNP_REPORT_SIGNATURE_INVALID')
    expect(await outcome(store.verify(evidence))).toBe('accepted')
  })

  test('behavior: fewer slopes, where the back-end is P384Sparse', async () => {
    const sparse = await startSnp(NOW, 'P384Sparse')
    try {
      const own = await sparse.deploy({ simulationRoots: [world.genoa.ark.certificate] })
      await own.register(genuine)
      const report = await world.machine.issueReport()
      const evidence = await encodeSnpEvidence(report, genuine, { unhinted: 255 })
      expect(evidence.length).toBeLessThan(2 * 1_900)
      expect(await outcome(own.verify(evidence))).toBe('accepted')
      // It takes what P384 takes, and not the other way round.
      expect(await outcome(own.verifyReport(report, genuine))).toBe('accepted')
      expect(await outcome(store.verify(evidence))).toBe('SNP_REPORT_SIGNATURE_INVALID')
    } finally {
      await sparse.close()
    }
  })

  test('a report by another chip’s key is refused', async () => {
    const other = await world.genoa.createMachine({ hardwareId: world.machine.chipId })
    expect(await agreed(await other.issueReport())).toBe('SNP_REPORT_SIGNATURE_INVALID')
  })
})

/** Both say the same of a report of a machine of its own, with these endorsements, by a fresh store. */
async function agreedOn(
  given: {
    readonly machine?: SnpMachineOptions & { readonly of?: 'genoa' | 'turin' }
    readonly fields?: SnpReportFields
    readonly endorsements?: Parameters<SnpWorld['machine']['endorsements']>[0]
    readonly change?: (endorsements: SnpEndorsements) => Partial<SnpEndorsements>
  } = {},
): Promise<string> {
  const { of = 'genoa', ...options } = given.machine ?? {}
  const machine = await world[of].createMachine(options)
  const issued = await machine.endorsements(given.endorsements)
  const endorsements = given.change?.(issued) ?? issued
  const report = await machine.issueReport(given.fields)
  const { code, claims } = await (await freshStore()).judge(report, endorsements)
  expect(code ?? 'accepted').toBe(await libraryOutcome(report, endorsements))
  if (claims) expect(claims.simulated).toBe(true)
  return code ?? 'accepted'
}

describe('the chain', () => {
  const later = { from: NOW + DAY, until: NOW + 2 * DAY }
  const before = { from: NOW - 3600, until: NOW - 60 }
  let turinMachine: Awaited<ReturnType<SnpWorld['turin']['createMachine']>>
  let turinCrl: Uint8Array
  beforeAll(async () => {
    turinMachine = await world.turin.createMachine()
    turinCrl = (await turinMachine.endorsements()).crl
  })

  test.each<[string, () => Parameters<typeof agreedOn>[0]]>([
    ['accepted', () => ({ machine: { of: 'turin' } })],
    ['accepted', () => ({ machine: { kind: 'vlek' } })],
    ['accepted', () => ({ machine: { kind: 'vlek' }, fields: { keyInfo: (1 << 2) | 2 } })],
    ['accepted', () => ({ machine: { hardwareIdForm: 'octet-string' } })],
    ['accepted', () => ({ machine: { productName: 'Genoa-B1' } })],
    ['accepted', () => ({ machine: { tcb: { bootLoader: 10, tee: 128, snp: 255, microcode: 219 } } })],
    ['accepted', () => ({ endorsements: { revokedSerials: [Uint8Array.of(77)] } })],
    ['SNP_ROOT_MALFORMED', () => ({ change: (e) => ({ ...e, root: e.vek }) })],
    ['SNP_INTERMEDIATE_MISSING', () => ({ change: ({ intermediate: _intermediate, ...e }) => e })],
    ['SNP_INTERMEDIATE_MALFORMED', () => ({ change: (e) => ({ ...e, intermediate: e.intermediate.slice(0, -1) }) })],
    ['SNP_INTERMEDIATE_MALFORMED', () => ({ change: (e) => ({ ...e, intermediate: e.vek }) })],
    [
      'SNP_INTERMEDIATE_ISSUER_MISMATCH',
      () => ({ change: (e) => ({ ...e, intermediate: world.turin.ask.certificate }) }),
    ],
    [
      'SNP_INTERMEDIATE_SIGNATURE_INVALID',
      () => ({ change: (e) => ({ ...e, intermediate: flipped(e.intermediate, 600) }) }),
    ],
    ['SNP_INTERMEDIATE_WRONG', () => ({ change: (e) => ({ ...e, intermediate: world.genoa.ark.certificate }) })],
    ['SNP_INTERMEDIATE_WRONG', () => ({ change: (e) => ({ ...e, intermediate: world.genoa.asvk.certificate }) })],
    ['SNP_INTERMEDIATE_WRONG', () => ({ machine: { issuer: 'asvk' } })],
    ['SNP_VEK_MISSING', () => ({ change: ({ vek: _vek, ...e }) => e })],
    ['SNP_VEK_MALFORMED', () => ({ change: (e) => ({ ...e, vek: e.vek.slice(1) }) })],
    ['SNP_VEK_MALFORMED', () => ({ machine: { commonName: 'SEV-CEK' } })],
    ['SNP_VEK_MALFORMED', () => ({ machine: { algorithm: 'ecdsa-p256' } })],
    ['SNP_VEK_ISSUER_MISMATCH', () => ({ change: (e) => ({ ...e, vek: turinMachine.vek }) })],
    ['SNP_VEK_SIGNATURE_INVALID', () => ({ change: (e) => ({ ...e, vek: flipped(e.vek, 400) }) })],
    ['SNP_VEK_SIGNATURE_INVALID', () => ({ change: (e) => ({ ...e, vek: flipped(e.vek, 15) }) })],
    ['SNP_VEK_EXPIRED', () => ({ machine: { validity: later } })],
    ['SNP_VEK_EXPIRED', () => ({ machine: { validity: before } })],
    ['SNP_CRL_MISSING', () => ({ change: ({ crl: _crl, ...e }) => e })],
    ['SNP_CRL_MALFORMED', () => ({ change: (e) => ({ ...e, crl: new Uint8Array() }) })],
    ['SNP_CRL_ISSUER_MISMATCH', () => ({ change: (e) => ({ ...e, crl: turinCrl }) })],
    ['SNP_CRL_SIGNATURE_INVALID', () => ({ endorsements: { crlSigner: 'ask' } })],
    ['SNP_CRL_EXPIRED', () => ({ endorsements: { crlValidity: before } })],
    ['SNP_CRL_EXPIRED', () => ({ endorsements: { crlValidity: later } })],
    ['SNP_INTERMEDIATE_REVOKED', () => ({ endorsements: { revokedSerials: [world.genoa.ask.serial] } })],
    [
      'SNP_VEK_REVOKED',
      () => ({ machine: { serial: Uint8Array.of(9) }, endorsements: { revokedSerials: [Uint8Array.of(9)] } }),
    ],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { omit: ['1'] } })],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { omit: ['2'] } })],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { omit: ['3.1'] } })],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { omit: ['3.4'] } })],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { omit: ['3.8'] } })],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { of: 'turin', omit: ['3.9'] } })],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { kind: 'vlek', omit: ['5'] } })],
    ['SNP_VEK_EXTENSION_MALFORMED', () => ({ machine: { structVersion: 1 } })],
    ['SNP_VEK_EXTENSION_MALFORMED', () => ({ machine: { tcb: { bootLoader: 256, tee: 0, snp: 1, microcode: 1 } } })],
    ['SNP_VEK_EXTENSION_MALFORMED', () => ({ machine: { productName: '' } })],
    ['SNP_PRODUCT_UNKNOWN', () => ({ machine: { productName: 'Venice' } })],
    ['SNP_PRODUCT_MISMATCH', () => ({ machine: { productName: 'Milan-B0' } })],
    ['SNP_HWID_MISSING', () => ({ machine: { omit: ['4'] } })],
    ['SNP_HWID_LENGTH_WRONG', () => ({ machine: { hardwareId: new Uint8Array(8).fill(1) } })],
    ['SNP_HWID_LENGTH_WRONG', () => ({ machine: { hardwareId: new Uint8Array(65).fill(1) } })],
    ['SNP_SIGNING_KEY_MISMATCH', () => ({ machine: { kind: 'vlek' }, fields: { keyInfo: 0 } })],
    ['SNP_TCB_RESERVED_NONZERO', () => ({ machine: { of: 'turin' }, fields: patch(0x185, 1) })],
    ['SNP_TCB_MISMATCH', () => ({ machine: { of: 'turin' }, fields: patch(0x180, 0) })],
    ['SNP_HWID_MISMATCH', () => ({ machine: { of: 'turin' }, fields: patch(0x1a8, 1) })],
  ])('%s (%#)', async (code, given) => {
    expect(await agreedOn(given())).toBe(code)
  })

  test('a bit changed anywhere in the certificate of the endorsement key, intermediate or CRL is refused, as the library does', async () => {
    for (const name of ['vek', 'intermediate', 'crl'] as const) {
      for (const part of [0.01, 0.1, 0.35, 0.6, 0.95]) {
        const change = (e: SnpEndorsements) => ({ ...e, [name]: flipped(e[name], Math.floor(e[name].length * part)) })
        expect(await agreedOn({ change })).toMatch(
          /^SNP_(VEK|INTERMEDIATE|CRL)_(MALFORMED|ISSUER_MISMATCH|SIGNATURE_INVALID)$/,
        )
      }
    }
  })

  test('a VLEK: no platform, and a product of its own for each cloud provider', async () => {
    const machine = await world.genoa.createMachine({ kind: 'vlek', cspId: 'CN=a.invalid' })
    const endorsements = await machine.endorsements()
    await store.register(endorsements)
    const claims = await store.verifyReport(await machine.issueReport(), endorsements)
    expect(claims.platformId).toBe(`0x${'00'.repeat(32)}`)
    expect(claims.product).toBe(snpProductTag('Genoa', 'CN=a.invalid'))
    expect(claims.flags & flagsOf('SHARED_KEY')).toBe(flagsOf('SHARED_KEY'))
  })

  test('Turin: eight bytes of CHIP_ID, and its own TCB layout', async () => {
    const endorsements = await turinMachine.endorsements()
    await store.register(endorsements)
    const claims = await store.verifyReport(await turinMachine.issueReport(), endorsements)
    expect(claims).toMatchObject({
      product: snpProductTag('Turin'),
      platformId: snpPlatformId(turinMachine.chipId.subarray(0, 8)),
      tcb: '0x010a0017000000db',
    })
  })
})

describe('the store', () => {
  const { registerRoot, registerIntermediate, registerVek } = {
    registerRoot: 'registerRoot',
    registerIntermediate: 'registerIntermediate',
    registerVek: 'registerVek',
  } as const

  test('takes no simulation, and skips no CRL, outside of development mode', async () => {
    const simulationRoots = [world.genoa.ark.certificate]
    expect(await outcome(chain.deploy({ simulationRoots, devMode: false }))).toBe('SNP_SIMULATION_ROOT_FORBIDDEN')
    expect(await outcome(chain.deploy({ dangerouslySkipCrl: true, devMode: false }))).toBe(
      'SNP_SIMULATION_ROOT_FORBIDDEN',
    )
    const production = await chain.deploy()
    const upload = { functionName: registerRoot, args: [bytesToHex(world.genoa.ark.certificate)] }
    expect(await outcome(production.upload(upload))).toBe('SNP_ROOT_NOT_PINNED')
  })

  test('a role is no other: an intermediate is no root, a root no intermediate, an unknown id missing', async () => {
    const { rootId, intermediateId, vekId } = snpCertificateIds(genuine)
    const { intermediate, vek } = genuine
    const outcomeOf = (functionName: 'registerIntermediate' | 'registerVek', id: Hex, der: Uint8Array) =>
      outcome(store.upload({ functionName, args: [id, bytesToHex(der)] }))
    expect(await outcomeOf(registerIntermediate, intermediateId, intermediate)).toBe('SNP_ROOT_MISSING')
    expect(await outcomeOf(registerIntermediate, vekId, intermediate)).toBe('SNP_ROOT_MISSING')
    expect(await outcomeOf(registerVek, rootId, vek)).toBe('SNP_INTERMEDIATE_MISSING')
    expect(await outcomeOf(registerVek, vekId, vek)).toBe('SNP_INTERMEDIATE_MISSING')
    expect(await outcome(store.vekOf(intermediateId))).toBe('SNP_VEK_MISSING')
  })

  test('a pinned root that is no CA for certificates and CRLs is malformed; one of no product line unknown', async () => {
    const outcomeOf = async (der: Uint8Array) => {
      const own = await chain.deploy({ simulationRoots: [der] })
      return outcome(own.upload({ functionName: registerRoot, args: [bytesToHex(der)] }))
    }
    expect(await outcomeOf(genuine.vek)).toBe('SNP_ROOT_MALFORMED')
    // ASK: a path length of zero.
    expect(await outcomeOf(world.genoa.ask.certificate)).toBe('SNP_ROOT_MALFORMED')
    expect(await outcomeOf(world.genoa.ark.certificate)).toBe('accepted')
  })

  test('the same again is the same, with another signature over the same bytes too', async () => {
    const own = await freshStore()
    expect(Object.keys(await own.register(genuine))).toHaveLength(4)
    expect(Object.keys(await own.register(genuine))).toHaveLength(4)
    const report = await world.machine.issueReport()
    expect(await outcome(own.verifyReport(report, genuine))).toBe('accepted')
  })

  test('passing over a CRL that is not there makes evidence simulated; one that is there counts', async () => {
    const lenient = await chain.deploy({ simulationRoots: [world.genoa.ark.certificate], dangerouslySkipCrl: true })
    await lenient.register(genuine, ['uploadCrl'])
    const report = await world.machine.issueReport()
    const claims = await lenient.verifyReport(report, genuine)
    expect(claims).toMatchObject({ simulated: true, earliestExpiry: BigInt(NOW + 7 * YEAR) })
    await lenient.register(await world.machine.endorsements({ revokedSerials: [world.genoa.ask.serial] }))
    expect(await outcome(lenient.verifyReport(report, genuine))).toBe('SNP_INTERMEDIATE_REVOKED')
  })

  test('ancestry is checked at each use: CRL, then endorsement key, intermediate and root run out', async () => {
    const report = await world.machine.issueReport()
    const own = await freshStore()
    const machine = await world.genoa.createMachine({ validity: { from: NOW - DAY, until: NOW + 9 * YEAR } })
    const endorsements = await machine.endorsements()
    await own.register(endorsements)
    const outcomeNow = async () => outcome(own.verifyReport(await machine.issueReport(), endorsements))
    const crlAt = async (at: number, options = {}) => {
      const crlValidity = { from: at - 60, until: at + YEAR }
      await own.register(await machine.endorsements({ crlValidity, crlNumber: 2, ...options }), [
        registerRoot,
        registerIntermediate,
        registerVek,
      ])
    }
    const end = NOW + YEAR
    await chain.travelTo(end)
    expect(await outcomeNow()).toBe('accepted')
    await chain.travelTo(end + 1)
    expect(await outcomeNow()).toBe('SNP_CRL_EXPIRED')
    expect(await outcome(store.verifyReport(report, genuine))).toBe('SNP_CRL_EXPIRED')
    await crlAt(end + 1)
    expect(await outcomeNow()).toBe('accepted')
    // Neither an older date nor a lower number.
    expect(await outcome(crlAt(end - 60, { crlNumber: 3 }))).toBe('SNP_CRL_ROLLBACK')
    expect(await outcome(crlAt(end + 1, { crlNumber: 1 }))).toBe('SNP_CRL_ROLLBACK')
    await chain.travelTo(NOW + 9 * YEAR - 60)
    await crlAt(NOW + 9 * YEAR - 60)
    await chain.travelTo(NOW + 9 * YEAR)
    expect(await outcomeNow()).toBe('accepted')
    await chain.travelTo(NOW + 9 * YEAR + 1)
    expect(await outcomeNow()).toBe('SNP_VEK_EXPIRED')
    await chain.travelTo(NOW + 11 * YEAR)
    expect(await outcomeNow()).toBe('SNP_INTERMEDIATE_EXPIRED')
    expect(await libraryOutcome(await machine.issueReport(), endorsements, NOW + 11 * YEAR)).toBe(
      'SNP_INTERMEDIATE_EXPIRED',
    )
    await chain.travelTo(NOW + 21 * YEAR)
    expect(await outcomeNow()).toBe('SNP_ROOT_EXPIRED')
    expect(await libraryOutcome(await machine.issueReport(), endorsements, NOW + 21 * YEAR)).toBe('SNP_ROOT_EXPIRED')
  })
})
