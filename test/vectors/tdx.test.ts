import {
  type AttestationResult,
  type TcbStatus,
  type TdxClaims,
  type TdxPolicy,
  vectorsTdxPolicy,
} from '@spartan/attestation'
import { dangerouslyVerifyTdxEvidence, type SkippableCheck } from '@spartan/attestation/unsafe'
import { describe, expect, test } from 'vitest'
import { DCAP_EARLIER_FAULTS, DCAP_VECTOR_REASONS } from './support/dcapReasons.ts'
import { type DcapVector, hasVectors, repairVector, tdxV4Vectors } from './support/dcapVectors.ts'

/** Checks that a vector cannot have: it carries no such endorsement. Named one by one, never implied. */
function missingEndorsements(endorsements: DcapVector['endorsements']): readonly SkippableCheck[] {
  const skip: SkippableCheck[] = []
  if (!endorsements.rootCaCrl) skip.push('root-crl')
  if (!endorsements.pckCrl) skip.push('pck-crl')
  if (!endorsements.tcbInfo) skip.push('tcb-info')
  if (!endorsements.qeIdentity) skip.push('qe-identity')
  return skip
}

/** The `vectors` preset with what the entry's own policy replaces. An unknown key fails the test. */
function policyOf(vector: DcapVector): TdxPolicy {
  const {
    accepted_tcb_statuses: statuses,
    min_tcb_evaluation_data_number: minTcbEvaluationNumber,
    require_sept_ve_disable: requireSeptVeDisable,
    allow_debug: allowDebug,
    ...unknown
  } = vector.expected.policy ?? {}
  expect(unknown, 'policy keys without a meaning here').toEqual({})
  return {
    ...vectorsTdxPolicy({ measurements: 'any', reportData: 'any' }),
    ...(Array.isArray(statuses) && { acceptedTcbStatuses: statuses as readonly TcbStatus[] }),
    ...(typeof minTcbEvaluationNumber === 'number' && { minTcbEvaluationNumber }),
    ...(requireSeptVeDisable === true && { septVeDisable: 'require' as const }),
    ...(allowDebug === true && { debug: 'accept' as const }),
  }
}

/** Judges a vector with exactly the endorsements it carries; what it lacks is skipped by name and listed as such. */
async function judge(vector: DcapVector): Promise<AttestationResult<TdxClaims>> {
  const { quote, endorsements, trustAnchors, at } = vector
  const dangerouslySkip = missingEndorsements(endorsements)
  const policy = policyOf(vector)
  const result = await dangerouslyVerifyTdxEvidence({ quote, endorsements, trustAnchors, at, policy, dangerouslySkip })
  for (const id of dangerouslySkip) {
    const outcome = result.checks.find((check) => check.id === id)
    expect(outcome?.status, `${id} is listed`).toBe('not-requested')
  }
  return result
}

describe.skipIf(!hasVectors)('TDX v4 vectors', () => {
  const vectors = tdxV4Vectors()

  test('there are as many as published', () => {
    expect(vectors.length).toBe(63)
  })

  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', async (_, vector) => {
    const result = await judge(vector)
    if (vector.expected.verdict === 'pass') {
      expect(result.verdict, result.verdict === 'refused' ? result.error.message : '').toBe('accepted')
      const status = vector.expected.tcb_status?.split(' ')[0]
      if (result.verdict === 'accepted' && status && vector.endorsements.tcbInfo)
        expect(result.claims.tcbStatus).toBe(status)
      return
    }
    const stated = DCAP_VECTOR_REASONS[vector.expected.reason ?? '']
    expect(stated, `no code for the stated reason: ${vector.expected.reason}`).toBeDefined()
    const earlier = DCAP_EARLIER_FAULTS[vector.id]
    expect(result).toMatchObject({ verdict: 'refused', reasonCode: earlier?.first ?? stated })
    if (!earlier) return
    const repaired = earlier.repair.reduce(repairVector, vector)
    expect(await judge(repaired)).toMatchObject({ verdict: 'refused', reasonCode: stated })
  })
})
