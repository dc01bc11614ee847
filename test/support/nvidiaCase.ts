/** Simulated NVIDIA devices with all that the contracts need of them. */
import { readNvidiaRim } from '@spartan/attestation'
import {
  createNvidiaSimulation,
  type NvidiaDeviceOptions,
  type NvidiaRimFields,
  type NvidiaSimulation,
  type SimulatedNvidiaDevice,
  type Validity,
} from '@spartan/simulator'
import type { NvidiaCase } from './nvidiaWorld.ts'

/** Unix seconds at which the tests judge. */
export const AT = 1_780_000_000
export const NONCE = Uint8Array.from({ length: 32 }, (_, index) => index + 1)
/** Window of the OCSP responses. */
export const WINDOW = { from: AT - 3_600, until: AT + 86_400 }
export const DRIVER_VERSION = '580.95.05'
export const VBIOS_VERSION = '96.00.9F.00.01'
const SWITCH_VBIOS_VERSION = '96.10.55.00.01'

/** A device, its vendor and an accepted case of it. */
export interface SimulatedNvidiaCase extends NvidiaCase {
  readonly simulation: NvidiaSimulation
  readonly device: SimulatedNvidiaDevice
}

type Measurements = NvidiaRimFields['measurements']

/** Reference values that a device meets: RIM indexes from `first` to `last` are active, the next one is not. */
export function metValues({ measurements }: SimulatedNvidiaDevice, first: number, last: number): Measurements {
  const met = measurements.map((value, index) => ({ index, active: index <= last, values: [value] }))
  return met.slice(first, last + 2)
}

/** The driver's: index 35 is active with a value that only an enabled NVDEC0 would have to meet; 21 has three alternatives. */
export function driverValues(device: SimulatedNvidiaDevice): Measurements {
  const other = new Uint8Array(48).fill(0xdd)
  const met = metValues(device, 20, 23).map((measurement) => {
    return measurement.index === 21 ? { ...measurement, values: [other, other, ...measurement.values] } : measurement
  })
  return [...met, { index: 35, active: true, values: [other] }]
}

export const rimParts = async (simulation: NvidiaSimulation, fields: NvidiaRimFields) =>
  readNvidiaRim(await simulation.issueRim(fields))

/** A case that is accepted. */
export async function simulatedNvidia(
  options: Partial<NvidiaDeviceOptions> = {},
  given?: NvidiaSimulation,
  window: Validity = WINDOW,
): Promise<SimulatedNvidiaCase> {
  const simulation = given ?? (await createNvidiaSimulation({ now: AT }))
  const chip = options.chip ?? 'GH100'
  const isSwitch = chip === 'LS_10'
  const version = isSwitch ? SWITCH_VBIOS_VERSION : VBIOS_VERSION
  const driverVersion = isSwitch ? undefined : DRIVER_VERSION
  const device = await simulation.createDevice({
    chip,
    vbiosVersion: version,
    ...(driverVersion && { driverVersion }),
    ...options,
  })
  const edition = isSwitch ? 'SWITCH' : 'GPU'
  const product = chip.replace('_', '')
  const { report } = await device.issueEvidence({ nonce: NONCE })
  const driver = options.driverVersion ?? DRIVER_VERSION
  return {
    simulation,
    device,
    report,
    certificates: device.chain.map(({ certificate }) => certificate),
    ocsp: await simulation.issueOcsp(device.chain.slice(1), window),
    vbiosRim: await rimParts(simulation, { edition, product, version, measurements: metValues(device, 0, 4) }),
    driverRim: isSwitch
      ? undefined
      : await rimParts(simulation, { edition, product, version: driver, measurements: driverValues(device) }),
    rimOcsp: await simulation.issueOcsp(simulation.rimChain, window),
  }
}

/** DER of the roots of a simulation. */
export const simulationRoots = ({ deviceRoot, rimRoot }: NvidiaSimulation) => ({
  deviceRoot: deviceRoot.certificate,
  rimRoot: rimRoot.certificate,
})
