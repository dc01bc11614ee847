export { type AnchorOf, type AnchorsOf, anchorsFromJson, anchorsToJson, VENDOR_ANCHORS } from './any/anchors.ts'
export { type EvidenceBundle, evidenceBundleToJson, MAX_BUNDLE_BYTES, readEvidenceBundle } from './any/bundle.ts'
export { type DecodedEvidence, decodeEvidence, MAX_EVIDENCE_CONTAINER_BYTES } from './any/decode.ts'
export { type ExpectedEvidence, type SnpTcbMinimum, withExpected } from './any/expected.ts'
export { detectEvidence, EVIDENCE_KINDS, type EvidenceKind } from './any/kinds.ts'
export {
  type EvidencePolicy,
  evidencePolicyFromJson,
  evidencePolicyJsonSchema,
  MAX_POLICY_BYTES,
  type PolicyOf,
  type PolicyOrRefusal,
  policyFromJson,
  readEvidencePolicy,
  readPolicyFor,
} from './any/policy.ts'
export { POLICY_PRESETS, type PolicyPreset, presetPolicy } from './any/presets.ts'
export {
  ENDORSEMENT_CODECS,
  type EndorsementsOf,
  type EvidenceInput,
  type EvidenceOf,
  verifyEvidence,
} from './any/verify.ts'
export * from './cca/index.ts'
export * from './dcap/index.ts'
export { EvidenceRejectedError, MalformedEvidenceError, PolicyRefusedError } from './errors.ts'
export { parseCcel } from './eventLog/ccel.ts'
export { parseDstackEventLog } from './eventLog/dstack.ts'
export { ALL_RTMRS, type MatchEventLogInput, matchEventLog, replayEventLog } from './eventLog/replay.ts'
export type { EventLog, LoggedEvent, ReplayedEvent, ReplayedEventLog, RtmrIndex } from './eventLog/types.ts'
export * from './nitro/index.ts'
export * from './nvidia/index.ts'
export type {
  AttestationResult,
  CheckOutcome,
  CheckTable,
  CommonClaims,
  TcbStatus,
  Tee,
  TrustTier,
  Unverified,
  Verified,
} from './result.ts'
export { ACCEPTABLE_TCB_STATUSES } from './result.ts'
export { INTEL_SGX_ROOT, type TrustAnchor } from './roots/intel.ts'
export * from './sgx/index.ts'
export * from './snp/index.ts'
export * from './tdx/index.ts'
