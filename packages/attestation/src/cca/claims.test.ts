import {
  type CcaTokenProfile,
  cborArray,
  cborBoolean,
  cborBytes,
  cborInteger,
  cborMap,
  cborNull,
  cborText,
  encodeCoseKey,
  generatePkiKey,
} from '@spartan/simulator'
import { describe, expect, test } from 'vitest'
import { concat } from '../internal/bytes.ts'
import { parseCca, parseCcaPlatformClaims, parseCcaRealmClaims } from './index.ts'
import { readRealmKey } from './realmKey.ts'
import { issue, platformClaim, realmClaim, reasonOf } from './test/ccaCase.ts'

describe('claims of a token', () => {
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
    // Before 2024 these labels had no meaning.
    expect(await reasonOf(component([measurement, signer, [7, cborInteger(1)], [8, cborArray()]]))).toBe('accepted')
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

  test('behavior: a COSE_Key may say its algorithm, its id and that it verifies', async () => {
    const key = await generatePkiKey('ecdsa-p384')
    const entries = new Map<number, Uint8Array>([
      [1, cborInteger(2)],
      [2, cborBytes(Uint8Array.of(1))],
      [3, cborInteger(-35)],
      [4, cborArray(cborInteger(1), cborInteger(2))],
      [-1, cborInteger(2)],
      [-2, cborBytes(key.point.subarray(0, 48))],
      [-3, cborBytes(key.point.subarray(48))],
    ])
    const read = readRealmKey({ profile: '2023', publicKey: cborMap(entries) })
    expect(read).toEqual({ type: 'ec', curve: 'P-384', point: key.point })
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
      realmClaim(44237, cborBytes(cborArray())),
    ]) {
      expect(await reasonOf(malformed)).toBe('CCA_RAK_MALFORMED')
    }
    const compressed = cborBytes(Uint8Array.of(2, ...key.point))
    expect(await reasonOf({ profile: 'legacy', ...realmClaim(44237, compressed) })).toBe('CCA_RAK_MALFORMED')
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

describe('parseCcaRealmClaims', () => {
  test('error: CCA_REALM_TOKEN_MALFORMED for a key twice', () => {
    const twice = Uint8Array.of(0xa2, 0x0a, 0x00, 0x0a, 0x00)
    expect(() => parseCcaRealmClaims(twice)).toThrow(expect.objectContaining({ code: 'CCA_REALM_TOKEN_MALFORMED' }))
  })
})
