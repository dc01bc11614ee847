import { ccaSoftware, ccaWorkload } from '@spartan/simulator'
import { describe, expect, test } from 'vitest'
import { toHex } from '../internal/bytes.ts'
import { appraiseCca, parseCca, strictCcaPolicy, verifyCca } from './index.ts'
import { ANYTHING, appraised, CHALLENGE, issue, NOW, platform, reasonOf } from './test/ccaCase.ts'

describe('appraiseCca', () => {
  test('error: CCA_PROFILE_NOT_ACCEPTED', async () => {
    const { platforms, realms, personalizationValue, challenge } = ANYTHING
    const policy = strictCcaPolicy({ platforms, realms, personalizationValue, challenge })
    expect(await reasonOf({ profile: 'legacy' }, { policy })).toBe('CCA_PROFILE_NOT_ACCEPTED')
    expect(await reasonOf({ profile: '2023' }, { policy })).toBe('accepted')
  })

  test('error: CCA_LIFECYCLE_NOT_ACCEPTED', async () => {
    for (const lifecycle of [0, 0x10ff, 0x2000, 0x4000, 0x5001, 0x6000]) {
      expect(await reasonOf({ lifecycle })).toBe('CCA_LIFECYCLE_NOT_ACCEPTED')
    }
    expect(await reasonOf({ lifecycle: 0x30ff })).toBe('accepted')
    const debuggable = appraised({ acceptedLifecycles: ['recoverable-cca-platform-debug'] })
    expect(await reasonOf({ lifecycle: 0x5000 }, debuggable)).toBe('accepted')
  })

  test('error: CCA_PLATFORM_NOT_ACCEPTED', async () => {
    const [id, kind] = [toHex(platform.instanceId).toUpperCase(), `0x${toHex(platform.implementationId)}`]
    expect(await reasonOf({}, appraised({ allowedPlatformIds: [id], allowedImplementationIds: [kind] }))).toBe(
      'accepted',
    )
    for (const policy of [
      { allowedPlatformIds: [] },
      { deniedPlatformIds: [id] },
      { allowedPlatformIds: [id], deniedPlatformIds: [id] },
      { allowedImplementationIds: [] },
      { deniedImplementationIds: [kind] },
    ]) {
      expect(await reasonOf({}, appraised(policy))).toBe('CCA_PLATFORM_NOT_ACCEPTED')
    }
  })

  test('error: CCA_PLATFORM_MEASUREMENT_NOT_ACCEPTED', async () => {
    const softwareComponents = (await ccaSoftware()).map(({ type, measurement, signerId }) => ({
      type,
      measurement: toHex(measurement),
      version: 'any',
      signerId: toHex(signerId),
    }))
    const reference = {
      implementationId: toHex(platform.implementationId),
      configuration: 'cfcfcfcf',
      softwareComponents,
    }
    const [first, ...rest] = softwareComponents
    if (!first) throw new Error('no components')
    expect(await reasonOf({}, appraised({ platforms: [reference] }))).toBe('accepted')
    const reversed = { ...reference, softwareComponents: softwareComponents.toReversed() }
    expect(await reasonOf({}, appraised({ platforms: [reversed] }))).toBe('accepted')
    for (const platforms of [
      [],
      [{ ...reference, implementationId: '00'.repeat(32) }],
      [{ ...reference, configuration: '' }],
      [{ ...reference, softwareComponents: rest }],
      [{ ...reference, softwareComponents: [...softwareComponents, first] }],
      [{ ...reference, softwareComponents: [{ ...first, measurement: '00'.repeat(32) }, ...rest] }],
      [{ ...reference, softwareComponents: [{ ...first, signerId: '00'.repeat(32) }, ...rest] }],
      [{ ...reference, softwareComponents: [{ ...first, version: '1.0' }, ...rest] }],
      // As many as there are, all of them known, one left out.
      [{ ...reference, softwareComponents: [first, first, ...rest.slice(1)] }],
    ]) {
      expect(await reasonOf({}, appraised({ platforms }))).toBe('CCA_PLATFORM_MEASUREMENT_NOT_ACCEPTED')
    }
  })

  test('error: CCA_REALM_MEASUREMENT_NOT_ACCEPTED', async () => {
    const { rim, rem } = await ccaWorkload('workload')
    const [rem0 = '', rem1 = '', rem2 = '', rem3 = ''] = rem.map(toHex)
    const initialMeasurement = toHex(rim)
    const realm = { initialMeasurement, extensibleMeasurements: [rem0, rem1, rem2, rem3] } as const
    expect(await reasonOf({}, appraised({ realms: [realm] }))).toBe('accepted')
    const loose = { initialMeasurement, extensibleMeasurements: ['any', 'any', 'any', 'any'] } as const
    expect(await reasonOf({}, appraised({ realms: [loose] }))).toBe('accepted')
    for (const realms of [
      [],
      [{ ...realm, initialMeasurement: rem0 }],
      [{ ...realm, extensibleMeasurements: [rem0, rem1, rem2, rem0] as const }],
    ]) {
      expect(await reasonOf({}, appraised({ realms }))).toBe('CCA_REALM_MEASUREMENT_NOT_ACCEPTED')
    }
    expect(await reasonOf({ workload: 'other' }, appraised({ realms: [loose] }))).toBe(
      'CCA_REALM_MEASUREMENT_NOT_ACCEPTED',
    )
  })

  test('error: CCA_PERSONALIZATION_VALUE_MISMATCH, CCA_CHALLENGE_MISMATCH', async () => {
    const personalizationValue = new Uint8Array(64).fill(9)
    expect(
      await reasonOf({ personalizationValue }, appraised({ personalizationValue: { expected: '09'.repeat(64) } })),
    ).toBe('accepted')
    expect(await reasonOf({}, appraised({ personalizationValue: { expected: '09'.repeat(64) } }))).toBe(
      'CCA_PERSONALIZATION_VALUE_MISMATCH',
    )
    for (const expected of ['', '00'.repeat(64), toHex(CHALLENGE).slice(2)]) {
      expect(await reasonOf({}, appraised({ challenge: { expected } }))).toBe('CCA_CHALLENGE_MISMATCH')
    }
  })

  test('default: takes what verifyCca has verified', async () => {
    const verified = await verifyCca({
      evidence: parseCca(await issue()),
      at: NOW,
      trustAnchors: [platform.trustAnchor],
    })
    const result = await appraiseCca(verified, ANYTHING)
    expect(result).toMatchObject({ verdict: 'accepted' })
    expect(result.checks[0]).toMatchObject({ id: 'token-format', status: 'not-requested' })
  })
})
