import type { Trail } from '../internal/trail.ts'
import type { CheckTable } from '../result.ts'

/** Checks that every DCAP quote passes, whatever it is a quote of, in the order in which they run. */
export const DCAP_CHECKS = [
  ['quote-format', 'The quote has the documented layout'],
  ['root', 'The certificate chain ends in the pinned root'],
  ['root-crl', 'The root CRL is authentic and current'],
  ['pck-ca', 'The PCK CA is issued by the root, valid and not revoked'],
  ['pck-crl', 'The PCK CRL is authentic and current'],
  ['pck', 'The platform certificate (PCK) is issued by the PCK CA, valid and not revoked'],
  ['tcb-signer', 'The TCB signing certificate is the right one, valid and not revoked'],
  ['tcb-info', 'The TCB info is authentic and current'],
  ['qe-identity', 'The QE identity is authentic and current'],
  ['tcb-evaluation-number', 'The endorsements are not older than the required TCB evaluation number'],
  ['qe-report', 'The platform signed the report of the quoting enclave'],
  ['attestation-key', 'The quoting enclave vouches for the attestation key'],
  ['quote-signature', 'The attestation key signed the quote'],
  ['qe-match', 'The quoting enclave is the vendor’s'],
] as const satisfies CheckTable<string>

/** Checks against the policy that every DCAP quote goes through at the end. */
export const DCAP_POLICY_CHECKS = [
  ['tcb-status', 'The TCB status is accepted'],
  ['endorsement-age', 'The endorsements are recent'],
  ['platform', 'The platform is allowed'],
  ['measurement', 'The measurement is an expected one'],
  ['report-data', 'REPORTDATA is the expected one'],
] as const satisfies CheckTable<string>

/** Name of a check that SGX and TDX have in common. */
export type DcapCheckId = (typeof DCAP_CHECKS)[number][0] | 'tcb-levels' | (typeof DCAP_POLICY_CHECKS)[number][0]

/** The recording side of a trail, for checks that several TEEs have. */
export type DcapTrail = Pick<Trail<DcapCheckId>, 'run' | 'skip'>
