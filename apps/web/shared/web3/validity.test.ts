import { expect, test } from 'vitest'
import { validityOf } from './validity.ts'

const DAY = 86_400
const ends = { activeUntil: 7 * DAY, validUntil: 9 * DAY }

test.each([
  [0, 'valid for 7 days', 'good'],
  [6 * DAY, 'valid for 1 day', 'good'],
  [6 * DAY + 1, 'valid for 23 hours', 'warn'],
  [7 * DAY, 'valid for 0 seconds', 'warn'],
  [7 * DAY + 1, 'in grace, 1 day left', 'warn'],
  [9 * DAY, 'in grace, 0 seconds left', 'warn'],
  [9 * DAY + 7200, 'ended 2 hours ago', 'bad'],
])('at %i: %s', (now, text, tone) => {
  expect(validityOf(ends, now)).toEqual({ text, tone })
})
