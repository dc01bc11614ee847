import { type NvidiaRimParts, nvidiaMeasurement, nvidiaRimId, nvidiaRimUploads, nvidiaTcb } from '@spartan/abi'
import { type NvidiaTrustAnchor, vectorsNvidiaPolicy, verifyNvidiaEvidence } from '@spartan/attestation'
import { encodeNvidiaReport, type NvidiaRimFields, nvidiaText, nvidiaVbios, pemChain } from '@spartan/simulator'
import { bytesToHex, concatHex, type Hex, keccak256, padHex, sliceHex, stringToHex, zeroHash } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AT,
  DRIVER_VERSION,
  driverValues,
  metValues,
  NONCE,
  rimParts,
  type SimulatedNvidiaCase,
  simulatedNvidia,
  simulationRoots,
  VBIOS_VERSION,
  WINDOW,
} from '../support/nvidiaCase.ts'
import { type NvidiaChain, type NvidiaStores, startNvidia } from '../support/nvidiaWorld.ts'
import { outcome } from '../support/vendorChain.ts'

const DEBUG = 1
/** Where the parts of a simulated GPU report lie: request, head of the response, 64 blocks, nonce, opaque fields. */
const BLOCKS = 37 + 8
const OPAQUE_LENGTH = BLOCKS + 64 * 55 + 32

let chain: NvidiaChain
let stores: NvidiaStores
/** Where nothing but the report is needed. */
let skipping: NvidiaStores
let gpu: SimulatedNvidiaCase
beforeAll(async () => {
  chain = await startNvidia(AT)
  gpu = await simulatedNvidia()
  stores = await chain.deploy({ simulation: simulationRoots(gpu.simulation) })
  await stores.upload(gpu)
  skipping = await chain.deploy({
    simulation: simulationRoots(gpu.simulation),
    dangerouslySkipRevocation: true,
    dangerouslySkipRims: true,
  })
})
afterAll(() => chain.close())

/** What the library says of the same evidence, whatever the policy. */
async function library(given: SimulatedNvidiaCase, rims: readonly Uint8Array[]) {
  const { deviceRoot, rimRoot } = simulationRoots(given.simulation)
  const trustAnchors: readonly NvidiaTrustAnchor[] = [
    { role: 'device', certificate: deviceRoot, simulated: true },
    { role: 'rim', certificate: rimRoot, simulated: true },
  ]
  return verifyNvidiaEvidence({
    evidence: { report: given.report, certificateChain: pemChain(given.device.chain) },
    endorsements: { ocsp: given.ocsp, rims, rimOcsp: given.rimOcsp },
    at: AT,
    trustAnchors,
    policy: vectorsNvidiaPolicy({ nonce: 'any' }),
  })
}

/** The manifests of a GPU as published, as the library reads them. */
const publishedRims = ({ simulation, device }: SimulatedNvidiaCase) =>
  Promise.all(
    [
      { version: VBIOS_VERSION, measurements: metValues(device, 0, 4) },
      { version: DRIVER_VERSION, measurements: driverValues(device) },
    ].map((fields) => simulation.issueRim({ edition: 'GPU', product: 'GH100', ...fields })),
  )

const outcomeOf = async (given: SimulatedNvidiaCase, at: NvidiaStores = stores) =>
  outcome(at.verify(await at.evidenceOf(given)))

describe('accepted', () => {
  test('a Hopper GPU: claims as the library states them', async () => {
    const claims = await stores.verify(await stores.evidenceOf(gpu))
    const result = await library(gpu, await publishedRims(gpu))
    if (result.verdict !== 'accepted') throw result.error
    const { platformId, reportData, earliestExpiry, driverVersion, vbiosVersion, mode, protectedPcie } = result.claims
    expect(claims).toMatchObject({
      teeKind: 6,
      simulated: true,
      flags: 0,
      product: padHex(stringToHex('GH100'), { size: 32, dir: 'right' }),
      platformId: keccak256(platformId),
      measurement: nvidiaMeasurement({ chip: 'GH100', driverVersion, vbiosVersion, mode, protectedPcie }),
      reportDataHigh: bytesToHex(reportData),
      reportDataLow: zeroHash,
      tcb: '0x505f0596009f0001',
      earliestExpiry: BigInt(earliestExpiry),
    })
    expect(earliestExpiry).toBe(WINDOW.until)
  })

  test('by the comb table of its key, which has to be there', async () => {
    const evidence = await stores.evidenceOf(gpu, { path: 'table' })
    expect(await outcome(stores.verify(evidence))).toBe('CRYPTO_TABLE_MISSING')
    const [ak] = gpu.device.chain
    await chain.createTable(ak?.key.point ?? new Uint8Array())
    expect(await outcome(stores.verify(evidence))).toBe('accepted')
  })

  test('a deployment for dear calldata: fewer slopes for every signature, by key and by table', async () => {
    const sparse = await chain.deploy({
      simulation: simulationRoots(gpu.simulation),
      p384: 'P384Sparse',
    })
    await sparse.upload(gpu, { unhinted: 95 })
    await chain.createTable(gpu.device.chain[0]?.key.point ?? new Uint8Array())
    const dense = await stores.evidenceOf(gpu)
    const claims = await stores.verify(dense)
    for (const options of [{ unhinted: 95 }, { unhinted: 40, path: 'table' }] as const) {
      const evidence = await sparse.evidenceOf(gpu, options)
      expect(evidence.length, JSON.stringify(options)).toBeLessThan(dense.length / 2)
      expect(await sparse.verify(evidence)).toEqual(claims)
      expect(await outcome(stores.verify(evidence))).toBe('NVIDIA_REPORT_SIGNATURE_INVALID')
    }
  })

  test('Blackwell, an old driver, the switch; a family with the chip that the report names', async () => {
    for (const options of [
      { chip: 'GB100' },
      { chip: 'LS_10' },
      { driverVersion: '535.86.09', withoutReportFwid: true },
    ] as const) {
      const other = await simulatedNvidia(options, gpu.simulation)
      await stores.upload(other)
      expect(await outcomeOf(other), JSON.stringify(options)).toBe('accepted')
    }
    const family = await simulatedNvidia({ chip: 'GB20X' }, gpu.simulation)
    await stores.upload(family)
    const { report } = await family.device.issueEvidence({ nonce: NONCE, opaque: new Map([[35, nvidiaText('GB202')]]) })
    for (const [product, expected] of [
      ['GB202', 'accepted'],
      ['GB20X', 'accepted'],
      ['GB203', 'NVIDIA_RIM_UNRELATED'],
    ] as const) {
      const rims = await uploadRims(family, { product })
      expect(await outcomeOf({ ...family, report, ...rims }), product).toBe(expected)
      // Without that name any chip of the family may be meant.
      expect(await outcomeOf({ ...family, ...rims }), product).toBe('accepted')
    }
  })

  test('a manifest may be left out only where that is switched on, and then nothing excludes debugging', async () => {
    const bare = { ...gpu, ocsp: [], rimOcsp: [], driverRim: undefined, vbiosRim: undefined }
    await skipping.upload(bare)
    expect((await skipping.verify(await skipping.evidenceOf(bare))).flags).toBe(DEBUG)
    if (!gpu.vbiosRim || !gpu.driverRim) throw new Error('manifests')
    await skipping.uploadRim(gpu.vbiosRim, [])
    await skipping.uploadRim(gpu.driverRim, [])
    const half = await skipping.verify(await skipping.evidenceOf({ ...gpu, driverRim: undefined }))
    expect(half.flags).toBe(DEBUG)
    expect((await skipping.verify(await skipping.evidenceOf(gpu))).flags).toBe(0)
    expect(await outcome(chain.deploy({ dangerouslySkipRims: true }))).toBe('NVIDIA_DEV_MODE_REQUIRED')
    const production = { devMode: false }
    expect(await outcome(chain.deploy({ ...production, dangerouslySkipRevocation: true }))).toBe(
      'NVIDIA_DEV_MODE_REQUIRED',
    )
    const simulation = simulationRoots(gpu.simulation)
    expect(await outcome(chain.deploy({ ...production, simulation }))).toBe('NVIDIA_DEV_MODE_REQUIRED')
    expect(await outcome(chain.deploy(production))).toBe('accepted')
  })
})

/** Driver and VBIOS manifests that the device meets, but for the changes. */
async function uploadRims(
  given: SimulatedNvidiaCase,
  change: Partial<NvidiaRimFields>,
): Promise<{ driverRim: NvidiaRimParts; vbiosRim: NvidiaRimParts }> {
  const { simulation, device } = given
  const fields = { edition: 'GPU', product: 'GH100', ...change } as const
  const measurements = { vbios: metValues(device, 0, 4), driver: driverValues(device) }
  const vbiosRim = await rimParts(simulation, { version: VBIOS_VERSION, measurements: measurements.vbios, ...fields })
  const driverRim = await rimParts(simulation, {
    version: DRIVER_VERSION,
    measurements: measurements.driver,
    ...fields,
  })
  for (const parts of [vbiosRim, driverRim]) await uploadLast(parts)
  return { driverRim, vbiosRim }
}

/** The manifest alone: its signer is registered. */
async function uploadLast(parts: NvidiaRimParts): Promise<void> {
  const upload = (await nvidiaRimUploads(parts)).at(-1)
  if (upload) await stores.rim(upload)
}

/** Flips bits of one byte of the report. */
const flipped = (place: number, bits = 1) => {
  const report = Uint8Array.from(gpu.report)
  report[place] = (report[place] ?? 0) ^ bits
  return report
}

describe('every field of the report', () => {
  const fields: readonly (readonly [string, number, number?])[] = [
    ['request version', 0],
    ['request code', 1],
    ['request attributes', 2],
    ['request operation', 3],
    ['requester nonce', 4],
    ['end of the requester nonce', 35],
    ['slot', 36],
    ['slot that is none', 36, 0x10],
    ['response version', 37],
    ['response code', 38],
    ['first parameter', 39],
    ['response slot', 40],
    ['reserved bits of the response slot', 40, 0x10],
    ['number of blocks', 41],
    ['size of the blocks', 42],
    ['middle byte of the size', 43],
    ['high byte of the size', 44],
    ['block index', BLOCKS],
    ['block index that is there', BLOCKS, 3],
    ['specification', BLOCKS + 1],
    ['size of a block', BLOCKS + 2],
    ['high byte of it', BLOCKS + 3],
    ['value type', BLOCKS + 4],
    ['raw value', BLOCKS + 4, 0x80],
    ['size of a value', BLOCKS + 5],
    ['high byte of that', BLOCKS + 6],
    ['a digest', BLOCKS + 7],
    ['the end of a digest', BLOCKS + 54],
    ['the last digest', BLOCKS + 63 * 55 + 54],
    ['responder nonce', OPAQUE_LENGTH - 32],
    ['size of the opaque fields', OPAQUE_LENGTH],
    ['high byte of the opaque size', OPAQUE_LENGTH + 1],
    ['first opaque type', OPAQUE_LENGTH + 2],
    ['invalid opaque type', OPAQUE_LENGTH + 2, 0xf9],
    ['size of the first opaque field', OPAQUE_LENGTH + 4],
    ['first opaque value', OPAQUE_LENGTH + 6],
  ]
  test('changed, it is refused as the library refuses it', async () => {
    const rims = await publishedRims(gpu)
    for (const [name, place, bits] of fields) {
      const given = { ...gpu, report: flipped(place, bits) }
      const expected = await library(given, rims)
      expect(expected.verdict, name).toBe('refused')
      if (expected.verdict === 'refused') expect(await outcomeOf(given), name).toBe(expected.reasonCode)
    }
  })

  test('cut anywhere, or with something behind it', async () => {
    const rims = await publishedRims(gpu)
    const { length } = gpu.report
    const sizes = [0, 36, 37, 44, 45, 99, OPAQUE_LENGTH - 1, OPAQUE_LENGTH + 1, length - 97, length - 1]
    const cut = sizes.map((size) => gpu.report.slice(0, size))
    const longer = [[0], [0, 0, 0], [1], [0, 0, 1]].map((tail) => Uint8Array.from([...gpu.report, ...tail]))
    for (const report of [...cut, ...longer, new Uint8Array(65_537)]) {
      const expected = await library({ ...gpu, report }, rims)
      const code = expected.verdict === 'refused' ? expected.reasonCode : 'accepted'
      expect(await outcomeOf({ ...gpu, report }), `${report.length} bytes`).toBe(code)
    }
  })

  test('zeros behind the signature are not sent, and refused where they are', async () => {
    const { report } = await gpu.device.issueEvidence({ nonce: NONCE, paddingBytes: 3 })
    const evidence = await stores.evidenceOf({ ...gpu, report })
    const size = (bytes: number) => bytesToHex(Uint8Array.of(0, 0, bytes >> 8, bytes & 0xff))
    const end = 100 + report.length - 3
    expect(sliceHex(evidence, 96, 100)).toBe(size(report.length - 3))
    expect(await outcome(stores.verify(evidence))).toBe('accepted')
    for (const tail of ['0x00', '0x000000', '0x01'] as const) {
      const longer = concatHex([
        sliceHex(evidence, 0, 96),
        size(report.length - 3 + tail.length / 2 - 1),
        sliceHex(evidence, 100, end),
        tail,
        sliceHex(evidence, end),
      ])
      expect(await outcome(stores.verify(longer)), tail).toBe('NVIDIA_TRAILING_BYTES')
    }
  })

  test('signature, and every part of its proof', async () => {
    const end = gpu.report.length
    for (const place of [end - 96, end - 1]) {
      expect(await outcomeOf({ ...gpu, report: flipped(place) })).toBe('NVIDIA_REPORT_SIGNATURE_INVALID')
    }
    const evidence = await stores.evidenceOf(gpu)
    const proof = 100 + end
    // Path, R.y, v1, v2, k, flags, first and last slope.
    for (const place of [proof, proof + 1, proof + 49, proof + 73, proof + 97, proof + 145, proof + 146]) {
      const byte = Number.parseInt(sliceHex(evidence, place, place + 1).slice(2), 16) ^ 2
      const changed = concatHex([
        sliceHex(evidence, 0, place),
        bytesToHex(Uint8Array.of(byte)),
        sliceHex(evidence, place + 1),
      ])
      expect(await outcome(stores.verify(changed)), `${place}`).toBe('NVIDIA_REPORT_SIGNATURE_INVALID')
    }
    for (const changed of [sliceHex(evidence, 0, proof), `${evidence}00`, evidence.slice(0, -2)] as Hex[]) {
      expect(await outcome(stores.verify(changed))).toBe('NVIDIA_REPORT_SIGNATURE_INVALID')
    }
  })

  test('the head of the evidence', async () => {
    const evidence = await stores.evidenceOf(gpu)
    const at = (place: number, value: Hex): Hex =>
      concatHex([
        ...(place > 0 ? [sliceHex(evidence, 0, place)] : []),
        value,
        sliceHex(evidence, place + (value.length - 2) / 2),
      ])
    const [ak, driver, vbios] = [0, 32, 64].map((place) => sliceHex(evidence, place, place + 32)) as [Hex, Hex, Hex]
    for (const [code, changed] of [
      ['NVIDIA_CERTIFICATE_MISSING', at(0, keccak256(ak))],
      ['NVIDIA_CERTIFICATE_MISSING', at(0, driver)],
      ['NVIDIA_RIM_MISSING', at(32, keccak256(driver))],
      ['NVIDIA_RIM_MISSING', at(32, zeroHash)],
      ['NVIDIA_RIM_MISSING', at(64, zeroHash)],
      ['NVIDIA_RIM_UNRELATED', at(32, vbios)],
      ['NVIDIA_RIM_UNRELATED', at(64, driver)],
      ['NVIDIA_REPORT_MALFORMED', at(96, '0xffffffff')],
      ['NVIDIA_REPORT_MALFORMED', at(96, '0x00000000')],
      ['NVIDIA_REPORT_MALFORMED', sliceHex(evidence, 0, 99)],
      ['NVIDIA_REPORT_MALFORMED', '0x'],
    ] as const) {
      expect(await outcome(stores.verify(changed))).toBe(code)
    }
  })
})

test('versions as numbers: claims.tcb, byte by byte', async () => {
  const bootRom = gpu.device.chain[1]
  for (const [driverVersion, vbiosVersion, tcb] of [
    ['550.90.07', '96.00.9F.00.01', '0x325a0796009f0001'],
    ['535.86.09', '97.01.00.FF.0A', '0x235609970100ff0a'],
    ['470.1', '00.00.00.00.00', '0x0001000000000000'],
    ['1234.5678.9999.1', 'FF.FF.FF.FF.FF', '0xffffffffffffffff'],
    ['755.255.256', '00.00.00.00.01', '0xffffff0000000001'],
  ] as const) {
    expect(nvidiaTcb({ driverVersion, vbiosVersion })).toBe(tcb)
    const other = await simulatedNvidia({ driverVersion, vbiosVersion, ...(bootRom && { bootRom }) }, gpu.simulation)
    await skipping.upload({ ...other, driverRim: undefined, vbiosRim: undefined })
    const evidence = await skipping.evidenceOf({ ...other, driverRim: undefined, vbiosRim: undefined })
    expect((await skipping.verify(evidence)).tcb, driverVersion).toBe(tcb)
  }
  expect(nvidiaTcb({})).toBe('0x0000000000000000')
  expect(nvidiaTcb({ driverVersion: '550' })).toBe('0x3200000000000000')
})

describe('opaque fields that the device has signed', () => {
  const text = (value: string) => new TextEncoder().encode(value)
  test.each([
    ['a driver version of two digits', 3, nvidiaText('58.95')],
    ['a driver version of one part', 3, nvidiaText('580')],
    ['a driver version of five parts', 3, nvidiaText('580.1.1.1.1')],
    ['a driver version with letters', 3, nvidiaText('580.95b')],
    ['a driver version with an end point', 3, nvidiaText('580.95.')],
    ['a driver version of many digits', 3, nvidiaText('580.12345')],
    ['an empty driver version', 3, text('')],
    ['text with a control character', 17, Uint8Array.of(0x31, 0x07)],
    ['text that is too long', 18, text('1'.repeat(65))],
    ['a VBIOS version that is none', 6, text('96.00.9G.00.01')],
    ['a short VBIOS version', 6, text('96.00.9F.00')],
    ['an unknown status of the decoder', 11, Uint8Array.of(1)],
    ['counts that are none', 12, new Uint8Array(5)],
    ['identities that are none', 22, new Uint8Array(9)],
    ['identities of GPUs that are none', 26, new Uint8Array(7)],
    ['a short firmware identity', 20, new Uint8Array(47)],
    ['another firmware identity', 20, new Uint8Array(48)],
    ['a mode that is unknown', 36, Uint8Array.of(3)],
    ['a mode of five bytes', 36, new Uint8Array(5)],
    ['a newer version of the fields', 34, Uint8Array.of(2)],
    ['an empty version', 34, new Uint8Array()],
    ['another driver', 3, nvidiaText('580.95.06')],
    ['another VBIOS', 6, nvidiaVbios('96.00.9F.00.02')],
    ['an enabled decoder', 11, Uint8Array.of(0xaa)],
    ['a mode', 36, Uint8Array.of(2, 0)],
    ['a VBIOS version as text in small letters', 6, text('96.00.9f.00.01')],
    ['a version of the fields', 34, Uint8Array.of(1, 0)],
    ['an unknown state of PCIe protection', 21, Uint8Array.of(7)],
    ['unknown types', 300, Uint8Array.of(7)],
  ] as const)('%s', async (_, type, value) => {
    const { report } = await gpu.device.issueEvidence({ nonce: NONCE, opaque: new Map([[type, value]]) })
    const given = { ...gpu, report }
    const expected = await library(given, await publishedRims(gpu))
    expect(await outcomeOf(given)).toBe(expected.verdict === 'refused' ? expected.reasonCode : 'accepted')
  })

  test('each once, and the ones that are due', async () => {
    const fields: readonly (readonly [number, Uint8Array])[] = [
      [6, nvidiaVbios(VBIOS_VERSION)],
      [3, nvidiaText(DRIVER_VERSION)],
      [11, Uint8Array.of(0x55)],
      [20, gpu.device.fwid],
    ]
    const without = (type: number) => fields.filter(([found]) => found !== type)
    const key = gpu.device.chain[0]?.key
    if (!key) throw new Error('a key')
    for (const [code, opaque] of [
      ['accepted', fields],
      ['NVIDIA_FWID_MISSING', without(20)],
      ['NVIDIA_NVDEC_STATUS_INVALID', without(11)],
      ['NVIDIA_RIM_UNRELATED', without(3)],
      ['NVIDIA_RIM_UNRELATED', without(6)],
      ['NVIDIA_OPAQUE_MALFORMED', [...fields, [3, nvidiaText(DRIVER_VERSION)]]],
      ['NVIDIA_OPAQUE_MALFORMED', [...fields, [700, new Uint8Array(2)], [700, new Uint8Array()]]],
      ['accepted', [...fields, [700, new Uint8Array(2)], [701, new Uint8Array()]]],
    ] as const) {
      const { measurements } = gpu.device
      const report = await encodeNvidiaReport({ nonce: NONCE, measurements, opaque }, key)
      expect(await outcomeOf({ ...gpu, report })).toBe(code)
      const expected = await library({ ...gpu, report }, await publishedRims(gpu))
      // The library sorts manifests by what they are for; the caller of the contract says which is which.
      expect(expected.verdict === 'refused' ? expected.reasonCode : 'accepted').toBe(code)
    }
  })
})

describe('manifests', () => {
  const judge = async (change: Partial<Record<'driver' | 'vbios', Partial<NvidiaRimFields>>>): Promise<string> => {
    const { simulation, device } = gpu
    const fields = { edition: 'GPU', product: 'GH100' } as const
    const vbios = { version: VBIOS_VERSION, measurements: metValues(device, 0, 4), ...fields, ...change.vbios }
    const driver = { version: DRIVER_VERSION, measurements: driverValues(device), ...fields, ...change.driver }
    const [vbiosRim, driverRim] = await Promise.all([rimParts(simulation, vbios), rimParts(simulation, driver)])
    if (change.vbios) await uploadLast(vbiosRim)
    if (change.driver) await uploadLast(driverRim)
    return outcomeOf({ ...gpu, vbiosRim, driverRim })
  }
  const wrong = new Uint8Array(48).fill(7)

  test('a value that is not met, wherever it stands among the alternatives or in the digest', async () => {
    const { measurements } = gpu.device
    const [first] = measurements
    if (!first) throw new Error('a measurement')
    const nearly = [
      first.map((byte, place) => (place === 47 ? byte ^ 1 : byte)),
      first.map((byte, place) => (place === 0 ? byte ^ 1 : byte)),
    ]
    const one = (values: readonly Uint8Array[], index = 0) => ({
      vbios: { measurements: [{ index, active: true, values }] },
    })
    for (const value of nearly) expect(await judge(one([value]))).toBe('NVIDIA_MEASUREMENT_MISMATCH')
    expect(await judge(one([wrong, ...nearly]))).toBe('NVIDIA_MEASUREMENT_MISMATCH')
    expect(await judge(one([wrong, ...nearly, first]))).toBe('accepted')
    // A block that the report does not have, and the one index that can have none.
    expect(await judge(one([wrong], 64))).toBe('NVIDIA_MEASUREMENT_MISMATCH')
    expect(await judge(one([wrong], 255))).toBe('NVIDIA_MEASUREMENT_MISMATCH')
    expect(await judge({ vbios: { measurements: [{ index: 64, active: false, values: [wrong] }] } })).toBe('accepted')
  })

  test('two that claim one index', async () => {
    expect(await judge({ vbios: { measurements: metValues(gpu.device, 0, 20) } })).toBe('NVIDIA_RIM_CONFLICT')
  })

  test('of another product, version or edition', async () => {
    expect(await judge({ driver: { product: 'GH200' } })).toBe('NVIDIA_RIM_UNRELATED')
    expect(await judge({ driver: { version: '580.95.06' } })).toBe('NVIDIA_RIM_UNRELATED')
    expect(await judge({ vbios: { version: '96.00.9F.00.02' } })).toBe('NVIDIA_RIM_UNRELATED')
    expect(await judge({ vbios: { edition: 'SWITCH' } })).toBe('NVIDIA_RIM_UNRELATED')
    expect(await judge({ vbios: { version: VBIOS_VERSION.toLowerCase() } })).toBe('accepted')
  })

  test('a switch has none of a driver', async () => {
    const other = await simulatedNvidia({ chip: 'LS_10' }, gpu.simulation)
    await stores.upload(other)
    expect(await outcomeOf(other)).toBe('accepted')
    expect(await outcomeOf({ ...other, driverRim: gpu.driverRim })).toBe('NVIDIA_RIM_UNRELATED')
    if (other.vbiosRim) expect(nvidiaRimId(other.vbiosRim)).not.toBe(zeroHash)
  })
})
