export { AMD_ARK_GENOA, AMD_ARK_MILAN, AMD_ARK_TURIN, AMD_ROOTS, type SnpTrustAnchor } from '../roots/amd.ts'
export { appraiseSnp } from './appraise.ts'
export { type PrepareSnpChainInput, prepareSnpChain, type VerifiedSnpChain } from './chain.ts'
export { SNP_CHECKS, type SnpCheckId, type SnpSkippable } from './checks.ts'
export type { SnpClaims } from './claims.ts'
export {
  type SnpEndorsements,
  type SnpEndorsementsJson,
  snpEndorsementsFromJson,
  snpEndorsementsToJson,
} from './endorsements.ts'
export { type SnpEvidenceInput, type SnpEvidenceUnderChainInput, verifySnpEvidence } from './evidence.ts'
export { type SplitSnpReport, splitSnpExtendedReport } from './extendedReport.ts'
export type { HclReport } from './hcl.ts'
export {
  parseSnp,
  parseSnpReport,
  type SnpEvidence,
  type SnpFirmwareVersion,
  type SnpGuestPolicy,
  type SnpPlatformInfo,
  type SnpReport,
  type SnpSigningKey,
} from './parse.ts'
export {
  ANY_SNP_PRODUCT,
  type ExpectedVtpm,
  marketplaceSnpPolicy,
  type PerProduct,
  type SnpExpectedValues,
  type SnpPolicy,
  type SnpReference,
  strictSnpPolicy,
  vectorsSnpPolicy,
} from './policy.ts'
export { decodeTcb, productOfCpuid, SNP_PRODUCTS, type SnpCpuid, type SnpProduct, type SnpTcb } from './product.ts'
export type { SnpVek } from './vek.ts'
export { type SnpTcbs, type SnpVerification, type VerifySnpInput, verifySnp } from './verify.ts'
export type { VtpmClaims, VtpmQuote } from './vtpmQuote.ts'
