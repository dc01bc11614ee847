import { type DcapPolicy, MARKETPLACE_DCAP, STRICT_DCAP, VECTORS_DCAP } from '../dcap/policy.ts'
import type { TdxMeasurements } from './claims.ts'

/** One accepted combination of measurements: every field has a value, hex in full width, or the word `any`. */
export type TdxReference = { readonly [field in keyof TdxMeasurements]: string }

/** Which measurements are accepted. */
export type ExpectedTdxMeasurements =
  | 'any'
  /** Field by field. */
  | { readonly references: readonly TdxReference[] }
  /** By digest, as on-chain: keccak256 of the measurement preimage, hex. The caller brings the hash function along. */
  | { readonly keccak256: readonly string[] }

/** Appraisal policy of TDX evidence: a complete document in plain JSON. */
export interface TdxPolicy extends DcapPolicy {
  readonly format: 'spartan-tdx-policy/1'
  /**
   * SEPT_VE_DISABLE keeps the host from injecting #VE on private pages. On-chain it is pinned by the measurement, which
   * contains the TD attributes.
   */
  readonly septVeDisable: 'require' | 'any'
  /** Service TDs (MRSERVICETD), which can migrate the TD elsewhere: none, any, or one of these hashes in hex, 48 bytes. */
  readonly serviceTd: 'refuse' | 'any' | { readonly allowed: readonly string[] }
  /** Component-wise floor of TEE_TCB_SVN, 16 bytes in hex. */
  readonly minTeeTcbSvn: string | 'any'
  readonly measurements: ExpectedTdxMeasurements
}

/** The fields that no preset can know. */
export type ExpectedTdxValues = Pick<TdxPolicy, 'measurements' | 'reportData'>

const TDX = {
  format: 'spartan-tdx-policy/1',
  septVeDisable: 'require',
  serviceTd: 'refuse',
  minTeeTcbSvn: 'any',
} as const

/** What the marketplace asks of a provider. */
export const marketplaceTdxPolicy = (expected: ExpectedTdxValues): TdxPolicy => ({
  ...TDX,
  ...MARKETPLACE_DCAP,
  ...expected,
})

/** Nothing but fully patched platforms, by endorsements of the last day. */
export const strictTdxPolicy = (expected: ExpectedTdxValues): TdxPolicy => ({ ...TDX, ...STRICT_DCAP, ...expected })

/** What the published test vectors are judged by: strict cryptography, permissive appraisal. Not for production. */
export const vectorsTdxPolicy = (expected: ExpectedTdxValues): TdxPolicy => ({
  ...TDX,
  ...VECTORS_DCAP,
  septVeDisable: 'any',
  serviceTd: 'any',
  ...expected,
})
