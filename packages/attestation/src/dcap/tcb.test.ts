import { describe, expect, test } from 'vitest'
import { converge, findSvnLevel } from './tcb.ts'

describe('converge', () => {
  test.each([
    ['UpToDate', 'UpToDate', 'UpToDate'],
    ['UpToDate', 'OutOfDate', 'OutOfDate'],
    ['SWHardeningNeeded', 'OutOfDate', 'OutOfDate'],
    ['ConfigurationNeeded', 'OutOfDate', 'OutOfDateConfigurationNeeded'],
    ['ConfigurationAndSWHardeningNeeded', 'OutOfDate', 'OutOfDateConfigurationNeeded'],
    ['OutOfDate', 'UpToDate', 'OutOfDate'],
    ['OutOfDateConfigurationNeeded', 'OutOfDate', 'OutOfDateConfigurationNeeded'],
    ['Revoked', 'UpToDate', 'Revoked'],
    ['UpToDate', 'Revoked', 'Revoked'],
  ] as const)('%s with a part that is %s is %s', (platform, part, expected) => {
    expect(converge(platform, part)).toBe(expected)
  })
})

describe('findSvnLevel', () => {
  const levels = [
    { isvSvn: 5, status: 'UpToDate', advisoryIds: [] },
    { isvSvn: 3, status: 'OutOfDate', advisoryIds: [] },
  ] as const

  test('gives the first level reached, or none', () => {
    expect([7, 5, 4, 3, 2].map((svn) => findSvnLevel(levels, svn)?.isvSvn)).toEqual([5, 5, 3, 3, undefined])
  })
})
