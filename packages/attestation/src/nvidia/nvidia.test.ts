import { createHash } from 'node:crypto'
import {
  caExtensions,
  createNvidiaAuthority,
  createNvidiaSimulation,
  leafExtensions,
  nvidiaText,
  pemChain,
} from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  appraiseNvidia,
  NVIDIA_CHECKS,
  NVIDIA_ROOTS,
  NVIDIA_SKIPPABLE,
  type NvidiaPolicy,
  nvidiaRimIds,
  parseNvidiaEvidence,
  verifyNvidia,
  verifyNvidiaEvidence,
} from './index.ts'
import {
  AT,
  anchorsOf,
  DRIVER_VERSION,
  driverRim,
  NONCE,
  rimOf,
  type SimulatedCase,
  simulatedCase,
  VBIOS_VERSION,
} from './test/simulated.ts'

let gpu: SimulatedCase
beforeAll(async () => {
  gpu = await simulatedCase()
})

const judge = (change: Partial<SimulatedCase> = {}) => verifyNvidiaEvidence({ ...gpu, ...change })
const withPolicy = (change: Partial<NvidiaPolicy>) => judge({ policy: { ...gpu.policy, ...change } })

describe('default', () => {
  test('a Hopper GPU with all its endorsements is accepted, and every check but those not asked is done', async () => {
    const result = await judge()
    expect(result.verdict, result.verdict === 'refused' ? result.error.message : '').toBe('accepted')
    if (result.verdict !== 'accepted') return
    expect(result.claims).toMatchObject({
      tee: 'nvidia',
      product: 'NVIDIA GH100',
      architecture: 'hopper',
      driverVersion: DRIVER_VERSION,
      vbiosVersion: VBIOS_VERSION,
      secureBoot: true,
      debugStatus: 'disabled',
      simulated: true,
      trustTier: 'simulated',
      endorsementAgeSeconds: 3_600,
      earliestExpiry: AT + 86_400,
      reportData: NONCE,
      fwid: gpu.device.fwid,
    })
    const open = result.checks.filter(({ status }) => status !== 'done').map(({ id }) => id)
    expect(open).toEqual(['vbios-version', 'mode'])
    expect(result.checks.map(({ id }) => id)).toEqual(NVIDIA_CHECKS.map(([id]) => id))
  })

  test('security: one device has one identity, whatever firmware holds its attestation key', async () => {
    const result = await judge()
    const bootRom = gpu.device.chain[1]
    if (result.verdict !== 'accepted' || !bootRom) throw new Error('not accepted')
    const expected = createHash('sha256').update(bootRom.key.spki).digest('hex')
    expect(Buffer.from(result.claims.platformId).toString('hex')).toBe(expected)
    const other = await simulatedCase({ bootRom }, gpu.simulation)
    const again = await verifyNvidiaEvidence(other)
    if (again.verdict !== 'accepted') throw again.error
    expect(again.claims.platformId).toEqual(result.claims.platformId)
    expect(again.claims.ueid).not.toBe(result.claims.ueid)
    expect(again.claims.fwid).not.toEqual(result.claims.fwid)
  })

  test('security: a boot ROM certifies no other boot ROM', async () => {
    const [, bootRom, ...cas] = gpu.device.chain
    if (!bootRom) throw new Error('no boot ROM')
    const fields = { validity: { from: AT - 1, until: AT + 1 }, extensions: caExtensions() }
    const below = await createNvidiaAuthority({ ...fields, commonName: 'GH100 A01 GSP BROM', issuer: bootRom })
    const key = gpu.device.chain[0]?.key
    const leaf = await createNvidiaAuthority({
      ...fields,
      commonName: 'GH100 A01 GSP FMC LF',
      issuer: below,
      extensions: leafExtensions(),
      ...(key && { key }),
    })
    const certificateChain = pemChain([leaf, below, bootRom, ...cas])
    expect(await judge({ evidence: { report: gpu.evidence.report, certificateChain } })).toMatchObject({
      reasonCode: 'NVIDIA_ARCHITECTURE_UNSUPPORTED',
    })
  })

  test.each(['GB100', 'LS_10'] as const)('%s is accepted', async (chip) => {
    const other = await simulatedCase({ chip })
    const result = await verifyNvidiaEvidence(other)
    expect(result.verdict, result.verdict === 'refused' ? result.error.message : '').toBe('accepted')
  })

  test('behavior: a TcbInfo under the OID of the older structure', async () => {
    const other = await simulatedCase({ chip: 'GB100', tcbInfoUnderOldOid: true })
    expect(await verifyNvidiaEvidence(other)).toMatchObject({
      verdict: 'accepted',
      claims: { fwid: other.device.fwid },
    })
  })

  test('behavior: GB20X is a family; the report names the chip, and the manifests are of that chip', async () => {
    const other = await simulatedCase({ chip: 'GB20X' })
    const { simulation, device } = other
    const opaque = new Map([[35, nvidiaText('GB202')]])
    const evidence = await device.issueEvidence({ nonce: NONCE, opaque })
    const judgeWith = async (product: string) => {
      const vbios = rimOf(device, { edition: 'GPU', product, version: VBIOS_VERSION }, [0, 12])
      const rims = await Promise.all([vbios, driverRim(device, product)].map(simulation.issueRim))
      return verifyNvidiaEvidence({ ...other, evidence, endorsements: { ...other.endorsements, rims } })
    }
    expect(nvidiaRimIds(parseNvidiaEvidence(evidence)).driver).toBe('NV_GPU_CC_DRIVER_GB202_580.95.05')
    for (const product of ['GB202', 'GB20X']) {
      const result = await judgeWith(product)
      expect(result.verdict, result.verdict === 'refused' ? result.error.message : '').toBe('accepted')
    }
    for (const product of ['GB203', 'GB100', 'GB2022']) {
      expect(await judgeWith(product)).toMatchObject({ reasonCode: 'NVIDIA_RIM_UNRELATED' })
    }
  })

  test('behavior: a chain without its root, and zero padding behind the report', async () => {
    const { report } = await gpu.device.issueEvidence({ nonce: NONCE, paddingBytes: 3 })
    const text = new TextDecoder().decode(gpu.evidence.certificateChain)
    const cut = text.slice(0, text.lastIndexOf('-----BEGIN'))
    const certificateChain = new TextEncoder().encode(cut)
    expect(await judge({ evidence: { report, certificateChain } })).toMatchObject({ verdict: 'accepted' })
  })

  test('behavior: names the manifests to fetch', () => {
    expect(nvidiaRimIds(parseNvidiaEvidence(gpu.evidence))).toEqual({
      driver: 'NV_GPU_DRIVER_GH100_580.95.05',
      vbios: 'NV_GPU_VBIOS_1010_0200_882_96009F0001',
    })
  })

  test('behavior: a driver before 550 carries no FWID, which is listed and is no match', async () => {
    const old = await simulatedCase({ driverVersion: '535.86.09', withoutReportFwid: true })
    const policy = { ...old.policy, minDriverVersion: 'any' as const }
    const result = await verifyNvidiaEvidence({ ...old, policy })
    expect(result.verdict, result.verdict === 'refused' ? result.error.message : '').toBe('accepted')
    expect(result.checks.find(({ id }) => id === 'fwid')).toMatchObject({ status: 'not-requested' })
  })
})

describe('error: the device chain', () => {
  const pem = (chain: readonly string[]) => new TextEncoder().encode(chain.join(''))
  const blocks = () => {
    const text = new TextDecoder().decode(gpu.evidence.certificateChain)
    return text.split(/(?=-----BEGIN)/)
  }
  const withChain = (change: (chain: string[]) => string[]) =>
    judge({ evidence: { ...gpu.evidence, certificateChain: pem(change(blocks())) } })

  test('NVIDIA_ROOT_NOT_PINNED for NVIDIA’s own root, and for another simulation', async () => {
    expect(await judge({ trustAnchors: NVIDIA_ROOTS })).toMatchObject({ reasonCode: 'NVIDIA_ROOT_NOT_PINNED' })
    const other = await createNvidiaSimulation({ now: AT })
    expect(await judge({ trustAnchors: anchorsOf(other) })).toMatchObject({ reasonCode: 'NVIDIA_ROOT_NOT_PINNED' })
    // The root of manifests is no root of devices.
    const [device, rim] = gpu.trustAnchors
    const swapped = [
      { ...device, role: 'rim' },
      { ...rim, role: 'device' },
    ] as typeof gpu.trustAnchors
    expect(await judge({ trustAnchors: swapped })).toMatchObject({ reasonCode: 'NVIDIA_ROOT_NOT_PINNED' })
  })

  test.each([
    ['NVIDIA_LEAF_MISSING', (chain: string[]) => chain.slice(1)],
    ['NVIDIA_CERTIFICATE_ISSUER_MISMATCH', (chain: string[]) => chain.filter((_, place) => place !== 2)],
    ['NVIDIA_CERTIFICATE_ISSUER_MISMATCH', (chain: string[]) => [chain[0], chain[2], chain[1], ...chain.slice(3)]],
    ['NVIDIA_CHAIN_MALFORMED', (chain: string[]) => [...chain, 'text']],
    ['NVIDIA_CERTIFICATE_MALFORMED', () => []],
  ] as const)('%s', async (reasonCode, change) => {
    expect(await withChain(change as (chain: string[]) => string[])).toMatchObject({ reasonCode })
  })

  test('NVIDIA_ARCHITECTURE_UNSUPPORTED for a chain that skips the boot ROM', async () => {
    const { simulation, device } = gpu
    const [issuer] = simulation.deviceCas
    if (!issuer) throw new Error('an issuer')
    const leaf = await createNvidiaAuthority({
      commonName: 'GH100 A01 GSP FMC LF',
      issuer,
      validity: { from: AT - 10, until: AT + 10 },
      extensions: leafExtensions(),
    })
    const certificateChain = pemChain([leaf, ...device.chain.slice(2)])
    expect(await judge({ evidence: { ...gpu.evidence, certificateChain } })).toMatchObject({
      reasonCode: 'NVIDIA_ARCHITECTURE_UNSUPPORTED',
    })
  })

  test('NVIDIA_CERTIFICATE_EXPIRED before its validity', async () => {
    expect(await judge({ at: AT - 10 * 86_400 })).toMatchObject({ reasonCode: 'NVIDIA_CERTIFICATE_EXPIRED' })
  })
})

describe('error: the report', () => {
  test('NVIDIA_REPORT_SIGNATURE_INVALID with the chain of another device', async () => {
    const { simulation, device } = gpu
    const other = await simulation.createDevice({
      chip: 'GH100',
      driverVersion: DRIVER_VERSION,
      vbiosVersion: VBIOS_VERSION,
    })
    const { certificateChain } = await other.issueEvidence({ nonce: NONCE })
    const ocsp = await simulation.issueOcsp(other.chain.slice(1), { from: AT, until: AT + 1 })
    const endorsements = { ...gpu.endorsements, ocsp }
    const evidence = { report: (await device.issueEvidence({ nonce: NONCE })).report, certificateChain }
    expect(await judge({ evidence, endorsements })).toMatchObject({ reasonCode: 'NVIDIA_REPORT_SIGNATURE_INVALID' })
  })

  test.each([
    ['NVIDIA_FWID_MISMATCH', new Map([[20, new Uint8Array(48)]])],
    ['NVIDIA_OPAQUE_MALFORMED', new Map([[20, new Uint8Array(47)]])],
    ['NVIDIA_OPAQUE_MALFORMED', new Map([[11, Uint8Array.of(1)]])],
    ['NVIDIA_OPAQUE_MALFORMED', new Map([[36, Uint8Array.of(3, 0)]])],
    ['NVIDIA_OPAQUE_MALFORMED', new Map([[255, Uint8Array.of(0)]])],
    ['NVIDIA_OPAQUE_VERSION_UNSUPPORTED', new Map([[34, Uint8Array.of(2, 0)]])],
    // NVDEC0 enabled: the value at index 35 counts, and is not met.
    ['NVIDIA_MEASUREMENT_MISMATCH', new Map([[11, Uint8Array.of(0xaa)]])],
    ['NVIDIA_RIM_UNRELATED', new Map([[3, nvidiaText('580.95.06')]])],
  ] as const)('%s', async (reasonCode, opaque) => {
    const evidence = await gpu.device.issueEvidence({ nonce: NONCE, opaque: opaque as ReadonlyMap<number, Uint8Array> })
    expect(await judge({ evidence })).toMatchObject({ reasonCode })
  })

  test('NVIDIA_FWID_MISSING from driver 550 on', async () => {
    const bare = await simulatedCase({ withoutReportFwid: true })
    expect(await verifyNvidiaEvidence(bare)).toMatchObject({ reasonCode: 'NVIDIA_FWID_MISSING' })
  })

  test('NVIDIA_TRAILING_BYTES and NVIDIA_REPORT_VERSION_UNSUPPORTED', async () => {
    const { report, certificateChain } = gpu.evidence
    const longer = Uint8Array.from([...report, 0, 1])
    expect(await judge({ evidence: { report: longer, certificateChain } })).toMatchObject({
      reasonCode: 'NVIDIA_TRAILING_BYTES',
    })
    const other = Uint8Array.from(report)
    other[0] = 0x12
    expect(await judge({ evidence: { report: other, certificateChain } })).toMatchObject({
      reasonCode: 'NVIDIA_REPORT_VERSION_UNSUPPORTED',
    })
  })
})

describe('error: manifests', () => {
  const withRims = async (rims: readonly Parameters<SimulatedCase['simulation']['issueRim']>[0][]) => {
    const documents = await Promise.all(rims.map((rim) => gpu.simulation.issueRim(rim)))
    return judge({ endorsements: { ...gpu.endorsements, rims: documents } })
  }
  const vbios = () => rimOf(gpu.device, { edition: 'GPU', product: 'GH100', version: VBIOS_VERSION }, [0, 12])
  const driver = () => driverRim(gpu.device, 'GH100')

  test('NVIDIA_RIM_MISSING for either', async () => {
    expect(await withRims([vbios()])).toMatchObject({ reasonCode: 'NVIDIA_RIM_MISSING' })
    expect(await withRims([driver()])).toMatchObject({ reasonCode: 'NVIDIA_RIM_MISSING' })
    expect(await withRims([])).toMatchObject({ reasonCode: 'NVIDIA_RIM_MISSING' })
  })

  test('NVIDIA_RIM_AMBIGUOUS, NVIDIA_RIM_UNRELATED, NVIDIA_RIM_CONFLICT', async () => {
    expect(await withRims([vbios(), driver(), vbios()])).toMatchObject({ reasonCode: 'NVIDIA_RIM_AMBIGUOUS' })
    for (const other of [{ product: 'GB100' }, { version: '96.00.9F.00.02' }, { edition: 'SWITCH' as const }]) {
      expect(await withRims([vbios(), driver(), { ...vbios(), ...other }])).toMatchObject({
        reasonCode: 'NVIDIA_RIM_UNRELATED',
      })
    }
    const overlapping = rimOf(gpu.device, { edition: 'GPU', product: 'GH100', version: VBIOS_VERSION }, [0, 20])
    expect(await withRims([overlapping, driver()])).toMatchObject({ reasonCode: 'NVIDIA_RIM_CONFLICT' })
  })

  test('NVIDIA_MEASUREMENT_MISMATCH names the index; an alternative is enough', async () => {
    const values = (first: boolean) => (first ? [new Uint8Array(48)] : [])
    const changed = (keep: boolean) => ({
      ...vbios(),
      measurements: vbios().measurements.map((measurement) =>
        measurement.index === 7
          ? { ...measurement, values: [...values(true), ...(keep ? measurement.values : [])] }
          : measurement,
      ),
    })
    expect(await withRims([changed(true), driver()])).toMatchObject({ verdict: 'accepted' })
    const refused = await withRims([changed(false), driver()])
    expect(refused).toMatchObject({ reasonCode: 'NVIDIA_MEASUREMENT_MISMATCH' })
    expect(JSON.stringify(refused.checks)).toContain('RIM indexes 7')
  })

  test('NVIDIA_NVDEC_STATUS_INVALID when index 35 is active and the report is silent', async () => {
    const quiet = await simulatedCase({ chip: 'LS_10' })
    const rim = rimOf(quiet.device, { edition: 'SWITCH', product: 'LS10', version: '96.10.55.00.01' }, [0, 12])
    const decoder = { index: 35, active: true, values: [new Uint8Array(48)] }
    const rims = [await quiet.simulation.issueRim({ ...rim, measurements: [...rim.measurements, decoder] })]
    const endorsements = { ...quiet.endorsements, rims }
    expect(await verifyNvidiaEvidence({ ...quiet, endorsements })).toMatchObject({
      reasonCode: 'NVIDIA_NVDEC_STATUS_INVALID',
    })
  })

  test('NVIDIA_DEBUG_NOT_EXCLUDED when a manifest is skipped by name', async () => {
    const { rims, ...rest } = gpu.endorsements
    expect(rims).toHaveLength(2)
    const policy = { ...gpu.policy, dangerouslySkip: ['driver-rim', 'vbios-rim'] as const }
    const endorsements = { ...rest, rims: [] }
    expect(await judge({ policy, endorsements })).toMatchObject({ reasonCode: 'NVIDIA_DEBUG_NOT_EXCLUDED' })
    const relaxed = await judge({ policy: { ...policy, debug: 'any' }, endorsements })
    expect(relaxed).toMatchObject({ verdict: 'accepted', claims: { secureBoot: undefined, debugStatus: undefined } })
  })
})

describe('error: policy', () => {
  test.each([
    ['NVIDIA_NONCE_MISMATCH', { nonce: { expected: '00'.repeat(32) } }],
    ['NVIDIA_PRODUCT_NOT_ACCEPTED', { architectures: ['blackwell'] }],
    ['NVIDIA_DRIVER_VERSION_NOT_ACCEPTED', { minDriverVersion: '580.95.06' }],
    ['NVIDIA_DRIVER_VERSION_NOT_ACCEPTED', { driverVersions: ['550.90.07'] }],
    ['NVIDIA_VBIOS_VERSION_NOT_ACCEPTED', { vbiosVersions: ['96.00.9F.00.02'] }],
    ['NVIDIA_MODE_NOT_ACCEPTED', { modes: ['protected-pcie'] }],
    ['NVIDIA_PLATFORM_NOT_ACCEPTED', { allowedPlatformIds: ['11'.repeat(32)] }],
    ['NVIDIA_ENDORSEMENTS_TOO_OLD', { maxEndorsementAgeSeconds: 3_599 }],
  ] as const)('%s', async (reasonCode, change) => {
    expect(await withPolicy(change as Partial<NvidiaPolicy>)).toMatchObject({ verdict: 'refused', reasonCode })
  })

  test('a denied device is refused although any is allowed', async () => {
    const result = await judge()
    if (result.verdict !== 'accepted') throw result.error
    const platformId = Buffer.from(result.claims.platformId).toString('hex')
    const refused = await withPolicy({ deniedPlatformIds: [platformId] })
    expect(refused).toMatchObject({ reasonCode: 'NVIDIA_PLATFORM_NOT_ACCEPTED' })
    const allowed = await withPolicy({ allowedPlatformIds: [`0x${platformId.toUpperCase()}`] })
    expect(allowed).toMatchObject({ verdict: 'accepted' })
  })

  test('behavior: versions compare by number, and lists accept', async () => {
    for (const change of [
      { minDriverVersion: '580.95.5' },
      { minDriverVersion: '99.200' },
      { vbiosVersions: ['96.00.9f.00.01'] },
    ]) {
      expect(await withPolicy(change)).toMatchObject({ verdict: 'accepted' })
    }
  })
})

test('error: appraiseNvidia refuses what was verified for a policy that skips more', async () => {
  const { endorsements, trustAnchors, policy } = gpu
  const evidence = parseNvidiaEvidence(gpu.evidence)
  const codeWithout = async (missing: Partial<SimulatedCase['endorsements']>, asked: Partial<NvidiaPolicy> = {}) => {
    const given = { endorsements: { ...endorsements, ...missing }, dangerouslySkip: NVIDIA_SKIPPABLE }
    const verified = await verifyNvidia({ evidence, at: AT, trustAnchors, ...given })
    const result = await appraiseNvidia(verified, { ...policy, debug: 'any', ...asked })
    return result.verdict === 'refused' ? result.reasonCode : 'accepted'
  }
  expect(await codeWithout({})).toBe('accepted')
  expect(await codeWithout({ ocsp: [] })).toBe('NVIDIA_OCSP_MISSING')
  expect(await codeWithout({ rims: [] })).toBe('NVIDIA_RIM_MISSING')
  expect(await codeWithout({ rimOcsp: [] })).toBe('NVIDIA_RIM_OCSP_MISSING')
  expect(await codeWithout({ ocsp: [], rims: [] }, { dangerouslySkip: NVIDIA_SKIPPABLE })).toBe('accepted')
})
