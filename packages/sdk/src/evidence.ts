import {
  type AttestationResult,
  INTEL_SGX_ROOT,
  marketplaceTdxPolicy,
  type TdxClaims,
  type TdxPolicy,
  type TrustAnchor,
  verifyTdxEvidence,
} from '@spartan/attestation'
import type { ClientContext } from './clientContext.ts'
import type { NodeAttestation } from './nodeHttp.ts'

export type { TrustAnchor } from '@spartan/attestation'

/**
 * What this client demands of evidence. Complete: every check has a value, "any" has to be written. Measurement and
 * REPORTDATA are not in it: they come from the registry and from the challenge.
 */
export interface VerificationPolicy {
  readonly tdx: Omit<TdxPolicy, 'measurements' | 'reportData'>
}

/** Roots of the vendors whose evidence can be verified. */
export const VENDOR_TRUST_ANCHORS: readonly TrustAnchor[] = [INTEL_SGX_ROOT]

/** UpToDate platforms without open advisories, endorsements of the last seven days, no debug mode. */
export const DEFAULT_POLICY: VerificationPolicy = {
  tdx: marketplaceTdxPolicy({ measurements: 'any', reportData: 'any' }),
}

/**
 * Verifies and appraises a node's evidence under the client's policy.
 *
 * Does not judge what was measured nor what is bound: the steps `measurement` and `binding` of the provider's verification
 * compare both with the registry and the challenge, each under a reason code of its own.
 */
export function appraiseEvidence(
  context: Pick<ClientContext, 'trustAnchors' | 'policy' | 'now'>,
  { quote, endorsements }: Pick<NodeAttestation, 'quote' | 'endorsements'>,
): Promise<AttestationResult<TdxClaims>> {
  return verifyTdxEvidence({
    evidence: quote,
    endorsements,
    at: context.now(),
    trustAnchors: context.trustAnchors,
    policy: { ...context.policy.tdx, measurements: 'any', reportData: 'any' },
  })
}
