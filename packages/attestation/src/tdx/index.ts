export * from '../dcap/index.ts'
export { INTEL_SGX_ROOT, type TrustAnchor } from '../roots/intel.ts'
export { type AppraisalHashes, appraiseTdx } from './appraise.ts'
export { TDX_CHECKS, type TdxCheckId } from './checks.ts'
export type { TdxClaims, TdxMeasurements } from './claims.ts'
export { type TdxEvidenceInput, verifyTdxEvidence } from './evidence.ts'
export { parseTdxQuote, type TdReport, type TdxQuote, tdxMeasurementPreimage } from './parse.ts'
export {
  type ExpectedTdxMeasurements,
  type ExpectedTdxValues,
  marketplaceTdxPolicy,
  strictTdxPolicy,
  type TdxPolicy,
  type TdxReference,
  vectorsTdxPolicy,
} from './policy.ts'
export { type TdxVerification, type VerifyTdxInput, verifyTdxQuote } from './verify.ts'
