import { nvidiaDeviceUploads, nvidiaRimUploads } from '@spartan/abi'
import { createOcspResponder } from '@spartan/simulator'
import { gpuWorld } from '../../../test/support/gpuWorld.ts'
import {
  AT,
  NONCE,
  rimParts,
  type SimulatedNvidiaCase,
  simulatedNvidia,
  simulationRoots,
  VBIOS_VERSION,
  WINDOW,
} from '../../../test/support/nvidiaCase.ts'
import { type NvidiaStores, startNvidia } from '../../../test/support/nvidiaWorld.ts'
import { type BenchRow, row } from '../row.ts'
import { BASE } from './prices.ts'

/** Size of the largest published report: the simulated one is filled up to it with a field that nobody reads. */
const REPORT_BYTES = 4_274
const FILLER_TYPE = 9
/** Reports whose dearest one is stated. */
const REPORTS = 3
const LIMIT_OF_A_STEP = 8_000_000
const STEP = 'the goal is the limit of a step; no public peer'
/** Measurements that have four alternatives in the longest published manifest, of 22,059 bytes. */
const WITH_ALTERNATIVES = 16
const ACTIVE = 32

/** Rows of NVIDIA: totals before the 21,000 base, hint calldata and storage included. */
export async function nvidiaRows(): Promise<BenchRow[]> {
  const chain = await startNvidia(AT)
  try {
    const gpu = await simulatedNvidia()
    const stores = await chain.deploy({ simulation: simulationRoots(gpu.simulation) })
    const registered = await deviceRows(stores, gpu)
    await stores.upload(gpu)
    const any = await dearestReport(stores, gpu, 'key')
    await chain.createTable(gpu.device.chain[0]?.key.point ?? new Uint8Array())
    const cached = await dearestReport(stores, gpu, 'table')
    const note = `report of ${REPORT_BYTES} bytes, both manifests compared; dearest of ${REPORTS}; no public peer`
    return [
      row({ name: 'NVIDIA report, key cached', unit: 'gas', ours: any, goal: 2_000_000, note }),
      row({ name: 'NVIDIA report, key with table', unit: 'gas', ours: cached, goal: 1_500_000, note }),
      ...registered,
      // Last: later answers than those that the report was judged by.
      step('OCSP answer of an appointed responder', await delegatedAnswer(stores, gpu)),
      ...(await rimRows(stores, gpu)),
      await bindingRow(),
    ]
  } finally {
    await chain.close()
  }
}

const step = (name: string, ours: number) =>
  row({ name: `NVIDIA ${name}`, unit: 'gas', ours, goal: LIMIT_OF_A_STEP, note: STEP })

/** A GPU bound to a registered provider: verified, its platform claimed, stored. */
async function bindingRow(): Promise<BenchRow> {
  const world = await gpuWorld()
  try {
    const { gasUsed } = await world.bind(world.first, await world.addGpu())
    const note = 'simulated report of 4.1 kB; `bindGpu` with everything that it stores; no public peer'
    return row({
      name: 'NVIDIA GPU, bound to a provider',
      unit: 'gas',
      ours: Number(gasUsed) - BASE,
      goal: 2_300_000,
      note,
    })
  } finally {
    await world.close()
  }
}

async function deviceRows(stores: NvidiaStores, gpu: SimulatedNvidiaCase): Promise<BenchRow[]> {
  const gas = new Map<string, number>()
  for (const call of await nvidiaDeviceUploads(gpu.certificates, gpu.ocsp)) {
    const used = Number(await stores.device(call)) - BASE
    gas.set(call.functionName, Math.max(used, gas.get(call.functionName) ?? 0))
  }
  const certificate = Math.max(gas.get('registerCa') ?? 0, gas.get('registerAttestationKey') ?? 0)
  return [step('certificate, registered', certificate), step('OCSP answer of the issuer', gas.get('uploadOcsp') ?? 0)]
}

/** A later answer for the boot ROM, by a responder whose certificate comes along. */
async function delegatedAnswer(stores: NvidiaStores, { simulation, device, certificates }: SimulatedNvidiaCase) {
  const issuer = device.chain[2]
  if (!issuer) throw new Error('no issuer')
  const responder = await createOcspResponder(issuer, WINDOW)
  const later = { ...WINDOW, from: WINDOW.from + 1 }
  const ocsp = await simulation.issueOcsp(device.chain.slice(1, 3), later, { responder })
  const call = (await nvidiaDeviceUploads(certificates, ocsp)).at(-1)
  if (call?.functionName !== 'uploadOcsp') throw new Error('no answer')
  return Number(await stores.device(call)) - BASE
}

/** A manifest of 64 measurements, like those of published VBIOSes, and one with the alternatives of the switch's. */
async function rimRows(stores: NvidiaStores, { simulation, device }: SimulatedNvidiaCase): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const [name, many] of [
    ['a VBIOS', 0],
    ['a switch', WITH_ALTERNATIVES],
  ] as const) {
    const measurements = device.measurements.map((value, index) => ({
      index,
      active: index < ACTIVE,
      values: Array.from({ length: index < many ? 4 : 1 }, () => value),
    }))
    const fields = { edition: 'GPU', product: 'GH100', version: `${VBIOS_VERSION}.${many}`, measurements } as const
    const parts = await rimParts(simulation, fields)
    let used = 0
    for (const call of await nvidiaRimUploads(parts)) used = Number(await stores.rim(call)) - BASE
    const note = `canonical XML of ${parts.signedContent.length} bytes; ${STEP}`
    rows.push(row({ name: `NVIDIA manifest of ${name}`, unit: 'gas', ours: used, goal: LIMIT_OF_A_STEP, note }))
  }
  return rows
}

async function dearestReport(stores: NvidiaStores, gpu: SimulatedNvidiaCase, path: 'key' | 'table'): Promise<number> {
  const { length } = (
    await gpu.device.issueEvidence({ nonce: NONCE, opaque: new Map([[FILLER_TYPE, new Uint8Array()]]) })
  ).report
  const filler = new Map([[FILLER_TYPE, new Uint8Array(REPORT_BYTES - length).fill(0x5a)]])
  let most = 0
  for (let round = 0; round < REPORTS; round++) {
    const { report } = await gpu.device.issueEvidence({ nonce: NONCE, opaque: filler })
    const evidence = await stores.evidenceOf({ ...gpu, report }, { path })
    await stores.verify(evidence)
    most = Math.max(most, Number(await stores.gasOfVerify(evidence)) - BASE)
  }
  return most
}
