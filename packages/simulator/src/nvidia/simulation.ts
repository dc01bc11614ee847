import { concat } from '../der.ts'
import { toPem } from '../encoding.ts'
import { caExtensions, generatePkiKey, leafExtensions } from '../pki.ts'
import { unixSeconds } from '../platform.ts'
import type { Validity } from '../types.ts'
import { createNvidiaAuthority, type NvidiaAuthority } from './authority.ts'
import { issueOcspResponse, type OcspFields } from './ocsp.ts'
import { compositeDeviceId, encodeNvidiaReport, nvidiaText, nvidiaVbios, tcbInfo } from './report.ts'
import { issueNvidiaRim, type NvidiaRimFields } from './rim.ts'

/** A vendor of its own: issues what NVIDIA issues, in the same formats, under keys made for this simulation. */
export interface NvidiaSimulation {
  /** DER roots: the trust anchors. */
  readonly deviceRoot: NvidiaAuthority
  readonly rimRoot: NvidiaAuthority
  /** Device CAs below the root, the one that issues devices first. */
  readonly deviceCas: readonly NvidiaAuthority[]
  /** Signer of manifests first, root last. */
  readonly rimChain: readonly NvidiaAuthority[]
  readonly createDevice: (options: NvidiaDeviceOptions) => Promise<SimulatedNvidiaDevice>
  readonly issueRim: (fields: NvidiaRimFields) => Promise<Uint8Array<ArrayBuffer>>
  /** OCSP responses, good ones unless told, for every certificate of a chain but its root. */
  readonly issueOcsp: (
    chain: readonly NvidiaAuthority[],
    window: Validity,
    options?: Partial<OcspFields>,
  ) => Promise<readonly Uint8Array<ArrayBuffer>[]>
}

/** What a device is made from. */
export interface NvidiaDeviceOptions {
  readonly chip: 'GH100' | 'GB100' | 'GB20X' | 'LS_10'
  /** None: a switch. */
  readonly driverVersion?: string
  readonly vbiosVersion: string
  /** 48 bytes; random unless given. */
  readonly fwid?: Uint8Array
  /** Write Blackwell's TcbInfo under the OID that Hopper uses for another structure. */
  readonly tcbInfoUnderOldOid?: boolean
  /** Leave the FWID out of the report, as old drivers do. */
  readonly withoutReportFwid?: boolean
  /** The boot ROM of a device that is there already: the same device with other firmware, and so with another attestation key. */
  readonly bootRom?: NvidiaAuthority
}

/** One simulated GPU or switch. */
export interface SimulatedNvidiaDevice {
  /** Leaf, boot ROM, device CAs, root. */
  readonly chain: readonly NvidiaAuthority[]
  /** 48 bytes each, from block 1 on. */
  readonly measurements: readonly Uint8Array[]
  readonly fwid: Uint8Array
  readonly issueEvidence: (
    options: NvidiaEvidenceOptions,
  ) => Promise<{ report: Uint8Array; certificateChain: Uint8Array }>
}

/** What one piece of evidence says beside what the device is. */
export interface NvidiaEvidenceOptions {
  readonly nonce: Uint8Array
  /** Further opaque fields, or other values of the usual ones. */
  readonly opaque?: ReadonlyMap<number, Uint8Array>
  readonly paddingBytes?: number
}

const YEAR_SECONDS = 365 * 86_400
/** 9999-12-31T23:59:59Z, the end of NVIDIA's device certificates. */
const NEVER = 253_402_300_799

/** Makes a fresh simulation of NVIDIA. Proves nothing about hardware. */
export async function createNvidiaSimulation({ now }: { readonly now: Date | number }): Promise<NvidiaSimulation> {
  const from = unixSeconds(now) - 86_400
  const ca = (commonName: string, until: number, issuer?: NvidiaAuthority) =>
    createNvidiaAuthority({
      commonName,
      validity: { from, until },
      extensions: caExtensions(),
      ...(issuer && { issuer }),
    })
  const deviceRoot = await ca('Device Identity CA', NEVER)
  const identity = await ca('GPU Identity', NEVER, deviceRoot)
  const provisioner = await ca('GPU Provisioner ICA 1', NEVER, identity)
  const rimRoot = await ca('CoRIM signing Root CA', from + 20 * YEAR_SECONDS)
  const rimCa = await ca('Reference Value CA', from + 10 * YEAR_SECONDS, rimRoot)
  const signer = await createNvidiaAuthority({
    commonName: 'RIM L4 Signer',
    issuer: rimCa,
    validity: { from, until: from + 2 * YEAR_SECONDS },
    extensions: leafExtensions(),
  })
  const deviceCas = [provisioner, identity]
  const rimChain = [signer, rimCa, rimRoot]
  return {
    deviceRoot,
    rimRoot,
    deviceCas,
    rimChain,
    createDevice: (options) => createDevice(options, [...deviceCas, deviceRoot], from),
    issueRim: (fields) => issueNvidiaRim(fields, rimChain),
    issueOcsp: (chain, window, options) =>
      Promise.all(
        chain.slice(0, -1).map((certificate, place) => {
          const issuer = chain[place + 1] ?? certificate
          return issueOcspResponse({ certificate, issuer, window, ...options })
        }),
      ),
  }
}

async function createDevice(
  options: NvidiaDeviceOptions,
  cas: readonly NvidiaAuthority[],
  from: number,
): Promise<SimulatedNvidiaDevice> {
  const { chip } = options
  const unit = chip === 'LS_10' ? 'FSP' : 'GSP'
  const validity = { from, until: NEVER }
  const [issuer] = cas
  const bootRom =
    options.bootRom ??
    (await createNvidiaAuthority({
      commonName: `${chip} A01 ${unit} BROM`,
      validity,
      extensions: caExtensions(),
      ...(issuer && { issuer }),
    }))
  const fwid = options.fwid ?? crypto.getRandomValues(new Uint8Array(48))
  const key = await generatePkiKey('ecdsa-p384')
  const model = `${chip} A01 ${unit}`
  const newIdentity = options.tcbInfoUnderOldOid ? tcbInfo(fwid, model, '2.23.133.5.4.1') : tcbInfo(fwid, model)
  const identity = chip.startsWith('GB') ? newIdentity : compositeDeviceId(fwid, key)
  const leaf = await createNvidiaAuthority({
    commonName: `${chip} A01 ${unit} FMC LF`,
    issuer: bootRom,
    validity,
    key,
    extensions: [...leafExtensions(), identity],
  })
  const chain = [leaf, bootRom, ...cas]
  const blocks = chip === 'LS_10' ? 31 : 64
  const measurements = Array.from({ length: blocks }, () => crypto.getRandomValues(new Uint8Array(48)))
  return {
    chain,
    measurements,
    fwid,
    issueEvidence: async ({ nonce, opaque = new Map(), paddingBytes = 0 }) => {
      const fields = new Map([...opaqueFields(options, fwid), ...opaque])
      const report = await encodeNvidiaReport({ nonce, measurements, opaque: [...fields], paddingBytes }, key)
      return { report, certificateChain: pemChain(chain) }
    },
  }
}

/** PEM of a chain. */
export const pemChain = (chain: readonly NvidiaAuthority[]) =>
  concat(new TextEncoder().encode(chain.map(({ certificate }) => toPem(certificate)).join('')))

function opaqueFields(options: NvidiaDeviceOptions, fwid: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const { driverVersion, vbiosVersion, chip } = options
  if (chip === 'LS_10') return new Map([[6, new TextEncoder().encode(vbiosVersion)]])
  return new Map<number, Uint8Array>([
    [6, nvidiaVbios(vbiosVersion)],
    [15, nvidiaText('882')],
    [17, nvidiaText('1010')],
    [18, nvidiaText('0200')],
    [3, nvidiaText(driverVersion ?? '')],
    [11, Uint8Array.of(0x55)],
    ...(options.withoutReportFwid ? [] : [[20, fwid] as const]),
    [21, Uint8Array.of(0x55)],
  ])
}
