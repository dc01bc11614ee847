export {
  type DcapEndorsements,
  type DcapSignedJson,
  type EndorsementUpload,
  encodeTdxEvidence,
  endorsementUploads,
  type TdxEvidence,
  tdxMeasurement,
} from './dcap.ts'
export { type ContractError, decodeContractError, reasonFromBytes32, reasonToBytes32 } from './errors.ts'
export * from './generated/index.ts'
