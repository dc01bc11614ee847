import {
  type AttestationResult,
  compareMeasurements,
  gpuNonce,
  type NvidiaClaims,
  type NvidiaSkippable,
  nvidiaRimIds,
  pairRims,
  parseNvidiaEvidence,
  type RimMeasurement,
  vectorsNvidiaPolicy,
  verifyGpuBinding,
  verifyNvidiaEvidence,
  verifyRim,
} from '@spartan/attestation'
import { BaseError } from '@spartan/errors'
import { describe, expect, test } from 'vitest'
import { NVIDIA_VECTOR_REASONS } from '../../apps/node/src/commands/evidence/vectors/reasons/nvidia.ts'
import { hasVectors } from './support/manifest.ts'
import { comparedRims, type NvidiaVector, nvidiaVectors } from './support/nvidiaVectors.ts'

const hex = (bytes: Uint8Array | undefined) => (bytes ? Buffer.from(bytes).toString('hex') : undefined)

/** Judges evidence with these manifests; what no entry carries is skipped by name and listed as such. */
async function judge(vector: NvidiaVector, rims: readonly Uint8Array[]): Promise<AttestationResult<NvidiaClaims>> {
  expect(vector.expected.policy ?? {}, 'policy keys without a meaning here').toEqual({})
  const { evidence, at, trustAnchors, expected } = vector
  if (!evidence) throw new Error('no evidence')
  // No entry carries OCSP responses; a manifest is given for one part of the firmware or for none.
  const dangerouslySkip: NvidiaSkippable[] = ['ocsp', 'driver-rim', 'vbios-rim', 'rim-ocsp']
  const nonce = expected.nonce ? { expected: expected.nonce } : ('any' as const)
  const policy = { ...vectorsNvidiaPolicy({ nonce }), dangerouslySkip }
  const result = await verifyNvidiaEvidence({ evidence, endorsements: { rims }, at, trustAnchors, policy })
  for (const id of rims.length === 0 ? dangerouslySkip : ['ocsp', 'rim-ocsp']) {
    expect(result.checks.find((check) => check.id === id)?.status, `${id} is listed`).toBe('not-requested')
  }
  return result
}

function statedCode({ expected }: NvidiaVector) {
  const code = NVIDIA_VECTOR_REASONS[expected.reason ?? '']
  expect(code, `no code for the stated reason: ${expected.reason}`).toBeDefined()
  return code
}

/** A negative that only a manifest shows is judged with the authentic ones among those it names. */
async function rimsOfNegative(vector: NvidiaVector, all: readonly NvidiaVector[]): Promise<readonly Uint8Array[]> {
  const { usable, unusable } = await pairRims(comparedRims(vector, all), vector)
  for (const { error } of unusable) expect(error).toBeInstanceOf(BaseError)
  return usable.map(({ document }) => document)
}

describe.skipIf(!hasVectors)('NVIDIA vectors', () => {
  const vectors = nvidiaVectors()
  const evidence = vectors.filter((vector) => vector.evidence)
  const manifests = vectors.filter((vector) => vector.rim)

  test('there are as many as published', () => {
    expect([evidence.length, manifests.length]).toEqual([24, 24])
  })

  test.each(evidence.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const isNegative = vector.expected.verdict === 'fail'
    const result = await judge(vector, isNegative ? await rimsOfNegative(vector, vectors) : [])
    if (isNegative) {
      expect(result).toMatchObject({ verdict: 'refused', reasonCode: statedCode(vector) })
      return
    }
    expect(result.verdict, result.verdict === 'refused' ? result.error.message : '').toBe('accepted')
    if (result.verdict === 'accepted') expectFields(vector, result.claims)
  })

  test.each(manifests.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const { rim, at, trustAnchors, expected } = vector
    if (!rim) return
    const input = { document: rim, trustAnchors, ocsp: [], revocation: 'dangerouslySkip' } as const
    const verified = verifyRim({ ...input, at })
    if (expected.verdict === 'pass') {
      const { content } = await verified
      expect(content).toMatchObject({ version: expected.fields.colloquialVersion, product: expected.fields.product })
      expect(content.measurements).toHaveLength(Number(expected.fields.total_measurements))
      expect(content.measurements.filter(({ active }) => active)).toHaveLength(
        Number(expected.fields.active_measurements),
      )
      return
    }
    const code = statedCode(vector)
    if (code !== 'NVIDIA_MEASUREMENT_MISMATCH') {
      await expect(verified).rejects.toMatchObject({ code })
      return
    }
    // Genuine by itself: the evidence that names it must be refused with it.
    await verified
    const partners = evidence.filter(({ expected: partner }) => {
      return partner.verdict === 'fail' && vector.name in (partner.fields.rim_comparison ?? {})
    })
    expect(partners.length).toBeGreaterThan(0)
    for (const partner of partners)
      expect(await judge(partner, [rim])).toMatchObject({ verdict: 'refused', reasonCode: code })
  })

  test('a manifest signer is expired one second after its last', async () => {
    const vector = manifests.find(({ name }) => name.endsWith('570.124.03-expired'))
    if (!vector?.rim) throw new Error('no such entry')
    const { rim: document, at, trustAnchors } = vector
    const verified = verifyRim({ document, at: at + 1, trustAnchors, ocsp: [], revocation: 'dangerouslySkip' })
    await expect(verified).rejects.toMatchObject({ code: 'NVIDIA_RIM_CERTIFICATE_EXPIRED' })
  })

  test('devices of one machine: two GPUs are two, one switch four times is one', async () => {
    const named = async (...names: readonly string[]) => {
      const found = evidence.filter(({ name }) => names.some((start) => name.startsWith(start)))
      const results = await Promise.all(found.map((vector) => judge(vector, [])))
      const nonce = await gpuNonce(new Uint8Array(64))
      // Their nonces were chosen by somebody else; everything else is as the devices signed it.
      return results.flatMap((result) =>
        result.verdict === 'accepted' ? [{ ...result.claims, reportData: nonce }] : [],
      )
    }
    const cpuClaims = { reportData: new Uint8Array(64), simulated: false, measurements: {} }
    const rest = { cpuClaims, topology: 'any', result: { kind: 'nonce-only' } } as const
    const gpus = await named('h100-multi-gpu-')
    const switches = await named('nvswitch-ls10-multi-')
    expect([gpus.length, switches.length]).toEqual([2, 4])
    expect(await verifyGpuBinding({ ...rest, devices: gpus, declared: { gpus: 2, switches: 0 } })).toMatchObject({
      verdict: 'accepted',
      driverVersion: '590.12',
    })
    expect(await verifyGpuBinding({ ...rest, devices: switches, declared: { gpus: 0, switches: 4 } })).toMatchObject({
      reasonCode: 'NVIDIA_BINDING_DEVICE_DUPLICATE',
    })
  })

  test('every comparison of the manifest of vectors comes out the same', async () => {
    let compared = 0
    for (const vector of evidence) {
      for (const { name } of comparedRims(vector, vectors)) {
        const stated = vector.expected.fields.rim_comparison?.[name]
        const values = await rimValues(manifests.find((manifest) => manifest.name === name))
        if (!stated || !values || !vector.evidence) continue
        const { report, opaque } = parseNvidiaEvidence(vector.evidence)
        // The stated lists were made without the rule for NVDEC0.
        const { mismatched } = compareMeasurements({ measurements: report.measurements, nvdec0Enabled: true }, [values])
        expect(mismatched, `${vector.name} with ${name}`).toEqual(stated.mismatched_indexes)
        expect(opaque.nvdec0Enabled, 'switches have no NVDEC').toBe(
          vector.name.startsWith('nvswitch') ? undefined : false,
        )
        compared++
      }
    }
    expect(compared).toBeGreaterThanOrEqual(4)
  })
})

/** Values of a manifest that is authentic at its own time; undefined of an edited one. */
async function rimValues(vector: NvidiaVector | undefined): Promise<readonly RimMeasurement[] | undefined> {
  if (!vector?.rim) return undefined
  const { name, rim: document, at, trustAnchors } = vector
  const { usable } = await pairRims([{ name, document }], { at, trustAnchors })
  if (usable.length === 0) return undefined
  const rim = await verifyRim({ document, at, trustAnchors, ocsp: [], revocation: 'dangerouslySkip' })
  return rim.content.measurements
}

function expectFields({ evidence, expected, name }: NvidiaVector, claims: NvidiaClaims): void {
  const { fields } = expected
  expect(claims.ueid).toBe(fields.ueid_leaf_serial)
  expect(hex(claims.reportData)).toBe(fields.nonce_in_request)
  expect(String(fields.hwmodel_cn)).toContain(`CN=${claims.hardwareModel}`)
  expect(claims.driverVersion ?? null).toBe(fields.driver_version)
  expect(Object.keys(claims.measurements)).toHaveLength(Number(fields.n_measurement_blocks))
  for (const [index, value] of Object.entries(fields.measurements as Record<string, string>)) {
    expect(hex(claims.measurements[`block${index}`])).toBe(value)
  }
  if (!evidence) return
  const parsed = parseNvidiaEvidence(evidence)
  expect(parsed.report.paddingBytes).toBe(fields.trailing_bytes_after_signature)
  expect(hex(parsed.opaque.fwid) ?? null).toBe(fields.fwid ?? null)
  if (name.startsWith('nvswitch')) {
    // The manifest of the vectors decodes the switch's text version as if it were a GPU's binary one.
    expect(claims.vbiosVersion).toBe('96.10.55.00.01')
    expect(nvidiaRimIds(parsed).vbios).toBe('NV_SWITCH_BIOS_5612_0002_890_9610550001')
    return
  }
  expect(claims.vbiosVersion).toBe(fields.vbios_version)
  expect(nvidiaRimIds(parsed).vbios).toBe(fields.vbios_rim_id)
}
