import { evidencePolicyFromJson, POLICY_PRESETS, presetPolicy } from '@spartan/attestation'
import { describe, expect, test } from 'vitest'
import { run } from './test/run.ts'

describe('spartan evidence policy', () => {
  test.each(POLICY_PRESETS)('default: %s is printed as a document that reads back', async (preset) => {
    const { code, out } = await run(['evidence', 'policy', preset])
    expect(code).toBe(0)
    expect(evidencePolicyFromJson(JSON.parse(out))).toEqual(presetPolicy(preset))
  })

  test('error: another name is usage', async () => {
    const { code, out } = await run(['evidence', 'policy', 'lenient'])
    expect([code, out]).toEqual([2, ''])
  })
})
