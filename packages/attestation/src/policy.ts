import type { TrailingBytes } from './dcap/quote.ts'
import type { TcbStatus, TdxMeasurements } from './result.ts'

/** One accepted combination of measurements: every field has a value, hex in full width, or the word `any`. */
export type TdxReference = { readonly [field in keyof TdxMeasurements]: string }

/** Which measurements are accepted. */
export type ExpectedMeasurements =
  | 'any'
  /** Field by field. */
  | { readonly references: readonly TdxReference[] }
  /** By digest, as on-chain: `digest` hashes the preimage (keccak256, hex), which this package does not carry. */
  | { readonly digests: readonly string[]; readonly digest: (preimage: Uint8Array) => string }

/** Appraisal policy of TDX evidence. Complete: every field is required, and "any" has to be written. */
export interface TdxPolicy {
  readonly format: 'spartan-tdx-policy/1'
  readonly acceptedTcbStatuses: readonly TcbStatus[]
  /** Advisories that may be open at an accepted status. */
  readonly acceptedAdvisoryIds: readonly string[] | 'any'
  /** Floor for TCB info and QE identity; 0 accepts every number. */
  readonly minTcbEvaluationNumber: number
  /** Oldest accepted endorsement, seconds. */
  readonly maxEndorsementAgeSeconds: number | 'any'
  readonly debug: 'refuse' | 'accept'
  /**
   * SEPT_VE_DISABLE keeps the host from injecting #VE on private pages. On-chain it is pinned by the measurement, which
   * contains the TD attributes.
   */
  readonly septVeDisable: 'require' | 'any'
  readonly trailingBytes: TrailingBytes
  /** PPIDs in hex. Denied ones are refused even when allowed. */
  readonly allowedPlatformIds: readonly string[] | 'any'
  readonly deniedPlatformIds: readonly string[]
  readonly measurements: ExpectedMeasurements
  /** 64 bytes in hex. */
  readonly reportData: { readonly expected: string } | 'any'
}

/** The fields that no preset can know. */
export type ExpectedValues = Pick<TdxPolicy, 'measurements' | 'reportData'>

/** Seven days: an endorsement within its 30 days can hide a TCB recovery that has been published since. */
const MAX_ENDORSEMENT_AGE_SECONDS = 7 * 86_400

/** What the marketplace asks of a provider. */
export function marketplaceTdxPolicy(expected: ExpectedValues): TdxPolicy {
  return {
    format: 'spartan-tdx-policy/1',
    // SWHardeningNeeded passes only where every advisory behind it has been accepted by name.
    acceptedTcbStatuses: ['UpToDate', 'SWHardeningNeeded'],
    acceptedAdvisoryIds: [],
    minTcbEvaluationNumber: 0,
    maxEndorsementAgeSeconds: MAX_ENDORSEMENT_AGE_SECONDS,
    debug: 'refuse',
    septVeDisable: 'require',
    trailingBytes: 'zero-only',
    allowedPlatformIds: 'any',
    deniedPlatformIds: [],
    ...expected,
  }
}

/** What the published test vectors are judged by: strict cryptography, permissive appraisal. Not for production. */
export function vectorsTdxPolicy(expected: ExpectedValues): TdxPolicy {
  return {
    ...marketplaceTdxPolicy(expected),
    acceptedTcbStatuses: ['UpToDate', 'SWHardeningNeeded', 'ConfigurationNeeded', 'ConfigurationAndSWHardeningNeeded'],
    acceptedAdvisoryIds: 'any',
    maxEndorsementAgeSeconds: 'any',
    septVeDisable: 'any',
    // One published good quote carries 39 bytes of a peer's test text behind its end.
    trailingBytes: 'any',
  }
}
