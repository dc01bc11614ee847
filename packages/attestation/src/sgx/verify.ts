import { type DcapEndorsementsInput, openEndorsements } from '../dcap/prepare.ts'
import { evaluateSgxTcb, matchSgxLevels } from '../dcap/tcb.ts'
import { type DcapVerification, type EvaluateTcb, verifyDcap } from '../dcap/verify.ts'
import { createTrail, type Trail } from '../internal/trail.ts'
import type { CheckOutcome, Unverified, Verified } from '../result.ts'
import type { TrustAnchor } from '../roots/intel.ts'
import { SGX_CHECKS, type SgxCheckId } from './checks.ts'
import type { SgxQuote } from './parse.ts'
import type { SgxPolicy } from './policy.ts'

/** What verification has found; `appraiseSgx` accepts nothing else. */
export interface SgxVerification extends DcapVerification<SgxQuote> {
  readonly checks: readonly CheckOutcome<SgxCheckId>[]
}

/** Input of {@link verifySgxQuote}. */
export interface VerifySgxInput {
  readonly evidence: Unverified<SgxQuote>
  readonly endorsements: DcapEndorsementsInput
  /** Unix seconds at which certificates and endorsements have to be valid. */
  readonly at: number
  /** Keys at which the chain may end; there is no default. */
  readonly trustAnchors: readonly TrustAnchor[]
  readonly policy: Pick<SgxPolicy, 'minTcbEvaluationNumber' | 'dangerouslySkip'>
}

/**
 * Verifies signatures, chain, endorsements and bindings of an SGX quote and evaluates its TCB.
 *
 * Proves: header and enclave report were signed by an attestation key that Intel's quoting enclave made on the platform
 * of the PCK certificate, under a trust anchor, with endorsements valid at `at`. Does not prove: that the TCB status or
 * the enclave is wanted ({@link appraiseSgx}), freshness, or that the machine's owner has not extracted keys.
 *
 * @throws {EvidenceRejectedError} with the code of the first check that fails, in the order of `SGX_CHECKS`.
 * @throws {MalformedEvidenceError} when a certificate, CRL or document does not have its form.
 */
export async function verifySgxQuote(input: VerifySgxInput): Promise<Verified<SgxVerification>> {
  const trail = createTrail(SGX_CHECKS)
  trail.skip('quote-format', 'parsed by the caller')
  return runSgxVerification({ ...input, ...openEndorsements(input.endorsements, 'sgx') }, trail)
}

/** The verification itself, on a trail of the caller. */
export async function runSgxVerification(
  { evidence, ...input }: Omit<VerifySgxInput, 'endorsements'> & ReturnType<typeof openEndorsements>,
  trail: Trail<SgxCheckId>,
): Promise<Verified<SgxVerification>> {
  const found = await verifyDcap({ ...input, quote: evidence, evaluateTcb }, trail)
  const verification: SgxVerification = {
    ...found,
    // Made when somebody reads them: an appraisal on the same trail does not.
    get checks() {
      return trail.outcomes()
    },
  }
  return verification as Verified<SgxVerification>
}

const evaluateTcb: EvaluateTcb<SgxQuote> = (info, { platform }, _, qeLevel) =>
  evaluateSgxTcb(matchSgxLevels(info, platform), qeLevel())
