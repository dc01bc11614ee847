import { concat } from '../der.ts'
import type { SnpReportFields } from './report.ts'
import type { SimulatedSnpMachine } from './simulation.ts'

/** TPMS_ATTEST and its bare RSASSA signature. */
export interface SignedVtpmQuote {
  readonly message: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

/** A vTPM with an attestation key of its own, as Azure's paravisor runs one. */
export interface SimulatedVtpm {
  /** Runtime data that a report has to vouch for: JSON with the attestation key. */
  readonly runtimeData: Uint8Array<ArrayBuffer>
  /** Wraps a report of the machine that vouches for the runtime data. */
  readonly issueHclReport: (machine: SimulatedSnpMachine, fields?: SnpReportFields) => Promise<Uint8Array<ArrayBuffer>>
  /** Signs any message with the attestation key. */
  readonly signQuote: (message: Uint8Array) => Promise<SignedVtpmQuote>
  /** Signs the registers of the SHA-256 bank that are given, 32 bytes each. */
  readonly quote: (challenge: Uint8Array, pcrs: Readonly<Record<number, Uint8Array>>) => Promise<SignedVtpmQuote>
}

const RSASSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const
const HCL_SIZE = 2600
const RUNTIME_DATA_AT = 1236

/** Makes a vTPM with a fresh RSA-2048 attestation key. */
export async function createVtpm(): Promise<SimulatedVtpm> {
  const parameters = { ...RSASSA, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) }
  const { privateKey, publicKey } = await crypto.subtle.generateKey(parameters, true, ['sign', 'verify'])
  const { n, e } = await crypto.subtle.exportKey('jwk', publicKey)
  const key = { kid: 'HCLAkPub', key_ops: ['sign'], kty: 'RSA', e, n }
  const runtimeData = new TextEncoder().encode(
    JSON.stringify({ keys: [key], 'vm-configuration': { 'secure-boot': true, 'tpm-enabled': true } }),
  )
  const signQuote = async (bytes: Uint8Array): Promise<SignedVtpmQuote> => {
    const message = Uint8Array.from(bytes)
    return { message, signature: new Uint8Array(await crypto.subtle.sign(RSASSA, privateKey, message)) }
  }
  return {
    runtimeData,
    issueHclReport: async (machine, fields = {}) => {
      const reportData = new Uint8Array(64)
      reportData.set(new Uint8Array(await crypto.subtle.digest('SHA-256', runtimeData)))
      return wrap(await machine.issueReport({ reportData, ...fields }), runtimeData)
    },
    signQuote,
    quote: async (challenge, pcrs) => signQuote(await attest(challenge, pcrs)),
  }
}

/** HCL report, version 1: header, report, header of the runtime data, runtime data, zeros. */
function wrap(report: Uint8Array, runtimeData: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = RUNTIME_DATA_AT + runtimeData.length
  const blob = new Uint8Array(Math.max(HCL_SIZE, end))
  const view = new DataView(blob.buffer)
  blob.set(new TextEncoder().encode('HCLA'))
  view.setUint32(4, 1, true)
  view.setUint32(8, end, true)
  view.setUint32(12, 2, true)
  blob.set(report, 32)
  const words = [runtimeData.length + 20, 1, 2, 1, runtimeData.length]
  words.forEach((word, index) => {
    view.setUint32(1216 + 4 * index, word, true)
  })
  blob.set(runtimeData, RUNTIME_DATA_AT)
  return blob
}

/** TPMS_ATTEST of a quote over one selection of the SHA-256 bank (TCG TPM 2.0 Library, part 2, 10.12.8). */
async function attest(
  challenge: Uint8Array,
  pcrs: Readonly<Record<number, Uint8Array>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const registers = Object.keys(pcrs)
    .map(Number)
    .sort((left, right) => left - right)
  const bitmap = new Uint8Array(3)
  for (const register of registers) bitmap[register >> 3] = (bitmap[register >> 3] ?? 0) | (1 << (register & 7))
  const values = concat(...registers.map((register) => pcrs[register] ?? new Uint8Array(32)))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', values))
  const sized = (bytes: Uint8Array) => concat(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes)
  return concat(
    Uint8Array.of(0xff, 0x54, 0x43, 0x47, 0x80, 0x18),
    sized(new Uint8Array(34)),
    sized(challenge),
    // Clock (8), reset count (4), restart count (4), safe (1), firmware version (8).
    Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1),
    Uint8Array.of(0, 0, 0, 1, 0x00, 0x0b, bitmap.length),
    bitmap,
    sized(digest),
  )
}
