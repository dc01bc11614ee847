import { describe, expect, test } from 'vitest'
import type { ActiveKeyset } from './keysets.ts'
import type { ProviderRecord } from './ports.ts'
import { nextStep, type Standing } from './renewal.ts'

const DAY = 86_400
const digest = `0x${'11'.repeat(32)}` as const
const record = {
  keysetDigest: digest,
  registeredAt: 0,
  attestedAt: 0,
  platformId: `0x${'33'.repeat(32)}`,
  activeUntil: 7 * DAY,
  validUntil: 7 * DAY,
  notAfter: 28 * DAY,
} as ProviderRecord
const fresh: Standing = {
  active: { digest } as ActiveKeyset,
  record,
  objections: [],
  newKeys: false,
  now: 0,
  seenAt: 0,
  renewBeforeSeconds: DAY,
  renewEverySeconds: 90 * DAY,
}
const step = (change: Partial<Standing>) => nextStep({ ...fresh, ...change })
const ending = (change: Partial<ProviderRecord>) => ({ record: { ...record, ...change } })

describe('nextStep', () => {
  test('nothing while the result lasts', () => {
    expect(step({})).toBe('nothing')
    expect(step({ now: 6 * DAY - 1 })).toBe('nothing')
  })
  test('renews a day before the end', () => {
    expect(step({ now: 6 * DAY })).toBe('renew')
    expect(step({ now: 8 * DAY })).toBe('renew')
  })
  test('renews a short life in its last quarter, however often it was renewed before', () => {
    const short = { ...ending({ activeUntil: 20 * DAY + 400 }), seenAt: 20 * DAY }
    expect(step({ ...short, now: 20 * DAY + 299 })).toBe('nothing')
    expect(step({ ...short, now: 20 * DAY + 300 })).toBe('renew')
  })
  test('renews while the claim to its machine keeps others off it', () => {
    const daily = { renewEverySeconds: 20 * 3_600, ...ending({ attestedAt: DAY }) }
    expect(step({ ...daily, now: DAY + 20 * 3_600 - 1 })).toBe('nothing')
    expect(step({ ...daily, now: DAY + 20 * 3_600 })).toBe('renew')
    const nameless = ending({ attestedAt: DAY, platformId: `0x${'00'.repeat(32)}` })
    expect(step({ ...daily, ...nameless, now: 3 * DAY })).toBe('nothing')
  })
  test('renews at once when the result was cut short', () => {
    expect(step({ ...ending({ activeUntil: 1000 }), seenAt: 1000, now: 1000 })).toBe('renew')
  })
  test('makes new keys before the keys end, rather than renewing', () => {
    const last = ending({ activeUntil: 28 * DAY })
    expect(step({ ...last, seenAt: 21 * DAY, now: 27 * DAY - 1 })).toBe('nothing')
    expect(step({ ...last, seenAt: 21 * DAY, now: 27 * DAY })).toBe('register')
  })
  test.each<[string, Partial<Standing>]>([
    ['there are none', { active: undefined }],
    ['they were asked for', { newKeys: true }],
    ['the registry has others', ending({ keysetDigest: `0x${'22'.repeat(32)}` })],
    ['the result has ended', { objections: ['REGISTRY_PROVIDER_EXPIRED'], now: 8 * DAY }],
  ])('makes new keys when %s', (_, change) => {
    expect(step(change)).toBe('register')
  })
  test.each(['REGISTRY_PROVIDER_REVOKED', 'NODE_CHAIN_UNREACHABLE'] as const)('waits: %s', (objection) => {
    expect(step({ objections: [objection], now: 8 * DAY })).toBe('nothing')
  })
})
