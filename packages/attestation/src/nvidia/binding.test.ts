import { beforeAll, describe, expect, test } from 'vitest'
import { concat, toHex } from '../internal/bytes.ts'
import { sha256, sha384 } from '../internal/hashes.ts'
import {
  type GpuBindingInput,
  gpuNonce,
  gpuResultDigest,
  type NvidiaClaims,
  verifyGpuBinding,
  verifyNvidiaEvidence,
} from './index.ts'
import { DRIVER_VERSION, type SimulatedCase, simulatedCase, VBIOS_VERSION, WINDOW } from './test/simulated.ts'

const REPORT_DATA = Uint8Array.from({ length: 64 }, (_, index) => 255 - index)
const BOOT_EVENT = new Uint8Array(48).fill(0xb0)

let nonce: Uint8Array
let claims: readonly NvidiaClaims[]

/** Claims of further devices under the simulation of a case. */
async function claimsOf(base: SimulatedCase, seen: Uint8Array): Promise<NvidiaClaims> {
  const policy = { ...base.policy, nonce: { expected: toHex(nonce) } }
  const isSwitch = base.device.chain[1]?.name[0]?.[1].startsWith('LS_10')
  const opaque = new Map([[22, seen]])
  const evidence = await base.device.issueEvidence({
    nonce,
    opaque: isSwitch ? new Map([...opaque, [26, seen]]) : opaque,
  })
  const result = await verifyNvidiaEvidence({ ...base, evidence, policy })
  if (result.verdict !== 'accepted') throw result.error
  return result.claims
}

beforeAll(async () => {
  nonce = await gpuNonce(REPORT_DATA)
  const pdi = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1)
  const padded = Uint8Array.from([...pdi, ...new Uint8Array(8)])
  const cases = await Promise.all([simulatedCase(), simulatedCase(), simulatedCase({ chip: 'LS_10' })])
  const [first, second, third] = cases
  claims = await Promise.all([claimsOf(first, padded), claimsOf(second, padded), claimsOf(third, pdi)])
})

async function input(change: Partial<GpuBindingInput> = {}): Promise<GpuBindingInput> {
  const eventDigests = [BOOT_EVENT, await gpuResultDigest(nonce, change.devices ?? claims)]
  let rtmr3: Uint8Array = new Uint8Array(48)
  for (const digest of eventDigests) rtmr3 = await sha384(concat(rtmr3, digest))
  return {
    cpuClaims: { reportData: REPORT_DATA, simulated: true, measurements: { rtmr3 } },
    devices: claims,
    declared: { gpus: 2, switches: 1 },
    topology: 'require',
    result: { kind: 'rtmr3', eventDigests },
    ...change,
  }
}

const edited = (change: Partial<NvidiaClaims>) =>
  claims.map((one, place) => (place === 1 ? { ...one, ...change } : one))

describe('default', () => {
  test('two GPUs and a switch of one machine', async () => {
    const result = await verifyGpuBinding(await input())
    expect(result).toMatchObject({ verdict: 'accepted', driverVersion: DRIVER_VERSION })
    expect(result.checks.every(({ status }) => status === 'done')).toBe(true)
    if (result.verdict === 'accepted') {
      expect(result.platformIds).toEqual(claims.map(({ platformId }) => toHex(platformId)).toSorted())
    }
    expect(claims[0]?.vbiosVersion).toBe(VBIOS_VERSION)
    expect(claims[0]?.switchPdis).toEqual(['0102030405060708', '0'.repeat(16)])
    expect(WINDOW.until).toBeGreaterThan(WINDOW.from)
  })

  test('behavior: nonce and digest are the documented hashes', async () => {
    const text = (value: string) => new TextEncoder().encode(value)
    expect(nonce).toEqual(await sha256(concat(text('spartan/gpu/v1'), REPORT_DATA)))
    const ids = claims.map(({ evidenceId }) => toHex(evidenceId)).toSorted()
    const body = concat(nonce, Uint8Array.of(0, 3), ...ids.map((id) => Uint8Array.from(Buffer.from(id, 'hex'))))
    expect(await gpuResultDigest(nonce, claims.toReversed())).toEqual(
      await sha384(concat(text('spartan/gpu-result/v1'), body)),
    )
  })

  test('behavior: the nonce alone is listed as such', async () => {
    const result = await verifyGpuBinding(await input({ result: { kind: 'nonce-only' }, topology: 'any' }))
    expect(result.verdict).toBe('accepted')
    const open = result.checks.filter(({ status }) => status === 'not-requested').map(({ id }) => id)
    expect(open).toEqual(['topology', 'result'])
  })
})

describe('error', () => {
  test.each([
    ['NVIDIA_BINDING_NONCE_MISMATCH', () => ({ devices: edited({ reportData: new Uint8Array(32) }) })],
    [
      'NVIDIA_BINDING_NONCE_MISMATCH',
      async () => ({ cpuClaims: { ...(await input()).cpuClaims, reportData: REPORT_DATA.subarray(1) } }),
    ],
    ['NVIDIA_BINDING_DEVICE_DUPLICATE', () => ({ devices: [...claims, ...claims.slice(0, 1)] })],
    // The same GPU with other firmware: another attestation key, another ueid.
    [
      'NVIDIA_BINDING_DEVICE_DUPLICATE',
      () => ({ devices: edited({ platformId: claims[0]?.platformId ?? REPORT_DATA }) }),
    ],
    ['NVIDIA_BINDING_DEVICE_COUNT_MISMATCH', () => ({ declared: { gpus: 3, switches: 1 } })],
    ['NVIDIA_BINDING_DEVICE_COUNT_MISMATCH', () => ({ declared: { gpus: 2, switches: 0 } })],
    ['NVIDIA_BINDING_DRIVERS_DIFFER', () => ({ devices: edited({ driverVersion: '550.90.07' }) })],
    ['NVIDIA_BINDING_SIMULATION_MIXED', () => ({ devices: edited({ simulated: false }) })],
    ['NVIDIA_BINDING_TOPOLOGY_MISMATCH', () => ({ devices: edited({ switchPdis: [] }) })],
    [
      'NVIDIA_BINDING_TOPOLOGY_MISMATCH',
      () => ({ devices: edited({ switchPdis: ['0102030405060708', '11'.repeat(8)] }) }),
    ],
  ] as const)('%s', async (reasonCode, change) => {
    expect(await verifyGpuBinding(await input(await change()))).toMatchObject({ verdict: 'refused', reasonCode })
  })

  test('NVIDIA_BINDING_RESULT_NOT_EXTENDED: another result, or the same twice', async () => {
    const digest = await gpuResultDigest(nonce, claims)
    for (const eventDigests of [[BOOT_EVENT], [await gpuResultDigest(nonce, claims.slice(1))], [digest, digest]]) {
      let rtmr3: Uint8Array = new Uint8Array(48)
      for (const event of eventDigests) rtmr3 = await sha384(concat(rtmr3, event))
      const cpuClaims = { reportData: REPORT_DATA, simulated: true, measurements: { rtmr3 } }
      const result = { kind: 'rtmr3', eventDigests } as const
      expect(await verifyGpuBinding(await input({ cpuClaims, result }))).toMatchObject({
        reasonCode: 'NVIDIA_BINDING_RESULT_NOT_EXTENDED',
      })
    }
  })

  test('NVIDIA_BINDING_EVENT_LOG_MISMATCH: events that do not replay, and a TEE without RTMR3', async () => {
    const good = await input()
    const eventDigests = [await gpuResultDigest(nonce, claims)]
    for (const change of [
      { result: { kind: 'rtmr3', eventDigests } as const },
      { cpuClaims: { ...good.cpuClaims, measurements: {} } },
    ]) {
      expect(await verifyGpuBinding({ ...good, ...change })).toMatchObject({
        reasonCode: 'NVIDIA_BINDING_EVENT_LOG_MISMATCH',
      })
    }
  })
})
