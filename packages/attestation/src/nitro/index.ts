export { AWS_NITRO_ROOT_G1, type NitroTrustAnchor } from '../roots/aws.ts'
export { appraiseNitro, type NitroClaims, type NitroEvidenceInput, verifyNitroEvidence } from './appraise.ts'
export { type NitroChain, type NitroChainInput, type NitroSkippable, verifyNitroChain } from './chain.ts'
export { NITRO_CHECKS, type NitroCheckId } from './checks.ts'
export {
  type NitroEndorsements,
  type NitroEndorsementsJson,
  nitroEndorsementsFromJson,
  nitroEndorsementsToJson,
} from './endorsements.ts'
export { type NitroDocument, type NitroEvidence, parseNitro } from './parse.ts'
export {
  marketplaceNitroPolicy,
  type NitroExpectedValues,
  type NitroPcrReference,
  type NitroPolicy,
  strictNitroPolicy,
  vectorsNitroPolicy,
} from './policy.ts'
export { type NitroVerification, type VerifyNitroInput, verifyNitro } from './verify.ts'
