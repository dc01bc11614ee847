/**
 * What each TDX vector must give on-chain, with the code of the first failing check in the order of reasons/dcap.ts.
 *
 * Where this differs from the manifest the comment says why. Entries without endorsements stop at the first one missing:
 * a contract has no "skip this check".
 */
import type { ReasonCode } from '@spartan/errors'

export interface OnchainExpectation {
  /** Undefined: verified. */
  readonly code: ReasonCode | undefined
  /** TCB status of the claims. */
  readonly status: string | undefined
  readonly minTcbEvaluationNumber?: number
  /** Judge the quote without its non-zero trailing bytes, which alone would refuse it. */
  readonly cutTrailing?: boolean
  /** Vector of the same platform and time whose endorsements to use, where this one has none. */
  readonly endorsementsFrom?: string
}

const passes = (status: string): OnchainExpectation => ({ code: undefined, status })
const fails = (code: ReasonCode, more: Partial<OnchainExpectation> = {}): OnchainExpectation => ({
  code,
  status: undefined,
  ...more,
})

/** No endorsements in the entry. */
const NO_ENDORSEMENTS = fails('DCAP_ROOT_CRL_MISSING')
/** Mutations of the quote of neg-v4-gotdxguest-tcb-not-found, without its trailing bytes and with its endorsements. */
const GOTDX = { cutTrailing: true, endorsementsFrom: 'neg-v4-gotdxguest-tcb-not-found' }

export const TDX_ONCHAIN_EXPECTATIONS: Readonly<Record<string, OnchainExpectation>> = {
  'v4-phala-uptodate': passes('UpToDate'),
  'v4-near-20a06f': passes('UpToDate'),
  // High-S twin of a good signature: valid. Replay is the registry's business (challenge), not the signature's.
  'malleable-v4-phala-n-minus-s': passes('UpToDate'),
  // OutOfDate; passes with OutOfDate in the accept set (a test of its own).
  'v4-automata-0625': fails('DCAP_TCB_STATUS_NOT_ACCEPTED'),
  // Carries no CRLs.
  'v4-coco-00a06d08': NO_ENDORSEMENTS,
  'v4-attestation-rs-live-ccel': NO_ENDORSEMENTS,
  'v4-dstack-eventlog': NO_ENDORSEMENTS,
  'v4-flashtestations-a': NO_ENDORSEMENTS,
  'v4-flashtestations-d': NO_ENDORSEMENTS,
  'v4-gotdxguest-gcp-cos113-ccel': NO_ENDORSEMENTS,
  'v4-phala-second': NO_ENDORSEMENTS,
  'v4-phala-tappd': NO_ENDORSEMENTS,
  // Debug is judged after the endorsements; synth-neg-td-debug reaches it.
  'neg-v4-coco-debug-td': NO_ENDORSEMENTS,
  // 39 bytes that are not zero follow the quote: refused before anything else.
  'v4-gotdxguest-spr-sigonly': fails('DCAP_TRAILING_BYTES'),
  // Same 39 bytes, as in the other mutations of this quote.
  'neg-v4-gotdxguest-tcb-not-found': fails('DCAP_TCB_LEVEL_NOT_FOUND', { cutTrailing: true }),
  'neg-v4-gotdxguest-cert-chain-byte': fails('DCAP_CERTIFICATION_DATA_UNSUPPORTED', GOTDX),
  'neg-v4-gotdxguest-header-byte': fails('DCAP_QUOTE_SIGNATURE_INVALID', GOTDX),
  'neg-v4-gotdxguest-pck-cert-byte': fails('DCAP_PCK_SIGNATURE_INVALID', GOTDX),
  'neg-v4-gotdxguest-root-cert-byte': fails('DCAP_ROOT_SIGNATURE_INVALID', GOTDX),
  'neg-v4-gotdxguest-version-byte': fails('DCAP_QUOTE_VERSION_UNSUPPORTED'),
  // The PCK CRL lies in the future too and comes first; synth-neg-tcbinfo-future reaches the TCB info.
  'neg-v4-phala-collateral-not-yet-valid': fails('DCAP_PCK_CRL_EXPIRED'),
  'neg-v4-phala-pck-crl-empty': fails('DCAP_PCK_CRL_MALFORMED'),
  'neg-v4-phala-pck-crl-garbage': fails('DCAP_PCK_CRL_MALFORMED'),
  'neg-v4-phala-pck-crl-sig-flipped': fails('DCAP_PCK_CRL_SIGNATURE_INVALID'),
  'neg-v4-phala-root-crl-sig-flipped': fails('DCAP_ROOT_CRL_SIGNATURE_INVALID'),
  'neg-v4-phala-sgx-qe-identity': fails('DCAP_QE_IDENTITY_ID_MISMATCH'),
  // Its chain is not PEM; the QE identity would not match either.
  'v4-intel-qvl-sample': fails('DCAP_CERTIFICATION_DATA_UNSUPPORTED'),
  'synth-good-v4': passes('UpToDate'),
  'synth-good-qe-auth-64': passes('UpToDate'),
  'synth-good-qe-auth-empty': passes('UpToDate'),
  'synth-swhardening': passes('SWHardeningNeeded'),
  'synth-config-and-swhardening': passes('ConfigurationAndSWHardeningNeeded'),
  'synth-svn-lexicographic-trap': passes('SWHardeningNeeded'),
  // SEPT_VE_DISABLE is a policy of the TypeScript verifier, not demanded on-chain.
  'synth-neg-sept-ve-disable-clear': passes('UpToDate'),
  'synth-neg-ak-not-on-curve': fails('DCAP_QUOTE_SIGNATURE_INVALID'),
  'synth-neg-attacker-root': fails('DCAP_ROOT_NOT_PINNED'),
  'synth-neg-pck-attacker-root-only': fails('DCAP_ROOT_NOT_PINNED'),
  'synth-neg-module-mrsigner': fails('DCAP_MODULE_IDENTITY_MISMATCH'),
  'synth-neg-module-outofdate': fails('DCAP_TCB_STATUS_NOT_ACCEPTED'),
  'synth-neg-module-revoked': fails('DCAP_TCB_REVOKED'),
  'synth-neg-pcesvn-below': fails('DCAP_TCB_REVOKED'),
  'synth-neg-pck-ca-revoked': fails('DCAP_PCK_CA_REVOKED'),
  'synth-neg-pck-crl-other-ca': fails('DCAP_PCK_CRL_ISSUER_MISMATCH'),
  'synth-neg-pck-expired': fails('DCAP_PCK_EXPIRED'),
  // Outside its validity, at the other end.
  'synth-neg-pck-not-yet-valid': fails('DCAP_PCK_EXPIRED'),
  'synth-neg-platform-outofdate-module-uptodate': fails('DCAP_TCB_STATUS_NOT_ACCEPTED'),
  'synth-neg-platform-revoked-module-uptodate': fails('DCAP_TCB_REVOKED'),
  'synth-neg-qe-debug': fails('DCAP_QE_IDENTITY_MISMATCH'),
  'synth-neg-qe-mrsigner': fails('DCAP_QE_IDENTITY_MISMATCH'),
  'synth-neg-qe-outofdate': fails('DCAP_TCB_STATUS_NOT_ACCEPTED'),
  'synth-neg-qe-outofdate-config': fails('DCAP_TCB_STATUS_NOT_ACCEPTED'),
  'synth-neg-qe-revoked': fails('DCAP_TCB_REVOKED'),
  'synth-neg-root-crl-expired': fails('DCAP_ROOT_CRL_EXPIRED'),
  'synth-neg-sig-zero': fails('DCAP_QUOTE_SIGNATURE_INVALID'),
  'synth-neg-tcb-eval-number-floor': fails('DCAP_TCB_EVALUATION_NUMBER_TOO_LOW', { minTcbEvaluationNumber: 18 }),
  'synth-neg-tcb-eval-number-mixed': fails('DCAP_TCB_EVALUATION_NUMBER_TOO_LOW', { minTcbEvaluationNumber: 18 }),
  'synth-neg-tcbinfo-expired': fails('DCAP_TCB_INFO_EXPIRED'),
  'synth-neg-tcbinfo-future': fails('DCAP_TCB_INFO_NOT_YET_VALID'),
  'synth-neg-tcbinfo-sgx-for-tdx': fails('DCAP_TCB_INFO_ID_MISMATCH'),
  'synth-neg-tcbinfo-signed-by-pck-leaf': fails('DCAP_TCB_SIGNER_WRONG'),
  'synth-neg-tcbinfo-version-2': fails('DCAP_TCB_INFO_VERSION_UNSUPPORTED'),
  'synth-neg-td-attr-reserved': fails('DCAP_TD_ATTRIBUTES_RESERVED'),
  'synth-neg-td-debug': fails('DCAP_TD_DEBUG'),
  'synth-neg-v5-outofdate-no-relaunch': fails('DCAP_TCB_STATUS_NOT_ACCEPTED'),
  'synth-neg-v5-servtd': fails('DCAP_SERVICE_TD_NOT_ACCEPTED'),
  // Which advice it is, test/onchain/agreement.test.ts compares under an accept set that has it.
  'synth-v5-relaunch-advised': fails('DCAP_TCB_STATUS_NOT_ACCEPTED'),
  'synth-v5-relaunch-advised-config': fails('DCAP_TCB_STATUS_NOT_ACCEPTED'),
  'v5-attestation-rs-td15-full-collateral': fails('DCAP_TCB_LEVEL_NOT_FOUND'),
  // Good but for a service TD bound to it, which the vectors' own policy accepts and the contract never does.
  'v5-automata-alibaba-0625': fails('DCAP_SERVICE_TD_NOT_ACCEPTED'),
  'v5-coco-td15': NO_ENDORSEMENTS,
  'v5-gotdxguest-td15': NO_ENDORSEMENTS,
  'v5-phala-td15-outdated': fails('DCAP_TCB_LEVEL_NOT_FOUND'),
}
