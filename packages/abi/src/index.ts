export {
  type CcaEvidenceParts,
  type CcaMeasuredClaims,
  type CcaParsedToken,
  type CcaSignedMessage,
  ccaMeasurement,
  ccaPointOf,
  ccaTrustAnchorId,
  encodeCcaEvidence,
} from './cca.ts'
export {
  type DcapEndorsements,
  type DcapEvidence,
  type DcapSignedJson,
  type EndorsementUpload,
  encodeSgxEvidence,
  encodeTdxEvidence,
  endorsementUploads,
  sgxMeasurement,
  tdxMeasurement,
} from './dcap.ts'
export type { DcapKind } from './dcapQuote.ts'
export {
  ASSET_KINDS,
  type AssetKind,
  CHANNEL_STATUSES,
  type ChannelStatus,
  CLAIM_FLAGS,
  type ClaimFlag,
  enumNumber,
  PROVIDER_STATUSES,
  type ProviderStatus,
  TCB_STATUSES,
  type TcbStatusName,
  TEE_KINDS,
  type TeeKind,
  TRUST_TIERS,
  type TrustTierName,
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
export {
  encodeNitroEvidence,
  type NitroChainFiles,
  type NitroOnchainEvidence,
  type NitroUpload,
  nitroCertificateIds,
  nitroCertificatesOf,
  nitroMeasurement,
  nitroUploads,
} from './nitro.ts'
export {
  encodeNvidiaEvidence,
  type NvidiaEvidenceParts,
  type NvidiaMeasured,
  type NvidiaRimParts,
  type NvidiaUpload,
  nvidiaDeviceUploads,
  nvidiaKeyIds,
  nvidiaMeasurement,
  nvidiaOcspUploads,
  nvidiaRimId,
  nvidiaRimUploads,
  nvidiaTcb,
} from './nvidia.ts'
export { combTable as p384CombTable, P384_GENERATOR, p384TableHints } from './p384/comb.ts'
export { type P384Signature, p384Hints, p384HintsForTable } from './p384/hints.ts'
export type { P384Density, P384Path, P384ProofOptions } from './p384Proof.ts'
export { productName, productNames } from './product.ts'
export {
  encodeSnpEvidence,
  type SnpEndorsementUpload,
  type SnpOnchainEndorsements,
  snpCertificateIds,
  snpEndorsementUploads,
  snpMeasurement,
  snpPlatformId,
  snpProductTag,
  snpVekKey,
} from './snp.ts'
