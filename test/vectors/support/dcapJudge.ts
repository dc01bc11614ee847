/** Judges a vector of Intel's TEEs as published, and compares with what it must give. */
import { type AttestationResult, type CommonClaims, verifySgxEvidence, verifyTdxEvidence } from '@spartan/attestation'
import { expect } from 'vitest'
import { DCAP_VECTOR_REASONS } from '../../../apps/node/src/commands/evidence/vectors/reasons/dcap.ts'
import { missingEndorsements, sgxPolicyOf, tdxPolicyOf } from './dcapPolicy.ts'
import { DCAP_EARLIER_FAULTS } from './dcapReasons.ts'
import { type DcapVector, repairVector } from './dcapVectors.ts'

/** Judges a vector with exactly the endorsements it carries; what it lacks is skipped by name and listed as such. */
export async function judgeVector(vector: DcapVector): Promise<AttestationResult<CommonClaims>> {
  const { quote: evidence, endorsements, trustAnchors, at, expected } = vector
  const missing = missingEndorsements(endorsements)
  const input = { evidence, endorsements, trustAnchors, at }
  const asked = expected.policy ?? {}
  const result = vector.id.startsWith('sgx/')
    ? await verifySgxEvidence({ ...input, policy: sgxPolicyOf(asked, missing) })
    : await verifyTdxEvidence({ ...input, policy: tdxPolicyOf(asked, missing) })
  for (const id of missing) {
    const outcome = result.checks.find((check) => check.id === id)
    expect(outcome?.status, `${id} is listed`).toBe('not-requested')
  }
  return result
}

/** A good one passes with the stated status; a bad one is refused for its stated reason and no other. */
export async function expectStatedVerdict(vector: DcapVector): Promise<void> {
  const result = await judgeVector(vector)
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
  expect(await judgeVector(repaired)).toMatchObject({ verdict: 'refused', reasonCode: stated })
}
