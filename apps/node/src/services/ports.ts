import type { ChannelStatus, ProviderStatus } from '@spartan/abi'
import type { ReasonCode } from '@spartan/errors'
import type { Keyset, Receipt, Voucher } from '@spartan/protocol'
import type { Address, Hex } from 'viem'
import type { EndorsementsJson } from './endorsements.ts'
import type { GpuEvidence } from './gpuEvidence.ts'

/** What services need from the world. `adapters/` implement these; tests may replace chain, TEE and clock only. */

/** Seconds since 1970, never behind the newest block the node has seen, so that receipts are in order with the chain. */
export interface Clock {
  nowSeconds(): number
}

/** Makes TEE evidence of this machine. */
export interface Attester {
  readonly kind: 'configfs-tsm' | 'simulator'
  /** @param reportData - 64 bytes. Failures: `NODE_TEE_UNAVAILABLE`, `NODE_TEE_QUOTE_FAILED`. */
  issue(reportData: Uint8Array): Promise<{ readonly quote: Uint8Array }>
  /** What the platform's vendor has signed about it. Failure: `NODE_ENDORSEMENTS_UNAVAILABLE`. */
  endorsements(): Promise<EndorsementsJson>
}

export interface ChainHead {
  readonly number: bigint
  readonly parentHash: Hex
  /** Unix seconds. */
  readonly timestamp: number
}

/** The part of a registry record the node works with. */
export interface ProviderRecord {
  readonly owner: Address
  readonly operator: Address
  readonly epoch: bigint
  readonly teeKind: number
  readonly simulated: boolean
  /** Unix seconds. */
  readonly registeredAt: number
  /** When its newest evidence was accepted. */
  readonly attestedAt: number
  readonly activeUntil: number
  readonly validUntil: number
  readonly keysetDigest: Hex
  readonly workloadId: Hex
  /** keccak256 of the measurement fields. */
  readonly measurement: Hex
  readonly platformId: Hex
  readonly hpkeKeyDigest: Hex
  readonly receiptSigner: Hex
  readonly endpoint: string
  readonly draining: boolean
  /** Numbers of the wire; names by `TRUST_TIERS` and `TCB_STATUSES` of packages/abi. */
  readonly tier: number
  readonly tcbStatus: number
  /** Version of the module that verified it. */
  readonly moduleVersion: number
  /** End of the keyset, Unix seconds. */
  readonly notAfter: number
}

/** A payment channel as the chain has it. Amounts in token base units, instants in Unix seconds. */
export interface Channel {
  readonly status: ChannelStatus
  readonly payer: Address
  readonly providerId: Hex
  readonly assetId: bigint
  readonly assetVersion: number
  readonly contentRoot: Hex
  readonly deposit: bigint
  readonly settled: bigint
  readonly lastSeq: bigint
  readonly pricePerUnitIn: bigint
  readonly pricePerUnitOut: bigint
  readonly voucherSigner: Hex
  readonly openedAt: number
  readonly expiresAt: number
  readonly closeRequestedAt: number
  readonly closeDelaySeconds: number
}

export interface AssetVersion {
  readonly manifestHash: Hex
  readonly contentRoot: Hex
  readonly manifestUri: string
  /** Basis points of every payment that go to the owner of the asset. */
  readonly ownerShareBps: number
  readonly acceptedTeeKinds: number
  readonly acceptedWorkloads: readonly Hex[]
  readonly retired: boolean
}

/** The newest receipt and voucher of one channel, ready for the escrow. */
export interface SettleItem {
  readonly receipt: Receipt
  readonly receiptSignature: Hex
  readonly voucher: Voucher
  readonly voucherSignature: Hex
}

/** What one batch did: item i was paid when reasons[i] is undefined. */
export interface SettleResult {
  readonly transactionHash: Hex
  readonly reasons: readonly (string | undefined)[]
}

/** Evidence and everything that `AttestationRegistry.register` checks beside it. */
export interface RegistrationCall {
  readonly keyset: Keyset
  readonly quote: Uint8Array
  readonly challengeBlock: bigint
  readonly possessionSignature: Hex
  readonly endpoint: string
}

/** Newer evidence of the registered keyset, as `AttestationRegistry.renew` takes it. */
export interface RenewalCall {
  readonly providerId: Hex
  readonly quote: Uint8Array
  readonly challengeBlock: bigint
}

/** A GPU or switch that the registry has for the current epoch. */
export interface BoundGpu {
  readonly platformId: Hex
  readonly evidenceHash: Hex
  /** Unix seconds. Without grace. */
  readonly validUntil: number
  readonly tier: number
  readonly simulated: boolean
}

/** Evidence of a GPU and the receipt key's word for it, as `AttestationRegistry.bindGpu` takes them. */
export interface BindGpuCall {
  readonly providerId: Hex
  /** Of the device, as the registry has it: keccak256 of the verified claims' own. */
  readonly platformId: Hex
  readonly evidence: Hex
  readonly challengeBlock: bigint
  readonly possessionSignature: Hex
}

/** What the registry would make of evidence now. */
export interface RenewalPreview {
  /** Unix seconds. */
  readonly activeUntil: number
  readonly tier: number
  readonly tcbStatus: number
  readonly moduleVersion: number
}

/** The contracts, as the node uses them. Every failure is a {@link BaseError}: `NODE_CHAIN_…` or the contract's own code. */
export interface Chain {
  readonly chainId: bigint
  readonly registry: Address
  readonly escrow: Address
  readonly keyReleases: Address
  head(): Promise<ChainHead>
  providerStatus(providerId: Hex): Promise<ProviderStatus>
  providerRecord(providerId: Hex): Promise<ProviderRecord>
  /** Workload of an active reference value; undefined when there is none. */
  workloadOf(measurement: Hex): Promise<Hex | undefined>
  uploadEndorsements(quote: Uint8Array, endorsements: EndorsementsJson): Promise<readonly Hex[]>
  register(call: RegistrationCall): Promise<Hex>
  /** Throws the reason why `register` would fail; sends nothing. */
  simulateRegister(call: RegistrationCall): Promise<void>
  /** GPUs of the current epoch, with their ends as they hold now. */
  gpus(providerId: Hex): Promise<readonly BoundGpu[]>
  /** Why the registry would not let a provider serve an asset now; undefined when it would. */
  objectionTo(providerId: Hex, assetId: bigint, version: number): Promise<ReasonCode | undefined>
  /**
   * Products of a provider's platform and GPUs by platform id, in words: from the events of the epoch. Empty where the endpoint does not
   * search events that far back.
   */
  products(providerId: Hex, record: Pick<ProviderRecord, 'epoch' | 'teeKind'>): Promise<ReadonlyMap<Hex, string>>
  /** keccak256 of the evidence that the registry has accepted last for an epoch. */
  evidenceHash(providerId: Hex, epoch: bigint): Promise<Hex>
  /** Sends what makes the store's endorsements of this quote last until `until` (Unix seconds), as far as the given ones do. */
  refreshEndorsements(quote: Uint8Array, endorsements: EndorsementsJson, until: number): Promise<readonly Hex[]>
  /** Longest time for which one result counts, seconds. */
  attestationTtlSeconds(): Promise<number>
  /** Throws the reason why `renew` would fail; sends nothing. */
  previewRenewal(call: RenewalCall, notAfter: bigint): Promise<RenewalPreview>
  renew(call: RenewalCall): Promise<Hex>
  /** Evidence of a GPU as the registry takes it. */
  gpuEvidence(answer: GpuEvidence): Promise<Hex>
  /** Brings the endorsements that are missing or have expired, with `renews` also newer ones of those that end soon; then binds. */
  bindGpu(call: BindGpuCall, endorsements: GpuEvidence, renews: boolean): Promise<Hex>
  /** Whether the operator's account has sent transactions that no block has yet. */
  hasUnmined(): Promise<boolean>
  assetVersion(assetId: bigint, version: number): Promise<AssetVersion>
  /** Undefined when nothing was released to this keyset. */
  sealedKey(assetId: bigint, keyEpoch: number, keysetDigest: Hex): Promise<Uint8Array | undefined>
  channel(channelId: Hex): Promise<Channel>
  /** Basis points of every payment that go to the protocol. */
  protocolShareBps(): Promise<number>
  /** What {@link Chain.settle} would answer for each item alone, now: undefined pays. Sends nothing. */
  previewSettle(items: readonly SettleItem[]): Promise<readonly (string | undefined)[]>
  settle(items: readonly SettleItem[]): Promise<SettleResult>
}

/** Newest state of a channel in the journal. */
export interface ChannelState {
  readonly channelId: Hex
  readonly lastSeq: bigint
  readonly unitsIn: bigint
  readonly unitsOut: bigint
  readonly cumulativeFee: bigint
  readonly lastReceiptHash: Hex
  /** Paid on-chain as far as this node has seen, token base units. What counts is this sum, never a receipt number. */
  readonly settledFee: bigint
  /** Sum over the channel's life at which both sides agreed to close, token base units; undefined while not agreed. */
  readonly closeFinal: bigint | undefined
  /** Unix seconds of the agreement. */
  readonly closeAgreedAt: number | undefined
}

export interface JournalEntry extends SettleItem {
  /** Unix seconds. */
  readonly journaledAt: number
  /** Undefined while it may still be settled. */
  readonly outcome: string | undefined
}

/** An encapsulated key that was seen under a keyset. */
export interface ReplayRow {
  readonly keysetDigest: Hex
  readonly encapsulatedKeyHash: Hex
  /** Unix seconds. */
  readonly seenAt: number
}

/** Which open entries of a channel to read, newest first. */
export interface EntryRange {
  readonly limit: number
  /** Only entries with a smaller number. */
  readonly belowSeq?: bigint
}

export interface UnsettledSummary {
  /** Over all channels: the newest open receipt's sum less what was paid, token base units. */
  readonly value: bigint
  /** Unix seconds of the oldest unsettled entry; undefined when there is none. */
  readonly oldestAt: number | undefined
}

/** Append-only record of vouchers and receipts. Failures: `NODE_JOURNAL_FAILED`. */
export interface Journal {
  /** Ties the journal to one provider and escrow. Failure: `NODE_JOURNAL_FAILED` when it belongs to another. */
  bind(identity: { readonly providerId: Hex; readonly escrow: Address; readonly chainId: bigint }): Promise<void>
  channelState(channelId: Hex): Promise<ChannelState | undefined>
  channelStates(): Promise<readonly ChannelState[]>
  entry(channelId: Hex, seq: bigint): Promise<JournalEntry | undefined>
  /**
   * Writes entry, channel state and the encapsulated key of the request in one transaction; refuses when the channel moved
   * on meanwhile. False, and nothing is written, when that key was there already.
   */
  append(item: SettleItem, receiptHash: Hex, journaledAt: number, replay: ReplayRow): Promise<boolean>
  /** Remembers an encapsulated key. False when it was there already. */
  admit(replay: ReplayRow): Promise<boolean>
  forgetOtherKeysets(keysetDigest: Hex): Promise<void>
  /** Channels with open entries: not final, and with a sum above what is paid. */
  unsettledChannels(): Promise<readonly ChannelState[]>
  /** Open entries of one channel, newest first. */
  unsettledOf(channelId: Hex, range: EntryRange): Promise<readonly JournalEntry[]>
  unsettledSummary(): Promise<UnsettledSummary>
  /** What the chain has paid: every entry whose sum is at most `settledFee` is done. Never moves backwards. */
  markSettled(channelId: Hex, settledFee: bigint, transactionHash: Hex | undefined): Promise<void>
  /** One item was refused. With `final` it is never offered again, and the entry before it becomes the newest. */
  markSkipped(channelId: Hex, seq: bigint, reason: string, final: boolean): Promise<void>
  /** No open entry finished after `finishedAfter` (Unix seconds; all of them when undefined) can ever be paid. */
  markLost(channelId: Hex, reason: string, finishedAfter?: number): Promise<void>
  /**
   * Writes down, once and for all, the sum at which the channel may be closed at once. The channel takes no entry after it.
   *
   * @returns The sum that stands: `finalCumulative`, or what was agreed before.
   */
  agreeClose(channelId: Hex, finalCumulative: bigint, agreedAt: number): Promise<bigint>
  close(): Promise<void>
}

/** A tensor model, decrypted in memory. */
export interface ServedModel {
  readonly name: string
  /** Answer of `GET /v2/models/{name}` (Open Inference Protocol v2). */
  metadata(): Record<string, unknown>
  /** Reads and checks a request body. Failure: `NODE_INPUT_INVALID`. */
  prepare(body: Uint8Array): PreparedInference
  close(): Promise<void>
}

/** A checked request: its units, hence its fee, are known before it runs. */
export interface PreparedInference {
  readonly unitsIn: bigint
  readonly unitsOut: bigint
  /** Body of the answer, the same bytes for the same request. Failures: `NODE_INFERENCE_FAILED`, `NODE_REQUEST_TIMED_OUT`. */
  run(signal: AbortSignal): Promise<Uint8Array>
}
