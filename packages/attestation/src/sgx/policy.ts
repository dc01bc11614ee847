import { type DcapPolicy, MARKETPLACE_DCAP, STRICT_DCAP, VECTORS_DCAP } from '../dcap/policy.ts'
import type { SgxMeasurements } from './claims.ts'

/** One accepted enclave: every field has a value, hex in full width, or the word `any`. */
export type SgxReference = { readonly [field in keyof SgxMeasurements]: string } & {
  readonly isvProdId: number | 'any'
  /** Lowest accepted ISVSVN; 0 accepts every one. */
  readonly minIsvSvn: number
  /** Lowest accepted CONFIGSVN; 0 accepts every one. */
  readonly minConfigSvn: number
}

/** Appraisal policy of SGX evidence: a complete document in plain JSON. */
export interface SgxPolicy extends DcapPolicy {
  readonly format: 'spartan-sgx-policy/1'
  readonly measurements: 'any' | { readonly references: readonly SgxReference[] }
}

/** The fields that no preset can know. */
export type ExpectedSgxValues = Pick<SgxPolicy, 'measurements' | 'reportData'>

const FORMAT = { format: 'spartan-sgx-policy/1' } as const

/** What the marketplace asks of a provider: among others a processor with DDR5. */
export const marketplaceSgxPolicy = (expected: ExpectedSgxValues): SgxPolicy => ({
  ...FORMAT,
  ...MARKETPLACE_DCAP,
  ...expected,
})

/** Nothing but fully patched platforms, by endorsements of the last day. */
export const strictSgxPolicy = (expected: ExpectedSgxValues): SgxPolicy => ({ ...FORMAT, ...STRICT_DCAP, ...expected })

/** What the published test vectors are judged by: strict cryptography, permissive appraisal. Not for production. */
export const vectorsSgxPolicy = (expected: ExpectedSgxValues): SgxPolicy => ({
  ...FORMAT,
  ...VECTORS_DCAP,
  ...expected,
})
