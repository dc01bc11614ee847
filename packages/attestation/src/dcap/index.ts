export type { DcapClaims } from './appraise.ts'
export type { CertificationData, PckChain, PckReference } from './certificationData.ts'
export type { VerifiedCollateral } from './collateral.ts'
export type { EnclaveReport } from './enclaveReport.ts'
export {
  type DcapEndorsements,
  type DcapEndorsementsJson,
  dcapEndorsementsFromJson,
  dcapEndorsementsToJson,
  type SignedDocument,
} from './endorsements.ts'
export type { DcapPolicy, DcapSkippable } from './policy.ts'
export {
  type DcapEndorsementsInput,
  type PrepareDcapInput,
  type PreparedDcapEndorsements,
  prepareDcapEndorsements,
} from './prepare.ts'
export type { TrailingBytes } from './quote.ts'
export type { DcapTee } from './tcbInfo.ts'
