export {
  assetRegistryAbi,
  attestationRegistryAbi,
  CHANNEL_STATUSES,
  type ChannelStatus,
  channelEscrowAbi,
  decodeContractError,
  ledgerAbi,
  PROVIDER_STATUSES,
  type ProviderStatus,
  priceFeedAbi,
  reasonFromBytes32,
  type TcbStatusName,
  type TeeKind,
  type TrustTierName,
} from '@spartan/abi'
export type { CheckOutcome, TdxClaims } from '@spartan/attestation'
export { BaseError, type ErrorDetails, isReasonCode, type ReasonCode, reasonOf } from '@spartan/errors'
export {
  encodeReceiptHeader,
  feeOf,
  type Keyset,
  parseReceiptHeader,
  type Receipt,
  receiptDigest,
  receiptHash,
  type SignedReceipt,
  type Voucher,
  verifyDigest,
} from '@spartan/protocol'
export {
  type ChannelState,
  type OpenParams,
  type PendingRequest,
  parseChannel,
  serializeChannel,
} from './channelState.ts'
export type { Check } from './checks.ts'
export { createSpartanClient, type SpartanClient, type SpartanClientOptions } from './client.ts'
export type { SpartanContracts } from './clientContext.ts'
export type { CooperativeClose } from './closeChannel.ts'
export type { CloseResult } from './closeNow.ts'
export {
  ASSET_KINDS,
  type AssetKind,
  type AssetListing,
  type AssetVersion,
  type CanServe,
  type DiscoverOptions,
  type ProviderListing,
  type ProviderPage,
} from './discovery.ts'
export { SdkError } from './errors.ts'
export { DEFAULT_POLICY, type TrustAnchor, VENDOR_TRUST_ANCHORS, type VerificationPolicy } from './evidence.ts'
export type { InferOptions, InferResult } from './infer.ts'
export {
  type FundingOptions,
  type OnChainChannel,
  OPEN_STEPS,
  type OpenChannelOptions,
  type OpenProgress,
  type OpenStep,
} from './openChannel.ts'
export type { ModelMetadata, TensorInput, TensorOutput } from './openInference.ts'
export {
  meetsTier,
  type ProviderGpu,
  type ProviderRecord,
  type ProviderStanding,
  readProducts,
  standingOf,
} from './standing.ts'
export { type ChannelStorage, createMemoryStorage, createWebStorage, type WebStorage } from './storage.ts'
export {
  PROVIDER_CHECKS,
  type ProviderCheckId,
  type ProviderVerification,
  type VerifiedProvider,
} from './verifyProvider.ts'
export {
  RECEIPT_CHECKS,
  type ReceiptCheckId,
  type ReceiptExpectation,
  type ReceiptVerification,
  verifyReceipt,
} from './verifyReceipt.ts'
export { type EthersSigner, fromEthersSigner, fromViemWallet, type SpartanWallet } from './wallet.ts'
