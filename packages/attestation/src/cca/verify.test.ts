import {
  cborArray,
  cborBytes,
  cborInteger,
  cborMap,
  cborNull,
  cborText,
  ccaWorkload,
  createCcaPlatform,
  generatePkiKey,
} from '@spartan/simulator'
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import { type CcaEvidenceInput, ccaEndorsementsFromJson, ccaEndorsementsToJson, parseCca } from './index.ts'
import { appraised, CHALLENGE, issue, judge, platform, platformClaim, realmClaim, reasonOf } from './test/ccaCase.ts'

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

  test('behavior: unknown claims are ignored, unprotected headers refused, longer heads inside claims are read', async () => {
    expect(await reasonOf(platformClaim('unknown', cborNull()))).toBe('accepted')
    expect(await reasonOf(realmClaim(1_234_567, cborArray(cborInteger(1))))).toBe('accepted')
    expect(await reasonOf({ unprotectedHeaders: new Map([[4, cborBytes(Uint8Array.of(1))]]) })).toBe(
      'CCA_PLATFORM_TOKEN_MALFORMED',
    )
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
    for (const members of [[], [44234], [44234, 7], [44234, 44241, 7]]) {
      const map = cborMap(new Map(members.map((label) => [label, cborBytes(good)])))
      const evidence = concat(Uint8Array.of(0xd9, 0x01, 0x8f), map)
      expect(await reasonOf({}, { evidence })).toBe('CCA_TOKEN_MALFORMED')
    }
    for (const member of [
      cborBytes(good),
      cborArray(cborInteger(264), cborBytes(good)),
      cborArray(cborText('263'), cborBytes(good)),
      cborArray(cborInteger(263), cborText('token')),
      cborArray(cborInteger(263)),
      cborArray(cborInteger(263), cborBytes(good), cborInteger(1)),
    ]) {
      const map = cborMap(new Map([44234, 44241].map((label) => [label, member])))
      const evidence = concat(Uint8Array.of(0xd9, 0x03, 0x8b), map)
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
    const rsa = { name: 'RSA-PSS', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' }
    const pair = await crypto.subtle.generateKey(rsa, true, ['sign', 'verify'])
    const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey))
    expect(await reasonOf({}, anchors({ publicKey: spki, simulated: true }))).toBe('CCA_TRUST_ANCHOR_MALFORMED')
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
