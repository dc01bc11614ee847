import { type DcapEndorsementsInput, openEndorsements } from '../dcap/prepare.ts'
import { evaluateTdxTcb, matchTdxLevels } from '../dcap/tcb.ts'
import { type DcapVerification, type EvaluateTcb, verifyDcap } from '../dcap/verify.ts'
import { createTrail, type Trail } from '../internal/trail.ts'
import type { CheckOutcome, Unverified, Verified } from '../result.ts'
import type { TrustAnchor } from '../roots/intel.ts'
import { TDX_CHECKS, type TdxCheckId } from './checks.ts'
import type { TdxQuote } from './parse.ts'
import type { TdxPolicy } from './policy.ts'

/** What verification has found; `appraiseTdx` accepts nothing else. */
export interface TdxVerification extends DcapVerification<TdxQuote> {
  readonly checks: readonly CheckOutcome<TdxCheckId>[]
}

/** Input of {@link verifyTdxQuote}. */
export interface VerifyTdxInput {
  readonly evidence: Unverified<TdxQuote>
  readonly endorsements: DcapEndorsementsInput
  /** Unix seconds at which certificates and endorsements have to be valid. */
  readonly at: number
  /** Keys at which the chain may end; there is no default. */
  readonly trustAnchors: readonly TrustAnchor[]
  readonly policy: Pick<TdxPolicy, 'minTcbEvaluationNumber' | 'dangerouslySkip'>
}

/**
 * Verifies signatures, chain, endorsements and bindings of a TDX quote and evaluates its TCB.
 *
 * Proves: header and body were signed by an attestation key that Intel's quoting enclave made on the platform of the PCK
 * certificate, under a trust anchor, with endorsements valid at `at`. Does not prove: that the TCB status, attributes or
 * measurements are wanted ({@link appraiseTdx}), freshness, or that the machine's owner has not extracted keys.
 *
 * @throws {EvidenceRejectedError} with the code of the first check that fails, in the order of `TDX_CHECKS`.
 * @throws {MalformedEvidenceError} when a certificate, CRL or document does not have its form.
 */
export async function verifyTdxQuote(input: VerifyTdxInput): Promise<Verified<TdxVerification>> {
  const trail = createTrail(TDX_CHECKS)
  trail.skip('quote-format', 'parsed by the caller')
  return runTdxVerification({ ...input, ...openEndorsements(input.endorsements, 'tdx') }, trail)
}

/** The verification itself, on a trail of the caller. */
export async function runTdxVerification(
  { evidence, ...input }: Omit<VerifyTdxInput, 'endorsements'> & ReturnType<typeof openEndorsements>,
  trail: Trail<TdxCheckId>,
): Promise<Verified<TdxVerification>> {
  const found = await verifyDcap({ ...input, quote: evidence, evaluateTcb }, trail)
  const verification: TdxVerification = {
    ...found,
    // Made when somebody reads them: an appraisal on the same trail does not.
    get checks() {
      return trail.outcomes()
    },
  }
  return verification as Verified<TdxVerification>
}

const evaluateTcb: EvaluateTcb<TdxQuote> = (info, { platform }, { report }, qeLevel) => {
  const { teeTcbSvn, teeTcbSvn2, measurements } = report
  const td = { teeTcbSvn, teeTcbSvn2, ...measurements }
  const levels = matchTdxLevels(info, platform, td)
  return evaluateTdxTcb(info, levels, td, qeLevel())
}
