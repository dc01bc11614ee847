import { describe, expect, test } from 'vitest'
import { REASON_TABLES } from './reasons.ts'
import { matchReason } from './rules.ts'

const rows = Object.entries(REASON_TABLES).flatMap(([family, table]) =>
  Object.entries(table.texts).map(([reason, code]) => [family, reason, code, table] as const),
)

describe('stated reasons', () => {
  test.each(rows)('%s: the rules read "%s" as the table does', (_, reason, code, { rules }) => {
    expect(matchReason({ texts: {}, rules }, reason, code)).toBe('stated')
  })

  test('behavior: a known text means one code, and an unknown one nothing', () => {
    const table = { texts: { 'TD debug': 'DCAP_TD_DEBUG' }, rules: [[/debug/, ['DCAP_ENCLAVE_DEBUG']]] } as const
    expect(matchReason(table, 'TD debug', 'DCAP_TD_DEBUG')).toBe('stated')
    expect(matchReason(table, 'TD debug', 'DCAP_ENCLAVE_DEBUG')).toBe('other')
    expect(matchReason(table, 'enclave debug', 'DCAP_ENCLAVE_DEBUG')).toBe('stated')
    expect(matchReason(table, 'something else', 'DCAP_TD_DEBUG')).toBe('unreviewed')
  })
})
