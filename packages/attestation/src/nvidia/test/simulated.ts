/** One simulated GPU or switch with everything that its evidence needs; shared by the tests beside it. */
import {
  createNvidiaSimulation,
  type NvidiaDeviceOptions,
  type NvidiaRimFields,
  type NvidiaSimulation,
  type SimulatedNvidiaDevice,
} from '@spartan/simulator'
import type { NvidiaTrustAnchor } from '../../roots/nvidia.ts'
import type { NvidiaEndorsements } from '../endorsements.ts'
import type { NvidiaEvidenceBytes } from '../parse.ts'
import { marketplaceNvidiaPolicy, type NvidiaPolicy } from '../policy.ts'

/** Unix seconds at which the tests judge. */
export const AT = 1_780_000_000
export const NONCE = Uint8Array.from({ length: 32 }, (_, index) => index)
const NONCE_HEX = Array.from(NONCE, (byte) => byte.toString(16).padStart(2, '0')).join('')
/** Window of the OCSP responses. */
export const WINDOW = { from: AT - 3_600, until: AT + 86_400 }
export const DRIVER_VERSION = '580.95.05'
export const VBIOS_VERSION = '96.00.9F.00.01'

export interface SimulatedCase {
  readonly simulation: NvidiaSimulation
  readonly device: SimulatedNvidiaDevice
  readonly trustAnchors: readonly NvidiaTrustAnchor[]
  readonly evidence: NvidiaEvidenceBytes
  readonly endorsements: NvidiaEndorsements
  readonly policy: NvidiaPolicy
  readonly at: number
}

export const anchorsOf = ({ deviceRoot, rimRoot }: NvidiaSimulation): readonly NvidiaTrustAnchor[] => [
  { role: 'device', certificate: deviceRoot.certificate, simulated: true },
  { role: 'rim', certificate: rimRoot.certificate, simulated: true },
]

/** Reference values that a device meets, for RIM indexes from `first` to `last`. */
export function rimOf(
  { measurements }: SimulatedNvidiaDevice,
  fields: Omit<NvidiaRimFields, 'measurements'>,
  [first, last]: readonly [number, number],
): NvidiaRimFields {
  const values = measurements.map((value, index) => ({
    index,
    active: index >= first && index <= last,
    values: [value],
  }))
  return { ...fields, measurements: values }
}

/** RIM of the driver; index 35 is active with a value that only an enabled NVDEC0 would have to meet. */
export function driverRim(device: SimulatedNvidiaDevice, product: string, version = DRIVER_VERSION): NvidiaRimFields {
  const rim = rimOf(device, { edition: 'GPU', product, version }, [20, 30])
  const decoder = { index: 35, active: true, values: [new Uint8Array(48).fill(0xdd)] }
  return { ...rim, measurements: [...rim.measurements.filter(({ index }) => index !== 35), decoder] }
}

/** A case that is accepted. */
export async function simulatedCase(
  options: Partial<NvidiaDeviceOptions> = {},
  given?: NvidiaSimulation,
): Promise<SimulatedCase> {
  const simulation = given ?? (await createNvidiaSimulation({ now: AT }))
  const chip = options.chip ?? 'GH100'
  const isSwitch = chip === 'LS_10'
  const vbiosVersion = isSwitch ? '96.10.55.00.01' : VBIOS_VERSION
  const device = await simulation.createDevice({
    chip,
    vbiosVersion,
    ...(isSwitch ? {} : { driverVersion: DRIVER_VERSION }),
    ...options,
  })
  const product = chip.replace('_', '')
  const edition = isSwitch ? 'SWITCH' : 'GPU'
  const manifests = [rimOf(device, { edition, product, version: vbiosVersion }, [0, 12])]
  if (!isSwitch) manifests.push(driverRim(device, product, options.driverVersion))
  return {
    simulation,
    device,
    trustAnchors: anchorsOf(simulation),
    evidence: await device.issueEvidence({ nonce: NONCE }),
    endorsements: {
      // Nobody answers for the leaf, which the device itself has issued.
      ocsp: await simulation.issueOcsp(device.chain.slice(1), WINDOW),
      rims: await Promise.all(manifests.map((manifest) => simulation.issueRim(manifest))),
      rimOcsp: await simulation.issueOcsp(simulation.rimChain, WINDOW),
    },
    policy: marketplaceNvidiaPolicy({ nonce: { expected: NONCE_HEX } }),
    at: AT,
  }
}
