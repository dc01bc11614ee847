import { PROVIDER_CHECKS } from '@spartan/sdk'
import { describe, expect, it } from 'vitest'
import type { Check } from '../ui/CheckList.tsx'
import { groupChecks } from './verificationGroups.ts'

const check = (id: string): Check => ({ id, title: id, status: 'done', values: {} })

describe('groupChecks', () => {
  it('default: every step of the SDK has a group of its own kind', () => {
    const groups = groupChecks(Object.keys(PROVIDER_CHECKS).map(check), [])
    expect(groups.map(({ title }) => title)).not.toContain('Other steps')
    expect(groups.flatMap(({ checks }) => checks)).toHaveLength(Object.keys(PROVIDER_CHECKS).length)
  })

  it('behavior: a step that no group names is shown, not dropped', () => {
    const groups = groupChecks([check('registered'), check('new-step')], [check('root'), check('newer-step')])
    expect(groups.map(({ title, checks }) => [title, checks.map(({ id }) => id)])).toEqual([
      ['The keys are the registered ones', ['registered']],
      ['Other steps', ['new-step']],
      ['Certificates and revocations', ['root']],
      ['Other steps inside the evidence', ['newer-step']],
    ])
  })
})
