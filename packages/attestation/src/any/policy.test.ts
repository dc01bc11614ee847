import { BaseError } from '@spartan/errors'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  EVIDENCE_KINDS,
  evidencePolicyFromJson,
  evidencePolicyJsonSchema,
  MalformedEvidenceError,
  POLICY_PRESETS,
  presetPolicy,
  readEvidencePolicy,
  readPolicyFor,
  withExpected,
} from '../index.ts'

const bytes = (json: unknown) => new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json))
const problemOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error instanceof BaseError ? `${error.code} ${error.metaMessages.join(' ')}` : error
  }
  return 'read'
}

describe('evidence policy', () => {
  test.each(POLICY_PRESETS)('default: the preset %s is a complete document', (preset) => {
    const policy = presetPolicy(preset)
    expect(readEvidencePolicy(bytes(policy))).toEqual(policy)
    for (const kind of EVIDENCE_KINDS) {
      expect(policy[kind]).toMatchObject({ format: `spartan-${kind}-policy/1`, dangerouslySkip: [] })
      expect(readPolicyFor(kind, bytes(policy[kind]))).toEqual(policy[kind])
      expect(readPolicyFor(kind, bytes(policy))).toEqual(policy[kind])
    }
  })

  test('behavior: a kind can be refused', () => {
    const policy = { ...presetPolicy('strict'), sgx: 'refuse' }
    expect(readEvidencePolicy(bytes(policy)).sgx).toBe('refuse')
    expect(readPolicyFor('sgx', bytes(policy))).toBe('refuse')
  })

  const policy = presetPolicy('strict')
  const tdx: object = policy.tdx === 'refuse' ? {} : policy.tdx
  const snp: object = policy.snp === 'refuse' ? {} : policy.snp
  test.each<[string, unknown, string]>([
    ['no object', [], 'at policy, got []'],
    ['a missing kind', { ...policy, nitro: undefined }, 'at policy.nitro, got nothing'],
    ['an unknown kind', { ...policy, abacus: 'refuse' }, 'expected no such member at policy.abacus, got "refuse"'],
    ['another format', { ...policy, format: 'spartan-evidence-policy/2' }, 'at policy.format'],
    [
      'a missing field',
      { ...policy, tdx: { ...tdx, debug: undefined } },
      'expected "refuse" or "accept" at policy.tdx.debug, got nothing',
    ],
    ['an unknown field', { ...policy, tdx: { ...tdx, debugg: 'accept' } }, 'no such member at policy.tdx.debugg'],
    [
      'short hex',
      { ...policy, tdx: { ...tdx, reportData: { expected: 'aabb' } } },
      'expected 64 bytes in hex at policy.tdx.reportData.expected, got "aabb"',
    ],
    ['a number as text', { ...policy, snp: { ...snp, maxVmpl: '0' } }, 'from 0 to 3 at policy.snp.maxVmpl, got "0"'],
    ['a status that cannot be accepted', { ...policy, tdx: { ...tdx, acceptedTcbStatuses: ['Revoked'] } }, '[0]'],
    ['no reference', { ...policy, tdx: { ...tdx, measurements: { references: [] } } }, 'policy.tdx.measurements'],
    ['an unknown skip', { ...policy, snp: { ...snp, dangerouslySkip: ['chip'] } }, 'policy.snp.dangerouslySkip[0]'],
  ])('error: EVIDENCE_POLICY_MALFORMED for %s', (_, json, text) => {
    const problem = problemOf(() => readEvidencePolicy(bytes(json)))
    expect(problem).toContain('EVIDENCE_POLICY_MALFORMED')
    expect(problem).toContain(text)
  })

  test('error: a key that stands twice', () => {
    expect(problemOf(() => readEvidencePolicy(bytes('{"format":1,"format":2}')))).toContain('each key once')
  })

  test('error: EVIDENCE_POLICY_KIND_MISMATCH', () => {
    expect(problemOf(() => readPolicyFor('snp', bytes(policy.tdx)))).toContain('EVIDENCE_POLICY_KIND_MISMATCH')
  })

  test('property: a document without any one of its members is refused', () => {
    const paths = Object.entries(policy).flatMap(([kind, value]) =>
      typeof value === 'string' ? [[kind]] : Object.keys(value).map((field) => [kind, field]),
    )
    fc.assert(
      fc.property(fc.constantFrom(...paths), ([kind = '', field]) => {
        const copy = structuredClone(policy) as unknown as Record<string, Record<string, unknown>>
        const target = field === undefined ? copy : copy[kind]
        delete target?.[field ?? kind]
        expect(() => evidencePolicyFromJson(copy)).toThrow(MalformedEvidenceError)
      }),
    )
  })

  test('behavior: the schema demands the same members', () => {
    const schema = JSON.stringify(evidencePolicyJsonSchema())
    for (const field of Object.keys(tdx)) expect(schema).toContain(`"${field}"`)
    expect(schema).toContain('"additionalProperties":false')
  })
})

describe('withExpected', () => {
  const { tdx, cca, nitro, nvidia, snp, sgx } = presetPolicy('vectors')

  test('default: values go where the kind has them, and the document stays complete', () => {
    if ([tdx, cca, nitro, nvidia, snp, sgx].includes('refuse')) throw new Error('a preset refuses a kind')
    const policy = presetPolicy('vectors')
    const changed = {
      ...policy,
      tdx: withExpected('tdx', policy.tdx as Exclude<typeof tdx, 'refuse'>, {
        reportData: 'ab'.repeat(64),
        measurements: { mrTd: 'cd'.repeat(48) },
        platformIds: ['00'.repeat(16)],
      }),
      sgx: withExpected('sgx', policy.sgx as Exclude<typeof sgx, 'refuse'>, {
        measurements: { mrEnclave: 'cd'.repeat(32) },
      }),
      snp: withExpected('snp', policy.snp as Exclude<typeof snp, 'refuse'>, {
        snpMinTcb: { bootLoader: 4, tee: 0, snp: 24, microcode: 222, fmc: 0 },
        measurements: { measurement: 'ee'.repeat(48) },
      }),
      cca: withExpected('cca', policy.cca as Exclude<typeof cca, 'refuse'>, {
        reportData: '11'.repeat(64),
        measurements: { rim: '22'.repeat(32) },
      }),
      nvidia: withExpected('nvidia', policy.nvidia as Exclude<typeof nvidia, 'refuse'>, { nonce: '33'.repeat(32) }),
      nitro: withExpected('nitro', policy.nitro as Exclude<typeof nitro, 'refuse'>, {
        nonce: '44',
        measurements: { pcr0: '55'.repeat(48) },
      }),
    }
    expect(evidencePolicyFromJson(changed)).toMatchObject({
      tdx: { measurements: { references: [{ mrTd: 'cd'.repeat(48), rtmr0: 'any' }] } },
      snp: { minTcb: { Turin: { microcode: 222 } } },
      cca: { challenge: { expected: '11'.repeat(64) }, realms: [{ initialMeasurement: '22'.repeat(32) }] },
      nvidia: { nonce: { expected: '33'.repeat(32) } },
      nitro: { pcrs: [{ pcr0: '55'.repeat(48), pcr8: 'any' }] },
    })
  })

  test('behavior: no minimum TCB has to be written before an unknown status is accepted', () => {
    const strict = presetPolicy('strict').snp
    if (strict === 'refuse') throw new Error('refused')
    expect(strict.acceptedTcbStatuses).toEqual(['UpToDate'])
    expect(withExpected('snp', strict, { snpMinTcb: 'any' }).acceptedTcbStatuses).toContain('Unknown')
  })

  test.each([
    ['a nonce for TDX', () => withExpected('tdx', tdx as never, { nonce: 'aa' })],
    ['a measurement for NVIDIA', () => withExpected('nvidia', nvidia as never, { measurements: { block1: 'aa' } })],
    ['an unknown measurement', () => withExpected('snp', snp as never, { measurements: { mrTd: 'aa' } })],
    ['platform ids for Nitro', () => withExpected('nitro', nitro as never, { platformIds: ['aa'] })],
    ['a minimum TCB for TDX', () => withExpected('tdx', tdx as never, { snpMinTcb: 'any' })],
  ])('error: EVIDENCE_EXPECTATION_UNKNOWN for %s', (_, run) => {
    expect(problemOf(run)).toContain('EVIDENCE_EXPECTATION_UNKNOWN')
  })
})
