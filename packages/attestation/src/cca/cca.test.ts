import {
  type CborKey,
  type CcaTokenOptions,
  type CcaTokenProfile,
  cborArray,
  cborBoolean,
  cborBytes,
  cborInteger,
  cborMap,
  cborNull,
  cborText,
  ccaSoftware,
  ccaWorkload,
  createCcaPlatform,
  encodeCoseKey,
  generatePkiKey,
  type SimulatedCcaPlatform,
} from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { concat, toHex } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import {
  appraiseCca,
  type CcaEvidenceInput,
  type CcaPolicy,
  ccaEndorsementsFromJson,
  ccaEndorsementsToJson,
  marketplaceCcaPolicy,
  parseCca,
  parseCcaPlatformClaims,
  strictCcaPolicy,
  verifyCca,
  verifyCcaEvidence,
} from './index.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const CHALLENGE = Uint8Array.from({ length: 64 }, (_, index) => index)
const ANYTHING = marketplaceCcaPolicy({
  platforms: 'any',
  realms: 'any',
  personalizationValue: 'any',
  challenge: 'any',
})

let platform: SimulatedCcaPlatform
beforeAll(async () => {
  platform = await createCcaPlatform()
})

const issue = (options: Partial<CcaTokenOptions> = {}) => platform.issueToken({ challenge: CHALLENGE, ...options })

const judge = async (options: Partial<CcaTokenOptions> = {}, change: Partial<CcaEvidenceInput> = {}) =>
  verifyCcaEvidence({
    evidence: await issue(options),
    at: NOW,
    trustAnchors: [platform.trustAnchor],
    policy: ANYTHING,
    ...change,
  })

const reasonOf = async (options: Partial<CcaTokenOptions>, change: Partial<CcaEvidenceInput> = {}) => {
  const result = await judge(options, change)
  return result.verdict === 'refused' ? result.reasonCode : 'accepted'
}

const appraised = (policy: Partial<CcaPolicy>) => ({ policy: { ...ANYTHING, ...policy } })
const platformClaim = (label: CborKey, value: Uint8Array | undefined): Partial<CcaTokenOptions> => ({
  changePlatform: (claims) => void (value ? claims.set(label, value) : claims.delete(label)),
})
const realmClaim = (label: CborKey, value: Uint8Array | undefined): Partial<CcaTokenOptions> => ({
  changeRealm: (claims) => void (value ? claims.set(label, value) : claims.delete(label)),
})

describe('verifyCcaEvidence', () => {
  test('default: accepts, with claims and every check listed in order', async () => {
    const { rim, rem } = await ccaWorkload('trend')
    const result = await judge(
      { workload: 'trend' },
      appraised({
        challenge: { expected: `0x${toHex(CHALLENGE)}` },
        personalizationValue: { expected: '00'.repeat(64) },
      }),
    )
    if (result.verdict === 'refused') throw result.error
    expect(result.claims).toMatchObject({
      tee: 'cca',
      simulated: true,
      trustTier: 'simulated',
      tcbStatus: 'Unknown',
      platformProfile: '2023',
      realmProfile: '2023',
      lifecycle: 'secured',
      hashAlgorithm: 'sha-256',
      endorsementAgeSeconds: undefined,
    })
    expect(result.claims.platformId).toEqual(platform.instanceId)
    expect(result.claims.reportData).toEqual(CHALLENGE)
    expect(result.claims.measurements).toEqual({ rim, rem0: rem[0], rem1: rem[1], rem2: rem[2], rem3: rem[3] })
    expect(result.claims.softwareComponents.map(({ type }) => type)).toEqual(['BL1', 'BL2', 'BL31', 'RMM'])
    const open = result.checks.filter(({ status }) => status !== 'done').map(({ id }) => id)
    expect(open).toEqual(['platform-measurement', 'realm-measurement'])
  })

  test.each([
    ['legacy', 'eat'],
    ['legacy', 'cmw'],
    ['2023', 'eat'],
    ['2024', 'eat'],
    ['2024', 'cmw'],
  ] as const)('behavior: profile %s in a collection %s', async (profile, collection) => {
    const result = await judge({ profile, collection })
    expect(result).toMatchObject({ verdict: 'accepted', claims: { platformProfile: profile, realmProfile: profile } })
  })

  test.each(['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521'] as const)('behavior: keys of %s', async (algorithm) => {
    const other = await createCcaPlatform({ algorithm })
    const evidence = await other.issueToken({
      challenge: CHALLENGE,
      realmAlgorithm: algorithm,
      realmKeyHash: 'sha-512',
    })
    expect(await judge({}, { evidence, trustAnchors: [other.trustAnchor] })).toMatchObject({ verdict: 'accepted' })
  })

  test('behavior: unknown claims and unprotected headers are ignored, longer heads inside claims are read', async () => {
    expect(await reasonOf(platformClaim('unknown', cborNull()))).toBe('accepted')
    expect(await reasonOf(realmClaim(1_234_567, cborArray(cborInteger(1))))).toBe('accepted')
    expect(await reasonOf({ unprotectedHeaders: new Map([[4, cborBytes(Uint8Array.of(1))]]) })).toBe('accepted')
    // 0x3000 in four bytes.
    expect(await reasonOf(platformClaim(2395, Uint8Array.of(0x1a, 0, 0, 0x30, 0)))).toBe('accepted')
  })

  test('behavior: the evidence id is the same for every framing and differs with the content', async () => {
    const evidence = await issue()
    const { platform: one, realm: two } = parseCca(evidence)
    const expected = await sha256(concat(await sha256(one.message.toBeSigned), await sha256(two.message.toBeSigned)))
    const result = await judge({}, { evidence })
    expect(result.verdict === 'accepted' && result.claims.evidenceId).toEqual(expected)
    const other = await judge()
    expect(other.verdict === 'accepted' && other.claims.evidenceId).not.toEqual(expected)
  })

  test('error: codes of the collection', async () => {
    const good = await issue()
    const wrongTag = Uint8Array.from(good)
    wrongTag[2] = 0x90
    expect(await reasonOf({}, { evidence: wrongTag })).toBe('CCA_COLLECTION_TAG_UNSUPPORTED')
    expect(await reasonOf({}, { evidence: concat(good, new Uint8Array(1)) })).toBe('CCA_TRAILING_BYTES')
    // CMW members under the tag of the EAT collection.
    const mixed = Uint8Array.from(good)
    mixed.set([0xd9, 0x01, 0x8f])
    expect(await reasonOf({}, { evidence: mixed })).toBe('CCA_TOKEN_MALFORMED')
    for (const members of [[], [44234], [44234, 44241, 7]]) {
      const map = cborMap(new Map(members.map((label) => [label, cborBytes(good)])))
      const evidence = concat(Uint8Array.of(0xd9, 0x01, 0x8f), map)
      expect(await reasonOf({}, { evidence })).toBe('CCA_TOKEN_MALFORMED')
    }
    expect(await reasonOf({}, { evidence: new Uint8Array() })).toBe('CCA_TOKEN_MALFORMED')
  })

  test('error: codes of the COSE messages', async () => {
    const header = (label: number, value: Uint8Array) => new Map([[label, value]])
    expect(await reasonOf({ protectedHeaders: header(1, cborInteger(-37)) })).toBe('CCA_ALGORITHM_UNSUPPORTED')
    const critical = new Map([...header(1, cborInteger(-35)), [2, cborArray(cborInteger(99))] as const])
    expect(await reasonOf({ protectedHeaders: critical })).toBe('CCA_CRITICAL_HEADER_UNSUPPORTED')
    expect(await reasonOf({ protectedHeaders: header(1, cborInteger(-7)) })).toBe('CCA_PLATFORM_TOKEN_MALFORMED')
  })

  test('error: CCA_PROFILE_UNSUPPORTED', async () => {
    expect(await reasonOf(platformClaim(265, cborText('tag:arm.com,2026:cca_platform#2.0.0')))).toBe(
      'CCA_PROFILE_UNSUPPORTED',
    )
    expect(await reasonOf(realmClaim(265, cborText('http://arm.com/CCA-SSD/1.0.0')))).toBe('CCA_PROFILE_UNSUPPORTED')
  })

  test.each([10, 256, 265, 2395, 2396, 2399, 2401, 2402])('error: platform claim %s missing', async (label) => {
    expect(await reasonOf(platformClaim(label, undefined))).toBe('CCA_PLATFORM_CLAIM_MISSING')
  })

  test.each([10, 44235, 44236, 44237, 44238, 44239, 44240])('error: realm claim %s missing', async (label) => {
    expect(await reasonOf(realmClaim(label, undefined))).toBe('CCA_REALM_CLAIM_MISSING')
  })

  test('error: claims that only the profile of 2024 demands', async () => {
    expect(await reasonOf({ profile: '2024', ...platformClaim(2394, undefined) })).toBe('CCA_PLATFORM_CLAIM_MISSING')
    expect(await reasonOf({ profile: '2024', ...realmClaim(44243, undefined) })).toBe('CCA_REALM_CLAIM_MISSING')
    expect(await reasonOf({ profile: '2024', ...realmClaim(44243, cborText('both')) })).toBe(
      'CCA_REALM_CLAIM_MALFORMED',
    )
    for (const [label, value] of [
      [2394, cborInteger(2)],
      [2403, cborBytes(new Uint8Array())],
      [2404, cborArray()],
      [2405, cborArray(cborInteger(1))],
      [2406, cborText('x')],
    ] as const) {
      expect(await reasonOf({ profile: '2024', ...platformClaim(label, value) })).toBe('CCA_PLATFORM_CLAIM_MALFORMED')
    }
  })

  test.each([
    [10, cborBytes(new Uint8Array(33))],
    [10, cborText('x'.repeat(32))],
    [256, cborBytes(new Uint8Array(33))],
    [256, cborBytes(Uint8Array.of(1, ...new Uint8Array(31)))],
    [265, cborInteger(1)],
    [2395, cborInteger(0x7000)],
    [2395, cborInteger(0x3100)],
    [2395, cborInteger(-1)],
    [2395, cborInteger(0x1_3000)],
    [2396, cborBytes(new Uint8Array(31))],
    [2399, cborArray()],
    [2399, cborArray(cborInteger(1))],
    [2400, cborInteger(1)],
    [2401, cborText('x')],
    [2402, cborNull()],
  ])('error: platform claim %s malformed', async (label, value) => {
    expect(await reasonOf(platformClaim(label, value))).toBe('CCA_PLATFORM_CLAIM_MALFORMED')
  })

  test.each([
    [10, cborBytes(new Uint8Array(63))],
    [44235, cborBytes(new Uint8Array(65))],
    [44236, cborInteger(-16)],
    [44237, cborText('key')],
    [44238, cborBytes(new Uint8Array(20))],
    [44239, cborArray(...[1, 2, 3].map(() => cborBytes(new Uint8Array(32))))],
    [44239, cborArray(...[1, 2, 3, 4].map(() => cborBytes(new Uint8Array(31))))],
    [44240, cborBytes(new Uint8Array(1))],
  ])('error: realm claim %s malformed', async (label, value) => {
    expect(await reasonOf(realmClaim(label, value))).toBe('CCA_REALM_CLAIM_MALFORMED')
  })

  test('error: a software component without measurement or signer, or with one of another size', async () => {
    const component = (entries: readonly (readonly [number, Uint8Array])[]) =>
      platformClaim(2399, cborArray(cborMap(new Map(entries))))
    const [measurement, signer] = [
      [2, cborBytes(new Uint8Array(32))] as const,
      [5, cborBytes(new Uint8Array(48))] as const,
    ]
    expect(await reasonOf(component([measurement, signer]))).toBe('accepted')
    expect(await reasonOf(component([measurement]))).toBe('CCA_PLATFORM_CLAIM_MISSING')
    expect(await reasonOf(component([signer]))).toBe('CCA_PLATFORM_CLAIM_MISSING')
    expect(await reasonOf(component([[2, cborBytes(new Uint8Array(20))], signer]))).toBe('CCA_PLATFORM_CLAIM_MALFORMED')
    expect(await reasonOf(component([measurement, signer, [1, cborInteger(1)]]))).toBe('CCA_PLATFORM_CLAIM_MALFORMED')
    const of2024 = (label: number, value: Uint8Array) =>
      reasonOf({ ...component([measurement, signer, [label, value]]), profile: '2024' })
    expect(await of2024(7, cborBoolean(true))).toBe('accepted')
    expect(await of2024(7, cborInteger(1))).toBe('CCA_PLATFORM_CLAIM_MALFORMED')
    expect(await of2024(8, cborArray(cborBytes(new Uint8Array(32))))).toBe('accepted')
    expect(await of2024(8, cborArray())).toBe('CCA_PLATFORM_CLAIM_MALFORMED')
  })

  test('error: devices and boot keys of the profile of 2024 in another form', async () => {
    const hash = cborBytes(new Uint8Array(32))
    type Entry = readonly [number, Uint8Array]
    const listed = (label: number, entries: readonly Entry[]) =>
      reasonOf({ profile: '2024', ...platformClaim(label, cborArray(cborMap(new Map(entries)))) })
    const device: readonly Entry[] = [
      [1, cborText('sha-256')],
      [2, hash],
      [3, hash],
      [4, cborBoolean(true)],
      [5, cborText('spdm-1.2.0')],
      [6, hash],
    ]
    const memory: readonly Entry[] = [...device, [7, cborText('cxl-type-3')]]
    const without = (entries: readonly Entry[], label: number) => entries.filter(([key]) => key !== label)
    const changed = (entries: readonly Entry[], label: number, value: Uint8Array): readonly Entry[] => [
      ...without(entries, label),
      [label, value],
    ]
    expect(await listed(2404, device)).toBe('accepted')
    expect(await listed(2404, without(device, 1))).toBe('accepted')
    expect(await listed(2404, [...memory, [8, cborInteger(2)]])).toBe('accepted')
    expect(await listed(2404, changed(without(device, 6), 5, cborText('other')))).toBe('accepted')
    for (const label of [2, 3, 4, 5, 6]) {
      expect(await listed(2404, without(device, label))).toBe('CCA_PLATFORM_CLAIM_MISSING')
    }
    expect(await listed(2404, memory)).toBe('CCA_PLATFORM_CLAIM_MISSING')
    for (const malformed of [
      changed(device, 1, cborInteger(1)),
      changed(device, 3, cborBytes(new Uint8Array(33))),
      changed(device, 4, cborInteger(1)),
      changed(device, 5, cborText('other')),
      changed(device, 6, cborBytes(new Uint8Array(20))),
      changed(device, 8, cborInteger(0)),
      changed(memory, 8, cborInteger(3)),
    ]) {
      expect(await listed(2404, malformed)).toBe('CCA_PLATFORM_CLAIM_MALFORMED')
    }
    const key: readonly Entry[] = [
      [1, cborText('CM')],
      [2, cborInteger(0)],
      [3, cborInteger(1)],
      [4, hash],
    ]
    expect(await listed(2405, key)).toBe('accepted')
    for (const label of [1, 2, 3, 4]) {
      expect(await listed(2405, without(key, label))).toBe('CCA_PLATFORM_CLAIM_MISSING')
    }
    expect(await listed(2405, changed(key, 1, cborText('')))).toBe('CCA_PLATFORM_CLAIM_MALFORMED')
    expect(await listed(2405, changed(key, 4, cborBytes(new Uint8Array(33))))).toBe('CCA_PLATFORM_CLAIM_MALFORMED')
  })

  test('error: CCA_RAK_HASH_UNSUPPORTED', async () => {
    for (const name of ['sha-1', 'SHA-256', 'constructor']) {
      expect(await reasonOf(realmClaim(44240, cborText(name)))).toBe('CCA_RAK_HASH_UNSUPPORTED')
    }
  })

  test('error: CCA_RAK_MALFORMED', async () => {
    const key = await generatePkiKey('ecdsa-p384')
    const [x, y] = [key.point.subarray(0, 48), key.point.subarray(48)]
    const coseKey = (...entries: readonly (readonly [number, Uint8Array])[]) =>
      realmClaim(44237, cborBytes(cborMap(new Map(entries))))
    const [type, curve] = [[1, cborInteger(2)] as const, [-1, cborInteger(2)] as const]
    const point = [[-2, cborBytes(x)] as const, [-3, cborBytes(y)] as const]
    // Well-formed, but not the bound key.
    expect(await reasonOf(coseKey(type, curve, ...point))).toBe('CCA_RAK_NOT_BOUND')
    for (const malformed of [
      coseKey([1, cborInteger(1)], curve, ...point),
      coseKey(type, [-1, cborInteger(8)], ...point),
      coseKey(type, [-1, cborInteger(1)], ...point),
      coseKey(type, curve, [-2, cborBytes(x)]),
      coseKey(type, curve, [-2, cborBytes(x)], [-3, cborBoolean(true)]),
      coseKey(type, curve, [-2, cborBytes(x.subarray(1))], [-3, cborBytes(y)]),
      coseKey(type, curve, ...point, [3, cborInteger(-7)]),
      coseKey(type, curve, ...point, [4, cborArray(cborInteger(1))]),
      realmClaim(44237, cborBytes(Uint8Array.of(4, ...key.point))),
      realmClaim(44237, cborBytes(concat(encodeCoseKey(key), new Uint8Array(1)))),
    ]) {
      expect(await reasonOf(malformed)).toBe('CCA_RAK_MALFORMED')
    }
    const compressed = cborBytes(Uint8Array.of(2, ...key.point))
    expect(await reasonOf({ profile: 'legacy', ...realmClaim(44237, compressed) })).toBe('CCA_RAK_MALFORMED')
  })

  test('error: codes of the trust anchor', async () => {
    const { trustAnchor } = platform
    const anchors = (...trustAnchors: readonly CcaEvidenceInput['trustAnchors'][number][]) => ({ trustAnchors })
    expect(await reasonOf({}, anchors())).toBe('CCA_TRUST_ANCHOR_MISSING')
    const elsewhere = { ...trustAnchor, instanceId: new Uint8Array(33) }
    expect(await reasonOf({}, anchors(elsewhere))).toBe('CCA_TRUST_ANCHOR_MISSING')
    const otherKind = { ...trustAnchor, implementationId: new Uint8Array(32) }
    expect(await reasonOf({}, anchors(otherKind))).toBe('CCA_TRUST_ANCHOR_MISSING')
    const { publicKey } = trustAnchor
    expect(await reasonOf({}, anchors({ publicKey, simulated: true }))).toBe('accepted')
    const offCurve = Uint8Array.from(publicKey)
    offCurve[offCurve.length - 1] = (offCurve.at(-1) ?? 0) ^ 1
    expect(await reasonOf({}, anchors({ publicKey: offCurve, simulated: true }))).toBe('CCA_TRUST_ANCHOR_MALFORMED')
    const cut = { publicKey: publicKey.subarray(1), simulated: true }
    expect(await reasonOf({}, anchors(cut))).toBe('CCA_TRUST_ANCHOR_MALFORMED')
    const small = await createCcaPlatform({ algorithm: 'ecdsa-p256' })
    const p256 = { publicKey: small.key.spki, simulated: true }
    expect(await reasonOf({}, anchors(p256))).toBe('CCA_TRUST_ANCHOR_CURVE_MISMATCH')
    const stranger = { publicKey: (await createCcaPlatform()).key.spki, simulated: true }
    expect(await reasonOf({}, anchors(stranger))).toBe('CCA_PLATFORM_SIGNATURE_INVALID')
    expect(await reasonOf({}, anchors(p256, stranger, trustAnchor))).toBe('accepted')
  })

  test('error: CCA_RAK_NOT_BOUND, CCA_REALM_SIGNATURE_INVALID', async () => {
    const wrong = platformClaim(10, cborBytes(new Uint8Array(32).fill(1)))
    expect(await reasonOf(wrong)).toBe('CCA_RAK_NOT_BOUND')
    // The right hash cut or lengthened is another value.
    expect(await reasonOf({ realmKeyHash: 'sha-512', ...platformClaim(10, cborBytes(new Uint8Array(32))) })).toBe(
      'CCA_RAK_NOT_BOUND',
    )
    const signRealmWith = await generatePkiKey('ecdsa-p384')
    expect(await reasonOf({ signRealmWith })).toBe('CCA_REALM_SIGNATURE_INVALID')
    // Algorithm and key on different curves.
    const otherCurve = await generatePkiKey('ecdsa-p256')
    expect(await reasonOf({ signRealmWith: otherCurve })).toBe('CCA_REALM_SIGNATURE_INVALID')
  })
})

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

describe('parseCcaPlatformClaims', () => {
  test('default: reads claims that nobody has signed', async () => {
    const profiles: readonly CcaTokenProfile[] = ['legacy', '2023', '2024']
    for (const profile of profiles) {
      const { message } = parseCca(await issue({ profile })).platform
      expect(parseCcaPlatformClaims(message.payload)).toMatchObject({ profile, lifecycleValue: 0x3000 })
    }
  })

  test('error: CCA_PLATFORM_TOKEN_MALFORMED for a key twice', () => {
    const twice = Uint8Array.of(0xa2, 0x0a, 0x00, 0x0a, 0x00)
    expect(() => parseCcaPlatformClaims(twice)).toThrow(
      expect.objectContaining({ code: 'CCA_PLATFORM_TOKEN_MALFORMED' }),
    )
  })
})

describe('endorsements', () => {
  test('default: nothing, both ways', () => {
    expect(ccaEndorsementsFromJson(ccaEndorsementsToJson({}))).toEqual({})
  })

  test('error: CCA_ENDORSEMENTS_MALFORMED', () => {
    for (const json of [undefined, null, [], { crls: [] }, 'x']) {
      const code = 'CCA_ENDORSEMENTS_MALFORMED'
      expect(() => ccaEndorsementsFromJson(json)).toThrow(expect.objectContaining({ code }))
    }
  })
})
