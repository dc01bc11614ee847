import { createSimulatedGpu, type SimulatedGpuEvidence } from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { assertGpuAccepted, type GpuEvidence, readGpuEvidence } from './gpuEvidence.ts'

const AT = 1_780_000_000
const NONCE = new Uint8Array(32).fill(7)

let evidence: SimulatedGpuEvidence

beforeAll(async () => {
  evidence = await (await createSimulatedGpu({ now: AT })).issueEvidence(NONCE, AT)
})

const judge = (change: Partial<GpuEvidence> = {}, nonce = NONCE, at = AT, simulated = true) =>
  assertGpuAccepted({ ...evidence, ...change } as GpuEvidence, nonce, at, simulated)

describe('assertGpuAccepted', () => {
  test('default: a GPU that answers the nonce', async () => {
    expect(await judge()).toMatchObject({ simulated: true })
  })

  test.each<[string, () => Promise<unknown>, string]>([
    ['another nonce', () => judge({}, new Uint8Array(32)), 'NVIDIA_NONCE'],
    ['no manifest of the driver', () => judge({ driverRim: undefined }), 'NVIDIA_'],
    ['no OCSP responses', () => judge({ ocsp: [] }), 'NVIDIA_OCSP_MISSING'],
    ['old OCSP responses', () => judge({}, NONCE, AT + 3 * 86_400), 'NVIDIA_OCSP_EXPIRED'],
    ['a simulated root where none is configured', () => judge({}, NONCE, AT, false), 'NVIDIA_'],
  ])('error: NODE_GPU_REFUSED for %s', async (_, run, reason) => {
    const refused = run()
    await expect(refused).rejects.toMatchObject({ code: 'NODE_GPU_REFUSED' })
    await expect(refused).rejects.toThrow(reason)
  })
})

test('error: NODE_GPU_EVIDENCE_UNAVAILABLE for what is not in the documented form', () => {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const json = {
    report: text(evidence.report),
    certificates: evidence.certificates.map(text),
    vbiosRim: text(evidence.vbiosRim),
    ocsp: [],
    rimOcsp: [],
  }
  expect(readGpuEvidence(json, 'the source').report).toEqual(new Uint8Array(evidence.report))
  for (const wrong of [undefined, [], { ...json, report: 'no base64!' }, { ...json, certificates: [] }]) {
    expect(() => readGpuEvidence(wrong, 'the source')).toThrow(
      expect.objectContaining({ code: 'NODE_GPU_EVIDENCE_UNAVAILABLE' }),
    )
  }
})
