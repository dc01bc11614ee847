import { enumNumber, nvidiaMeasurement, TRUST_TIERS } from '@spartan/abi'
import { type Hex, keccak256, sha256 } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type GpuProvider, type GpuWorld, gpuWorld, OCSP_SECONDS } from '../support/gpuWorld.ts'
import { DRIVER_VERSION, type SimulatedNvidiaCase, VBIOS_VERSION } from '../support/nvidiaCase.ts'

/** Nobody in particular. */
const STRANGER = 5

let world: GpuWorld
let gpu: SimulatedNvidiaCase
beforeAll(async () => {
  world = await gpuWorld()
  gpu = await world.addGpu()
  await world.keep()
})
afterEach(() => world.reset())
afterAll(() => world.close())

/** Bytes of the boot ROM's key, which name the device. */
const platformIdOf = ({ device }: SimulatedNvidiaCase) =>
  keccak256(sha256(device.chain[1]?.key.spki ?? new Uint8Array()))
const gpusOf = ({ providerId }: GpuProvider) =>
  world.client.readContract({ ...world.registry, functionName: 'gpusOf', args: [providerId] })
const holderOf = (platformId: Hex) =>
  world.client.readContract({ ...world.registry, functionName: 'holderOf', args: [platformId] })
const invalidation = (evidence: Hex, provider = world.first) => ({
  ...world.registry,
  functionName: 'invalidateGpu',
  args: [provider.providerId, platformIdOf(gpu), evidence],
})

/** The same GPU after a change of firmware: another attestation key. */
const reflashed = async () => {
  const bootRom = gpu.device.chain[1]
  if (!bootRom) throw new Error('no boot ROM')
  return world.addGpu({ bootRom })
}

describe('bindGpu', () => {
  test('keeps what the GPU has signed, for as long as its endorsements last', async () => {
    const { evidence, gasUsed } = await world.bind(world.first, gpu)
    const [bound, ...more] = await gpusOf(world.first)
    expect(more).toEqual([])
    expect(bound).toMatchObject({
      platformId: platformIdOf(gpu),
      measurement: nvidiaMeasurement({
        chip: 'GH100',
        driverVersion: DRIVER_VERSION,
        vbiosVersion: VBIOS_VERSION,
        mode: undefined,
        protectedPcie: false,
      }),
      evidenceHash: keccak256(evidence),
      tier: enumNumber(TRUST_TIERS, 'Simulated'),
      simulated: true,
    })
    const { timestamp } = await world.client.getBlock()
    expect(bound?.validUntil).toBeLessThan(Number(timestamp) + OCSP_SECONDS)
    expect(await holderOf(platformIdOf(gpu))).toBe(world.first.providerId)
    expect(gasUsed).toBeLessThan(2_400_000n)
  })

  test('the same GPU with other firmware is the same GPU', async () => {
    await world.bind(world.first, gpu)
    const other = await reflashed()
    expect(await world.bindRefusal(world.second, other)).toBe('REGISTRY_PLATFORM_IN_USE')
    await world.bind(world.first, other)
    expect(await gpusOf(world.first)).toHaveLength(1)
  })

  test('refuses an answer to another provider’s challenge, and to none that is fresh', async () => {
    const { first, second } = world
    expect(await world.bindRefusal(first, gpu, { answersTo: second })).toBe('REGISTRY_GPU_NOT_BOUND')
    const { call } = await world.bindCall(first, gpu)
    expect(await world.refusal(first.sender, call)).toBeUndefined()
    await world.test.mine({ blocks: 257 })
    expect(await world.refusal(first.sender, call)).toBe('REGISTRY_CHALLENGE_STALE')
  })

  test('refuses a report with one byte changed, wherever it is', async () => {
    for (const [place, code] of [
      // Nonce, a measurement, the end of the opaque fields, the signature.
      [10, 'NVIDIA_REPORT_SIGNATURE_INVALID'],
      [120, 'NVIDIA_REPORT_SIGNATURE_INVALID'],
      [gpu.report.length - 97, 'NVIDIA_REPORT_SIGNATURE_INVALID'],
      [gpu.report.length - 1, 'NVIDIA_REPORT_SIGNATURE_INVALID'],
      [0, 'NVIDIA_REPORT_VERSION_UNSUPPORTED'],
    ] as const) {
      const editReport = (report: Uint8Array) => {
        report[place] = (report[place] ?? 0) ^ 1
      }
      expect(await world.bindRefusal(world.first, gpu, { editReport }), `${place}`).toBe(code)
    }
  })

  test('refuses what the guest’s receipt key has not signed, and a stranger', async () => {
    const { first, second } = world
    const possessionKey = second.receiptKey
    expect(await world.bindRefusal(first, gpu, { possessionKey })).toBe('REGISTRY_POSSESSION_NOT_PROVEN')
    const { call } = await world.bindCall(first, gpu)
    expect(await world.refusal(STRANGER, call)).toBe('REGISTRY_CALLER_NOT_ALLOWED')
  })

  test('refuses a GPU that another provider has, until that record has ended', async () => {
    await world.bind(world.second, gpu)
    expect(await world.bindRefusal(world.first, gpu)).toBe('REGISTRY_PLATFORM_IN_USE')
    const args = [world.second.providerId]
    await world.actor(world.second.sender).send({ ...world.registry, functionName: 'revoke', args })
    expect(await world.bindRefusal(world.first, gpu)).toBeUndefined()
  })

  test('refuses a driver below the floor and a switch', async () => {
    const old = await world.addGpu({ driverVersion: '535.86.09', withoutReportFwid: true })
    expect(await world.bindRefusal(world.first, old)).toBe('NVIDIA_DRIVER_VERSION_NOT_ACCEPTED')
    const nvSwitch = await world.addGpu({ chip: 'LS_10' })
    expect(await world.bindRefusal(world.first, nvSwitch)).toBe('NVIDIA_PRODUCT_NOT_ACCEPTED')
  })
})

describe('a bound GPU', () => {
  test('lets its provider serve an asset that needs one, at the least tier of both', async () => {
    const asset = await world.listGpuAsset(4)
    expect(await asset.objection(world.first)).toBe('REGISTRY_GPU_MISSING')
    await world.bind(world.first, gpu)
    expect(await asset.objection(world.first)).toBeUndefined()
    expect(await asset.objection(world.second)).toBe('REGISTRY_GPU_MISSING')
    await asset.setMinimumTier('Simulated')
    expect(await asset.objection(world.first)).toBeUndefined()
    await asset.setMinimumTier('Low')
    expect(await asset.objection(world.first)).toBe('ASSET_TIER_TOO_LOW')
  })

  test('is ended by anyone once NVIDIA has revoked it, and by nobody before', async () => {
    const asset = await world.listGpuAsset(4)
    const other = await reflashed()
    const { evidence } = await world.bind(world.first, gpu)
    const call = invalidation(evidence)
    expect(await world.refusal(STRANGER, call)).toBe('REGISTRY_EVIDENCE_STILL_VALID')
    await world.answerForBootRom(gpu, 'good')
    expect(await world.refusal(STRANGER, call)).toBe('REGISTRY_EVIDENCE_STILL_VALID')
    await world.travel(60n)
    await world.answerForBootRom(gpu, 'revoked')
    const again = await world.bindCall(world.first, gpu)
    expect(await world.refusal(STRANGER, invalidation(again.evidence))).toBe('REGISTRY_EVIDENCE_UNKNOWN')
    expect(await world.refusal(world.first.sender, again.call)).toBe('NVIDIA_CERTIFICATE_REVOKED')
    await world.actor(STRANGER).send(call)
    expect(await asset.objection(world.first)).toBe('REGISTRY_GPU_EXPIRED')
    expect(await world.refusal(STRANGER, call)).toBe('REGISTRY_GPU_EXPIRED')
    // Other firmware of the revoked device is no way around it.
    expect(await world.bindRefusal(world.first, other)).toBe('NVIDIA_CERTIFICATE_REVOKED')
  })

  test('ends with its OCSP answers, which is nobody’s fault', async () => {
    const asset = await world.listGpuAsset(4)
    const { evidence } = await world.bind(world.first, gpu)
    await world.travel(BigInt(OCSP_SECONDS))
    expect(await asset.objection(world.first)).toBe('REGISTRY_GPU_EXPIRED')
    expect(await world.bindRefusal(world.first, gpu)).toBe('NVIDIA_OCSP_EXPIRED')
    expect(await world.refusal(STRANGER, invalidation(evidence))).toBe('REGISTRY_GPU_EXPIRED')
  })
})
