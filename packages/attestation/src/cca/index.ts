export {
  appraiseCca,
  type CcaClaims,
  type CcaEvidenceInput,
  type CcaMeasurements,
  verifyCcaEvidence,
} from './appraise.ts'
export { CCA_CHECKS, type CcaCheckId } from './checks.ts'
export {
  type CcaPlatformClaims,
  type CcaRealmClaims,
  type CcaSoftwareComponent,
  parseCcaPlatformClaims,
  parseCcaRealmClaims,
} from './claims.ts'
export type { CcaLifecycle, CcaProfile } from './constants.ts'
export {
  type CcaEndorsements,
  type CcaEndorsementsJson,
  ccaEndorsementsFromJson,
  ccaEndorsementsToJson,
} from './endorsements.ts'
export { type CcaEvidence, parseCca } from './parse.ts'
export {
  type CcaComponentReference,
  type CcaExpectedValues,
  type CcaPlatformReference,
  type CcaPolicy,
  type CcaRealmReference,
  type CcaSkippable,
  marketplaceCcaPolicy,
  strictCcaPolicy,
  vectorsCcaPolicy,
} from './policy.ts'
export { type CcaTrustAnchor, type CcaVerification, type VerifyCcaInput, verifyCca } from './verify.ts'
