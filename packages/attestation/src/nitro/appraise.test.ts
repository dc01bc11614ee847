import { cborBytes, cborMap, nitroPcrs } from '@spartan/simulator'
import { describe, expect, test } from 'vitest'
import { toHex } from '../internal/bytes.ts'
import { appraiseNitro, type NitroPcrReference, parseNitro, strictNitroPolicy, verifyNitro } from './index.ts'
import { ANYTHING, appraised, field, HOUR, NOW, reasonOf, root } from './test/nitroCase.ts'

describe('appraiseNitro', () => {
  test('error: NITRO_DEBUG_MODE', async () => {
    expect(await reasonOf({ debug: true })).toBe('NITRO_DEBUG_MODE')
    expect(await reasonOf({ debug: true }, appraised({ debug: 'accept' }))).toBe('accepted')
    const without = cborMap(new Map([[4, cborBytes(new Uint8Array(48).fill(1))]]))
    expect(await reasonOf(field('pcrs', without))).toBe('NITRO_DEBUG_MODE')
  })

  test('error: NITRO_DOCUMENT_NOT_YET_VALID, NITRO_DOCUMENT_TOO_OLD', async () => {
    const at = (seconds: number) => ({ timestampMs: (NOW + seconds) * 1000 })
    expect(await reasonOf(at(300))).toBe('accepted')
    expect(await reasonOf(at(301))).toBe('NITRO_DOCUMENT_NOT_YET_VALID')
    expect(await reasonOf(at(-3600))).toBe('accepted')
    expect(await reasonOf(at(-3601))).toBe('NITRO_DOCUMENT_TOO_OLD')
    expect(await reasonOf(at(-3601), appraised({ maxDocumentAgeSeconds: 'any' }))).toBe('accepted')
    const { pcrs, publicKey, userData, nonce } = ANYTHING
    const policy = strictNitroPolicy({ pcrs, publicKey, userData, nonce })
    expect(await reasonOf(at(-301), { policy })).toBe('NITRO_DOCUMENT_TOO_OLD')
  })

  test('error: NITRO_ENDORSEMENTS_TOO_OLD', async () => {
    expect(await reasonOf({}, appraised({ maxEndorsementAgeSeconds: HOUR }))).toBe('accepted')
    expect(await reasonOf({}, appraised({ maxEndorsementAgeSeconds: HOUR - 1 }))).toBe('NITRO_ENDORSEMENTS_TOO_OLD')
  })

  test('error: NITRO_PCRS_NOT_ACCEPTED', async () => {
    const values = await nitroPcrs('workload')
    const hex = (index: number) => toHex(values.get(index) ?? new Uint8Array())
    const loose: NitroPcrReference = {
      pcr0: hex(0),
      pcr1: 'any',
      pcr2: 'any',
      pcr3: 'any',
      pcr4: 'any',
      pcr8: 'any',
      others: {},
    }
    const exact = {
      ...loose,
      pcr1: hex(1),
      pcr2: hex(2),
      pcr3: hex(3),
      pcr4: hex(4),
      pcr8: `0x${hex(8).toUpperCase()}`,
    }
    expect(await reasonOf({}, appraised({ pcrs: [loose] }))).toBe('accepted')
    expect(await reasonOf({}, appraised({ pcrs: [{ ...exact, others: { 15: hex(15) } }] }))).toBe('accepted')
    for (const pcrs of [
      [],
      [{ ...loose, pcr0: hex(1) }],
      [{ ...loose, pcr8: hex(0) }],
      [{ ...loose, others: { 15: hex(0) } }],
      [{ ...loose, others: { 16: hex(15) } }],
      [{ ...loose, others: { PCR15: hex(15) } }],
    ]) {
      expect(await reasonOf({}, appraised({ pcrs }))).toBe('NITRO_PCRS_NOT_ACCEPTED')
    }
    expect(await reasonOf({ workload: 'other' }, appraised({ pcrs: [loose] }))).toBe('NITRO_PCRS_NOT_ACCEPTED')
  })

  test('error: codes of what the enclave put in', async () => {
    const value = Uint8Array.of(1, 2, 3)
    const expected = { expected: '010203' }
    const given = { publicKey: value, userData: value, nonce: value }
    expect(await reasonOf(given, appraised({ publicKey: expected, userData: expected, nonce: expected }))).toBe(
      'accepted',
    )
    for (const [name, code] of [
      ['publicKey', 'NITRO_PUBLIC_KEY_MISMATCH'],
      ['userData', 'NITRO_USER_DATA_MISMATCH'],
      ['nonce', 'NITRO_NONCE_MISMATCH'],
    ] as const) {
      expect(await reasonOf({}, appraised({ [name]: expected }))).toBe(code)
      expect(await reasonOf(given, appraised({ [name]: { expected: '' } }))).toBe(code)
      expect(await reasonOf({}, appraised({ [name]: { expected: '' } }))).toBe('accepted')
    }
  })

  test('default: takes what verifyNitro has verified', async () => {
    const verified = await verifyNitro({
      evidence: parseNitro(await root.issueDocument()),
      endorsements: await root.endorsements(),
      at: NOW,
      trustAnchors: [root.trustAnchor],
      dangerouslySkip: [],
    })
    const result = await appraiseNitro(verified, ANYTHING)
    expect(result).toMatchObject({ verdict: 'accepted' })
    expect(result.checks[0]).toMatchObject({ id: 'document-format', status: 'not-requested' })
  })

  test('error: what was verified for a policy that skips the CRLs', async () => {
    const verified = await verifyNitro({
      evidence: parseNitro(await root.issueDocument()),
      endorsements: {},
      at: NOW,
      trustAnchors: [root.trustAnchor],
      dangerouslySkip: ['crl'],
    })
    expect(await appraiseNitro(verified, ANYTHING)).toMatchObject({ reasonCode: 'NITRO_CRL_MISSING' })
    const skipping = await appraiseNitro(verified, { ...ANYTHING, dangerouslySkip: ['crl'] })
    expect(skipping).toMatchObject({ verdict: 'accepted' })
  })
})
