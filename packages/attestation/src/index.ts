export { type DecodedEvidence, decodeEvidence, MAX_EVIDENCE_CONTAINER_BYTES } from './any/decode.ts'
export { detectEvidence, EVIDENCE_KINDS, type EvidenceKind } from './any/kinds.ts'
export { type TdxEvidenceInput, verifyTdxEvidence } from './appraise.ts'
export * from './cca/index.ts'
export type { VerifiedCollateral } from './dcap/collateral.ts'
export {
  type DcapEndorsements,
  type DcapEndorsementsJson,
  endorsementsFromJson,
  endorsementsToJson,
  type SignedDocument,
} from './dcap/endorsements.ts'
export type { TrailingBytes } from './dcap/quote.ts'
export { EvidenceRejectedError, MalformedEvidenceError, PolicyRefusedError } from './errors.ts'
export { parseCcel } from './eventLog/ccel.ts'
export { parseDstackEventLog } from './eventLog/dstack.ts'
export { ALL_RTMRS, type MatchEventLogInput, matchEventLog, replayEventLog } from './eventLog/replay.ts'
export type { EventLog, LoggedEvent, ReplayedEvent, ReplayedEventLog, RtmrIndex } from './eventLog/types.ts'
export * from './nitro/index.ts'
export * from './nvidia/index.ts'
export {
  type ExpectedMeasurements,
  type ExpectedValues,
  marketplaceTdxPolicy,
  type TdxPolicy,
  type TdxReference,
  vectorsTdxPolicy,
} from './policy.ts'
export type {
  AttestationResult,
  CheckOutcome,
  CheckTable,
  CommonClaims,
  TcbStatus,
  TdxClaims,
  TdxMeasurements,
  Tee,
  TrustTier,
  Unverified,
  Verified,
} from './result.ts'
export { INTEL_SGX_ROOT, type TrustAnchor } from './roots/intel.ts'
export * from './snp/index.ts'
export { appraiseTdx } from './tdx/appraise.ts'
export { TDX_CHECKS, type TdxCheckId } from './tdx/checks.ts'
export { parseTdxQuote, type TdxQuote, tdxMeasurementPreimage } from './tdx/parse.ts'
export { type TdxVerification, type VerifyTdxInput, verifyTdxQuote } from './tdx/verify.ts'
