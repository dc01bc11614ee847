import type { TcbStatus } from '../result.ts'
import type { TrailingBytes } from './quote.ts'

/**
 * What can be skipped by name: the endorsement that a check needs is not at hand, or (`tcb-evaluation`) the TCB status
 * is of no interest. Without CRLs a revoked platform passes, without TCB info a vulnerable one.
 */
export type DcapSkippable = 'root-crl' | 'pck-crl' | 'tcb-info' | 'qe-identity' | 'tcb-evaluation'

/** Part of an appraisal policy that SGX and TDX have in common. Every field is required, and "any" has to be written. */
export interface DcapPolicy {
  /** Empty in every preset. An endorsement that is given is checked whatever stands here. */
  readonly dangerouslySkip: readonly DcapSkippable[]
  readonly acceptedTcbStatuses: readonly TcbStatus[]
  /** Advisories that may be open at an accepted status. */
  readonly acceptedAdvisoryIds: readonly string[] | 'any'
  /** Floor for TCB info and QE identity; 0 accepts every number. */
  readonly minTcbEvaluationNumber: number
  /** Oldest accepted endorsement, seconds. */
  readonly maxEndorsementAgeSeconds: number | 'any'
  readonly debug: 'refuse' | 'accept'
  /** Products whose attestation keys are known to leak in bulk: trust tier `low`. */
  readonly lowTrustProducts: 'refuse' | 'accept'
  readonly trailingBytes: TrailingBytes
  /** QE vendors in hex, 16 bytes. Only Intel's can be verified at all. */
  readonly allowedQeVendorIds: readonly string[] | 'any'
  /** Platform families in hex, 6 bytes. */
  readonly allowedFmspcs: readonly string[] | 'any'
  /** PPIDs in hex. Denied ones are refused even when allowed. */
  readonly allowedPlatformIds: readonly string[] | 'any'
  readonly deniedPlatformIds: readonly string[]
  /** 64 bytes in hex. */
  readonly reportData: { readonly expected: string } | 'any'
}

const DAY_SECONDS = 86_400

/** What the marketplace asks of a provider. */
export const MARKETPLACE_DCAP = {
  dangerouslySkip: [],
  // SWHardeningNeeded passes only where every advisory behind it has been accepted by name.
  acceptedTcbStatuses: ['UpToDate', 'SWHardeningNeeded'],
  acceptedAdvisoryIds: [],
  minTcbEvaluationNumber: 0,
  // Seven days: an endorsement within its 30 days can hide a TCB recovery that has been published since.
  maxEndorsementAgeSeconds: 7 * DAY_SECONDS,
  debug: 'refuse',
  lowTrustProducts: 'refuse',
  trailingBytes: 'zero-only',
  allowedQeVendorIds: 'any',
  allowedFmspcs: 'any',
  allowedPlatformIds: 'any',
  deniedPlatformIds: [],
} as const satisfies Omit<DcapPolicy, 'reportData'>

/** Nothing but fully patched platforms, by endorsements of the last day. */
export const STRICT_DCAP = {
  ...MARKETPLACE_DCAP,
  acceptedTcbStatuses: ['UpToDate'],
  maxEndorsementAgeSeconds: DAY_SECONDS,
} as const satisfies Omit<DcapPolicy, 'reportData'>

/** What the published test vectors are judged by: strict cryptography, permissive appraisal. */
export const VECTORS_DCAP = {
  ...MARKETPLACE_DCAP,
  acceptedTcbStatuses: ['UpToDate', 'SWHardeningNeeded', 'ConfigurationNeeded', 'ConfigurationAndSWHardeningNeeded'],
  acceptedAdvisoryIds: 'any',
  maxEndorsementAgeSeconds: 'any',
  lowTrustProducts: 'accept',
  // One published good quote carries 39 bytes of a peer's test text behind its end.
  trailingBytes: 'any',
} as const satisfies Omit<DcapPolicy, 'reportData'>
