import type { AttestationResult, NvidiaCheckId, SgxCheckId, SnpCheckId, TdxCheckId } from '@spartan/attestation'
import { BaseError } from '@spartan/errors'
import type { Judgement } from './fetched.ts'

/** Checks of each kind of evidence that are about its endorsements, not about the evidence or a policy. */
const ENDORSEMENT_CHECKS = {
  dcap: ['root', 'root-crl', 'pck-ca', 'pck-crl', 'pck', 'tcb-signer', 'tcb-info', 'qe-identity'],
  snp: ['root', 'intermediate', 'vek', 'validity', 'crl', 'revocation', 'vek-tcb', 'chip'],
  nvidia: ['ocsp', 'driver-rim', 'vbios-rim', 'rim-ocsp'],
} as const satisfies {
  readonly dcap: readonly (TdxCheckId & SgxCheckId)[]
  readonly snp: readonly SnpCheckId[]
  readonly nvidia: readonly NvidiaCheckId[]
}

/** Those of them that fail by the evidence's own chain, or by what the endorsements rightly say of it. */
const FAULTS_OF_EVIDENCE: readonly string[] = ['pck-ca', 'pck', 'revocation']

/**
 * Reads from the result of a verifier whether the *endorsements* are genuine. Evidence that is refused for something else
 * (its signature, its TCB status, its measurement) does not speak against them, and must not cost a cache its contents.
 *
 * @param kind - `dcap` for TDX and SGX.
 */
export function judgementOf<Result extends AttestationResult>(
  kind: keyof typeof ENDORSEMENT_CHECKS,
  result: Result,
): Judgement<Result> {
  const statusOf = (id: string) => result.checks.find((check) => check.id === id)?.status
  // Switches have no driver: what the verifier of accepted evidence did not request is not missing.
  const isFine = (id: string) => {
    const status = statusOf(id)
    return status === 'done' || (status === 'not-requested' && result.verdict === 'accepted')
  }
  const problem = result.verdict === 'refused' && result.error instanceof BaseError ? result.error : undefined
  const own: readonly string[] = ENDORSEMENT_CHECKS[kind]
  const failed = result.checks.find(({ status }) => status === 'failed')?.id ?? ''
  // The root of DCAP is the quote's own; everywhere else it comes with the endorsements.
  const isTheirs =
    own.includes(failed) && !FAULTS_OF_EVIDENCE.includes(failed) && !(kind === 'dcap' && failed === 'root')
  return { genuine: own.every(isFine), inconclusive: result.verdict === 'refused' && !isTheirs, problem, value: result }
}
