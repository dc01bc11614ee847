import { createNvidiaSimulation, type NvidiaSimulation, type SimulatedNvidiaDevice } from './simulation.ts'

/** One answer of a GPU with everything that its evidence is judged by. */
export interface SimulatedGpuEvidence {
  /** SPDM request ‖ response. */
  readonly report: Uint8Array
  /** DER, attestation key first, root last. */
  readonly certificates: readonly Uint8Array[]
  /** Manifests as published, XML. */
  readonly driverRim: Uint8Array
  readonly vbiosRim: Uint8Array
  readonly ocsp: readonly Uint8Array[]
  readonly rimOcsp: readonly Uint8Array[]
}

/** A simulated H100 with its manifests. */
export interface SimulatedGpu {
  /** DER of the vendor's roots. */
  readonly deviceRoot: Uint8Array
  readonly rimRoot: Uint8Array
  /** @param nonce - 32 bytes. @param at - Unix seconds; OCSP responses are good from an hour before for a day. */
  readonly issueEvidence: (nonce: Uint8Array, at: number) => Promise<SimulatedGpuEvidence>
}

const DRIVER_VERSION = '580.95.05'
const VBIOS_VERSION = '96.00.9F.00.01'
/** First and last index of the reference values of each manifest. */
const DRIVER_VALUES = [20, 23] as const
const VBIOS_VALUES = [0, 4] as const

/** Makes a GPU of a simulated vendor. Proves nothing about hardware. */
export async function createSimulatedGpu({ now }: { readonly now: number }): Promise<SimulatedGpu> {
  const vendor = await createNvidiaSimulation({ now })
  const device = await vendor.createDevice({
    chip: 'GH100',
    driverVersion: DRIVER_VERSION,
    vbiosVersion: VBIOS_VERSION,
  })
  const [driverRim, vbiosRim] = await Promise.all([
    rimOf(vendor, device, DRIVER_VERSION, DRIVER_VALUES),
    rimOf(vendor, device, VBIOS_VERSION, VBIOS_VALUES),
  ])
  return {
    deviceRoot: vendor.deviceRoot.certificate,
    rimRoot: vendor.rimRoot.certificate,
    issueEvidence: async (nonce, at) => {
      const window = { from: at - 3600, until: at + 86_400 }
      const [{ report }, ocsp, rimOcsp] = await Promise.all([
        device.issueEvidence({ nonce }),
        vendor.issueOcsp(device.chain.slice(1), window),
        vendor.issueOcsp(vendor.rimChain, window),
      ])
      const certificates = device.chain.map(({ certificate }) => certificate)
      return { report, certificates, driverRim, vbiosRim, ocsp, rimOcsp }
    },
  }
}

function rimOf(
  vendor: NvidiaSimulation,
  { measurements }: SimulatedNvidiaDevice,
  version: string,
  [first, last]: readonly [number, number],
): Promise<Uint8Array> {
  const values = measurements.slice(first, last + 1).map((value, place) => {
    return { index: first + place, active: true, values: [value] }
  })
  return vendor.issueRim({ edition: 'GPU', product: 'GH100', version, measurements: values })
}
