import type { CheckTable } from '../result.ts'

/** Every check of TDX evidence, in the order in which it runs. */
export const TDX_CHECKS = [
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
  ['tcb-levels', 'Platform, TDX module and quoting enclave have a TCB level'],
  ['td-attributes', 'The TD runs without debug mode or reserved attributes'],
  ['tcb-status', 'The TCB status is accepted'],
  ['endorsement-age', 'The endorsements are recent'],
  ['platform', 'The platform is allowed'],
  ['measurement', 'The measurement is an expected one'],
  ['report-data', 'REPORTDATA is the expected one'],
] as const satisfies CheckTable<string>

/** Name of a check of TDX evidence. */
export type TdxCheckId = (typeof TDX_CHECKS)[number][0]
