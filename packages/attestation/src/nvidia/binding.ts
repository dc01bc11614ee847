import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { concat, equalBytes, isZero, toHex } from '../internal/bytes.ts'
import { sha256, sha384 } from '../internal/hashes.ts'
import { createTrail, refusedBy } from '../internal/trail.ts'
import type { CheckOutcome, CheckTable, CommonClaims } from '../result.ts'
import type { NvidiaClaims } from './claims.ts'
import { DIGEST_SIZE } from './constants.ts'

const NONCE_DOMAIN = new TextEncoder().encode('spartan/gpu/v1')
const RESULT_DOMAIN = new TextEncoder().encode('spartan/gpu-result/v1')
/** Keyset digest ‖ challenge. */
const REPORT_DATA_SIZE = 64
/** An identity of eight zero bytes: no switch on this link. */
const NO_PDI = '0'.repeat(16)

/** Every check of the binding, in the order in which it runs. */
export const GPU_BINDING_CHECKS = [
  ['simulation', 'CPU and devices are all real, or all simulated'],
  ['nonce', 'The nonce of every device derives from the REPORTDATA of the CPU'],
  ['uniqueness', 'Every device is listed once'],
  ['count', 'There are as many devices as declared'],
  ['driver', 'Every GPU runs under the same driver'],
  ['topology', 'GPUs and switches name each other'],
  ['result', 'The guest extended the result into its runtime measurement register'],
] as const satisfies CheckTable<string>

/** Name of a check of the binding. */
export type GpuBindingCheckId = (typeof GPU_BINDING_CHECKS)[number][0]

/** How the guest's own verification of the devices reaches the CPU evidence. */
export type GpuResultBinding =
  /** 48-byte digests of the events extended into RTMR3 from boot on, in order; one of them is `gpuResultDigest`. */
  | { readonly kind: 'rtmr3'; readonly eventDigests: readonly Uint8Array[] }
  /** Nothing but the nonce. A relayed device elsewhere passes: see {@link verifyGpuBinding}. */
  | { readonly kind: 'nonce-only' }

/** Input of {@link verifyGpuBinding}. Complete: what is not asked has to be written. */
export interface GpuBindingInput {
  /** Accepted claims of the CPU TEE. */
  readonly cpuClaims: Pick<CommonClaims, 'reportData' | 'simulated' | 'measurements'>
  /** Accepted claims of every GPU and switch of the machine. */
  readonly devices: readonly NvidiaClaims[]
  /** What the provider declared. */
  readonly declared: { readonly gpus: number; readonly switches: number }
  /** `require`: every switch that a GPU sees is attested, and every attested switch is seen by every GPU. */
  readonly topology: 'require' | 'any'
  readonly result: GpuResultBinding
}

/** Outcome of {@link verifyGpuBinding}. */
export type GpuBindingResult =
  | {
      readonly verdict: 'accepted'
      /** Identities of all devices, hex, ascending: each may count for one provider only. */
      readonly platformIds: readonly string[]
      readonly driverVersion: string | undefined
      readonly checks: readonly CheckOutcome[]
    }
  | {
      readonly verdict: 'refused'
      readonly reasonCode: ReasonCode
      readonly error: Error
      readonly checks: readonly CheckOutcome[]
    }

/**
 * The nonce that every GPU and switch of a node must answer: SHA-256("spartan/gpu/v1" ‖ REPORTDATA). REPORTDATA is 64 bytes, keyset
 * digest ‖ challenge, so the nonce is as fresh as the CPU evidence and names the keyset.
 */
export async function gpuNonce(reportData: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  if (reportData.length !== REPORT_DATA_SIZE) {
    throw reject('NVIDIA_BINDING_NONCE_MISMATCH', `REPORTDATA of ${reportData.length} bytes, not ${REPORT_DATA_SIZE}`)
  }
  return sha256(concat(NONCE_DOMAIN, reportData))
}

/**
 * What the measured guest extends into RTMR3 once it has accepted its devices:
 * SHA-384("spartan/gpu-result/v1" ‖ nonce (32) ‖ u16 big-endian count ‖ evidence ids (32 each, ascending)).
 */
export async function gpuResultDigest(
  nonce: Uint8Array,
  devices: readonly Pick<NvidiaClaims, 'evidenceId'>[],
): Promise<Uint8Array<ArrayBuffer>> {
  const ids = devices
    .map(({ evidenceId }) => evidenceId)
    .toSorted((left, right) => (toHex(left) < toHex(right) ? -1 : 1))
  const count = Uint8Array.of(ids.length >> 8, ids.length & 0xff)
  return sha384(concat(RESULT_DOMAIN, nonce, count, ...ids))
}

/**
 * Binds the devices of a machine to its CPU TEE. Never throws for a refusal.
 *
 * Proves: every device answered for this keyset and challenge; no device is counted twice; there are as many as declared,
 * under one driver; with `rtmr3`, the measured guest itself accepted exactly these pieces of evidence before it made the CPU
 * evidence. Does not prove: that a device sits in the machine. Before TDISP nothing in hardware does; that the guest talks to a
 * local device is the word of the guest's software, so its measurement has to be on the allow-list. With `nonce-only` not
 * even that is said. Nor: that a device is not used by another provider, which the caller keeps track of.
 */
export async function verifyGpuBinding(input: GpuBindingInput): Promise<GpuBindingResult> {
  const { cpuClaims, devices, declared } = input
  const trail = createTrail<GpuBindingCheckId>(GPU_BINDING_CHECKS)
  const gpus = devices.filter(({ kind }) => kind === 'gpu')
  const switches = devices.filter(({ kind }) => kind === 'switch')
  try {
    await trail.run(
      'simulation',
      () => expectOneWorld(cpuClaims, devices),
      (found) => found,
    )
    const nonce = await trail.run(
      'nonce',
      () => expectNonce(cpuClaims, devices),
      (found) => ({ nonce: toHex(found) }),
    )
    const platformIds = await trail.run(
      'uniqueness',
      () => expectUnique(devices),
      (found) => ({ platformIds: found.join(' ') }),
    )
    await trail.run(
      'count',
      () => {
        if (gpus.length === declared.gpus && switches.length === declared.switches) return
        const got = `declared ${declared.gpus} and ${declared.switches}, got ${gpus.length} and ${switches.length}`
        throw reject('NVIDIA_BINDING_DEVICE_COUNT_MISMATCH', got)
      },
      () => ({ gpus: `${gpus.length}`, switches: `${switches.length}` }),
    )
    const driverVersion = await trail.run(
      'driver',
      () => expectOneDriver(gpus),
      (found) => ({ driverVersion: found ?? '' }),
    )
    if (input.topology === 'any') trail.skip('topology', 'any topology is accepted')
    else
      await trail.run(
        'topology',
        () => expectTopology(gpus, switches),
        (pdis) => ({ switches: pdis.join(' ') }),
      )
    await checkResult(input, nonce, trail)
    return { verdict: 'accepted', platformIds, driverVersion, checks: trail.outcomes() }
  } catch (error) {
    return refusedBy(error, trail)
  }
}

const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })

function expectOneWorld(cpu: GpuBindingInput['cpuClaims'], devices: readonly NvidiaClaims[]): { simulated: string } {
  const odd = devices.find(({ simulated }) => simulated !== cpu.simulated)
  if (odd) throw reject('NVIDIA_BINDING_SIMULATION_MIXED', `device ${odd.ueid}`)
  return { simulated: `${cpu.simulated}` }
}

async function expectNonce(cpu: GpuBindingInput['cpuClaims'], devices: readonly NvidiaClaims[]) {
  const nonce = await gpuNonce(cpu.reportData)
  const odd = devices.find(({ reportData }) => !equalBytes(reportData, nonce))
  if (!odd) return nonce
  throw reject('NVIDIA_BINDING_NONCE_MISMATCH', `device ${odd.ueid}`, `expected ${toHex(nonce)}`)
}

function expectUnique(devices: readonly NvidiaClaims[]): readonly string[] {
  // Not by ueid, which is another one after a change of firmware.
  const ids = devices.map(({ platformId }) => toHex(platformId))
  const repeated = ids.find((id, place) => ids.indexOf(id) !== place)
  if (repeated !== undefined) throw reject('NVIDIA_BINDING_DEVICE_DUPLICATE', `platform ${repeated}`)
  return ids.toSorted()
}

function expectOneDriver(gpus: readonly NvidiaClaims[]): string | undefined {
  const [first] = gpus
  const odd = gpus.find(({ driverVersion }) => driverVersion !== first?.driverVersion)
  if (!odd) return first?.driverVersion
  throw reject('NVIDIA_BINDING_DRIVERS_DIFFER', `${first?.driverVersion ?? 'none'} and ${odd.driverVersion ?? 'none'}`)
}

/** The identities of the attested switches, when they are exactly what each GPU sees. */
function expectTopology(gpus: readonly NvidiaClaims[], switches: readonly NvidiaClaims[]): readonly string[] {
  const attested = new Set(switches.flatMap(({ switchPdis }) => switchPdis))
  for (const { switchPdis, ueid } of gpus) {
    const seen = new Set(switchPdis.filter((pdi) => pdi !== NO_PDI))
    const odd = [...seen, ...attested].find((pdi) => !seen.has(pdi) || !attested.has(pdi))
    if (odd !== undefined) throw reject('NVIDIA_BINDING_TOPOLOGY_MISMATCH', `GPU ${ueid}, switch ${odd}`)
  }
  return [...attested].toSorted()
}

async function checkResult(
  { cpuClaims, devices, result }: GpuBindingInput,
  nonce: Uint8Array,
  trail: ReturnType<typeof createTrail<GpuBindingCheckId>>,
): Promise<void> {
  if (result.kind === 'nonce-only') {
    trail.skip('result', 'the nonce alone is asked for: freshness, not locality')
    return
  }
  await trail.run(
    'result',
    async () => {
      const digest = await gpuResultDigest(nonce, devices)
      const register = await replay(result.eventDigests)
      const expected = cpuClaims.measurements.rtmr3
      if (!register || !expected || !equalBytes(register, expected)) {
        throw reject('NVIDIA_BINDING_EVENT_LOG_MISMATCH', `RTMR3 ${expected ? toHex(expected) : 'not measured'}`)
      }
      const times = result.eventDigests.filter((event) => equalBytes(event, digest)).length
      if (times !== 1) throw reject('NVIDIA_BINDING_RESULT_NOT_EXTENDED', `${toHex(digest)}, ${times} times`)
      return digest
    },
    (digest) => ({ digest: toHex(digest) }),
  )
}

/** RTMR of zero bytes extended by each digest (Intel TDX Module Base Specification, TDG.MR.RTMR.EXTEND). */
async function replay(digests: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
  if (digests.some((digest) => digest.length !== DIGEST_SIZE || isZero(digest))) return undefined
  let register: Uint8Array<ArrayBuffer> = new Uint8Array(DIGEST_SIZE)
  for (const digest of digests) register = await sha384(concat(register, digest))
  return register
}
