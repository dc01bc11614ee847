import { expect, test } from 'vitest'
import { nextStepFor, type Situation, spanText } from './statusText.ts'

const DAY = 86_400

test.each([
  [6 * DAY + 5, 'for 6 days'],
  [DAY, 'for 1 day'],
  [7200, 'for 2 hours'],
  [59, 'for 59 seconds'],
  [-3700, '1 hour ago'],
])('spanText(%i): %s', (seconds, text) => {
  expect(spanText(seconds)).toBe(text)
})

const well: Situation = {
  status: 'Active',
  record: { activeUntil: 6 * DAY, validUntil: 9 * DAY },
  objection: undefined,
  running: true,
  reasons: [],
  now: 0,
}

test.each<[string, Partial<Situation>, RegExp]>([
  ['all is well', {}, /^Nothing: the node renews/],
  ['the result ends soon', { now: 6 * DAY - 3600 }, /node renew/],
  ['the node is down', { running: false }, /node serve/],
  ['in grace', { status: 'Grace' }, /node renew/],
  ['in grace and down', { status: 'Grace', running: false }, /node serve/],
  ['expired', { status: 'Expired' }, /node register/],
  ['never registered', { status: 'None', record: undefined, running: false }, /doctor/],
  ['the key is not released', { reasons: ['NODE_ASSET_KEY_NOT_RELEASED'] }, /broker/],
  ['the asset asks for more', { objection: 'ASSET_TIER_TOO_LOW' }, /./],
])('next step when %s', (_, change, expected) => {
  expect(nextStepFor({ ...well, ...change })).toMatch(expected)
})
