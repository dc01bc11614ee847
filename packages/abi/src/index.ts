export {
  type DcapEndorsements,
  type DcapSignedJson,
  type EndorsementUpload,
  encodeTdxEvidence,
  endorsementUploads,
  type TdxEvidence,
  tdxMeasurement,
} from './dcap.ts'
export {
  ASSET_KINDS,
  type AssetKind,
  CHANNEL_STATUSES,
  type ChannelStatus,
  enumNumber,
  PROVIDER_STATUSES,
  type ProviderStatus,
  TCB_STATUSES,
  type TcbStatusName,
  TEE_KINDS,
  type TeeKind,
  WORKLOAD_STATUSES,
  type WorkloadStatus,
} from './enums.ts'
export {
  type CallFailure,
  type ContractError,
  classifyCallError,
  decodeContractError,
  reasonFromBytes32,
  reasonToBytes32,
} from './errors.ts'
export * from './generated/index.ts'
export { combTable as p384CombTable, P384_GENERATOR, p384TableHints } from './p384/comb.ts'
export { type P384Signature, p384Hints, p384HintsForTable } from './p384/hints.ts'
