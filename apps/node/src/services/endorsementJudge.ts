import {
  type AttestationResult,
  type DcapEndorsements,
  type TdxClaims,
  type TrustAnchor,
  vectorsTdxPolicy,
  verifyTdxEvidence,
} from '@spartan/attestation'
import type { Judgement } from '@spartan/endorsements'
import { BaseError } from '@spartan/errors'

/** Checks that are about the endorsements, not about the evidence or a policy. */
const ENDORSEMENT_CHECKS = ['root', 'root-crl', 'pck-ca', 'pck-crl', 'pck', 'tcb-signer', 'tcb-info', 'qe-identity']

/** What is judged. */
export interface DcapJudgeInput {
  readonly quote: Uint8Array
  readonly endorsements: DcapEndorsements
  /** Unix seconds. */
  readonly at: number
  readonly trustAnchors: readonly TrustAnchor[]
}

/**
 * Says whether endorsements are genuine and about the platform of a quote. The appraisal is permissive: a platform that is
 * out of date has genuine endorsements too.
 */
export async function judgeDcapEndorsements(input: DcapJudgeInput): Promise<Judgement<AttestationResult<TdxClaims>>> {
  const value = await verifyTdxEvidence({
    ...input,
    policy: {
      ...vectorsTdxPolicy({ measurements: 'any', reportData: 'any' }),
      acceptedTcbStatuses: [
        'UpToDate',
        'SWHardeningNeeded',
        'ConfigurationNeeded',
        'ConfigurationAndSWHardeningNeeded',
        'OutOfDate',
        'OutOfDateConfigurationNeeded',
        'TDRelaunchAdvised',
        'TDRelaunchAdvisedConfigurationNeeded',
      ],
    },
  })
  return { genuine: areGenuine(value), problem: problemOf(value), value }
}

function areGenuine({ checks }: AttestationResult<TdxClaims>): boolean {
  const done = new Set(checks.filter(({ status }) => status === 'done').map(({ id }) => id))
  return ENDORSEMENT_CHECKS.every((id) => done.has(id))
}

function problemOf(result: AttestationResult<TdxClaims>): BaseError | undefined {
  return result.verdict === 'refused' && result.error instanceof BaseError ? result.error : undefined
}
