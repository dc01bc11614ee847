export * from '../dcap/index.ts'
export { INTEL_SGX_ROOT, type TrustAnchor } from '../roots/intel.ts'
export { appraiseSgx } from './appraise.ts'
export { SGX_CHECKS, type SgxCheckId } from './checks.ts'
export type { SgxClaims, SgxMeasurements } from './claims.ts'
export { type SgxEvidenceInput, verifySgxEvidence } from './evidence.ts'
export { parseSgxQuote, type SgxQuote } from './parse.ts'
export {
  type ExpectedSgxValues,
  marketplaceSgxPolicy,
  type SgxPolicy,
  type SgxReference,
  strictSgxPolicy,
  vectorsSgxPolicy,
} from './policy.ts'
export { type SgxVerification, type VerifySgxInput, verifySgxQuote } from './verify.ts'
