import { type Address, createPublicClient, type Hex, http, isAddress, type PublicClient, type WalletClient } from 'viem'
import { type ChannelState, forgetChannel, listChannels, loadChannel } from './channelState.ts'
import type { ClientContext, SpartanContracts } from './clientContext.ts'
import {
  type CooperativeClose,
  closeCooperatively,
  finalizeClose,
  requestClose,
  signCooperativeClose,
  topUp,
} from './closeChannel.ts'
import { closeNow } from './closeNow.ts'
import { canServe, type DiscoverOptions, describeProvider, discover, listAssets, readAsset } from './discovery.ts'
import { SdkError } from './errors.ts'
import { DEFAULT_POLICY, type TrustAnchor, VENDOR_TRUST_ANCHORS, type VerificationPolicy } from './evidence.ts'
import { type InferContext, type InferOptions, infer, modelMetadata, recoverPending } from './infer.ts'
import { ledgerBalance, tokenBalance, withdraw, withdrawTo } from './ledger.ts'
import { type FundingOptions, type OpenChannelOptions, openChannel, readChannel, resumeOpening } from './openChannel.ts'
import { createProviderCache } from './providerCache.ts'
import { type ChannelStorage, createMemoryStorage } from './storage.ts'
import { verifyProvider } from './verifyProvider.ts'
import { fromViemWallet, type SpartanWallet } from './wallet.ts'

export interface SpartanClientOptions {
  readonly chainId: number
  readonly contracts: SpartanContracts
  /** Either this or `publicClient`. */
  readonly rpcUrl?: string
  readonly publicClient?: PublicClient
  /** For writes: a viem wallet client, or a wallet made by `fromEthersSigner`. */
  readonly wallet?: WalletClient | SpartanWallet
  /** The vendors' roots unless given. A simulation root needs `dangerouslyAllowSimulated`. */
  readonly trustAnchors?: readonly TrustAnchor[]
  /** Complete appraisal policy; a strict one unless given. */
  readonly policy?: VerificationPolicy
  /** Memory unless given: pass `createWebStorage(localStorage)` in a page, or a file store in Node. */
  readonly storage?: ChannelStorage
  /** Accepts evidence that proves nothing about hardware. Refused on main chains. */
  readonly dangerouslyAllowSimulated?: boolean
  /** Seconds; 300 unless given. */
  readonly verificationMaxAgeSeconds?: number
  /** 60,000 unless given. */
  readonly requestTimeoutMs?: number
  readonly fetch?: typeof globalThis.fetch
  /** Unix seconds; the system's clock unless given. */
  readonly now?: () => number
}

/** Chains with money of value: simulated evidence is never accepted there. Ids as in viem/chains 2.57. */
export const MAIN_CHAINS: ReadonlySet<number> = new Set([
  1, 10, 25, 56, 100, 130, 137, 146, 250, 252, 324, 480, 999, 1101, 1284, 1868, 5000, 8453, 34443, 42161, 42170, 42220,
  43114, 57073, 59144, 80094, 81457, 167000, 534352, 7777777,
])

/** The client. Made by {@link createSpartanClient}. */
export type SpartanClient = ReturnType<typeof createSpartanClient>

/**
 * Makes a client for one deployment.
 *
 * Fails closed: nothing is encrypted to a provider whose evidence, keyset and encryption key were not verified against
 * the chain within `verificationMaxAgeSeconds`.
 *
 * @throws {SdkError} `SDK_CONFIG_INVALID`, `SDK_SIMULATED_ON_MAIN_CHAIN`.
 */
export function createSpartanClient(options: SpartanClientOptions) {
  const context = contextOf(options)
  const providers = createProviderCache(context)
  const paid: InferContext = { ...context, providers, models: new Map() }
  return {
    chainId: context.chainId,
    contracts: context.contracts,
    publicClient: context.publicClient,

    discover: (query?: DiscoverOptions) => discover(context, query),
    provider: (providerId: Hex) => describeProvider(context, providerId),
    canServe: (providerId: Hex, assetId: bigint, user: Address) => canServe(context, providerId, assetId, user),
    assets: (from?: bigint, limit?: number) => listAssets(context, from, limit),
    asset: (assetId: bigint) => readAsset(context, assetId),
    /** Always asks the provider for fresh evidence; what it finds is then used for requests. */
    verifyProvider: async (providerId: Hex) => {
      providers.drop(providerId)
      const verification = await verifyProvider(context, providerId)
      if (verification.verdict === 'accepted') providers.put(verification.provider)
      return verification
    },

    openChannel: (open: OpenChannelOptions) => openChannel(paid, open),
    resumeOpening: (channelId: Hex, funding?: FundingOptions) => resumeOpening(context, channelId, funding),
    channels: (): Promise<readonly ChannelState[]> => listChannels(context),
    channel: (channelId: Hex) => loadChannel(context, channelId),
    channelOnChain: (channelId: Hex) => readChannel(context, channelId),
    forgetChannel: (channelId: Hex) => forgetChannel(context, channelId),

    modelMetadata: (providerId: Hex, model: string) => modelMetadata(paid, providerId, model),
    infer: (request: InferOptions) => infer(paid, request),
    recoverPending: (channelId: Hex) => recoverPending(paid, channelId),

    closeNow: (channelId: Hex, onSent?: (hash: Hex) => void) => closeNow(paid, channelId, onSent),
    topUp: (channelId: Hex, amount: bigint, onSent?: (hash: Hex) => void) => topUp(context, channelId, amount, onSent),
    requestClose: (channelId: Hex, onSent?: (hash: Hex) => void) => requestClose(context, channelId, onSent),
    finalizeClose: (channelId: Hex, onSent?: (hash: Hex) => void) => finalizeClose(context, channelId, onSent),
    signCooperativeClose: (channelId: Hex): Promise<CooperativeClose> => signCooperativeClose(context, channelId),
    closeCooperatively: (close: Parameters<typeof closeCooperatively>[1], onSent?: (hash: Hex) => void) =>
      closeCooperatively(context, close, onSent),

    ledgerBalance: (token: Address, user: Address) => ledgerBalance(context, token, user),
    tokenBalance: (token: Address, user: Address) => tokenBalance(context, token, user),
    withdraw: (token: Address, amount: bigint, onSent?: (hash: Hex) => void) =>
      withdraw(context, token, amount, onSent),
    withdrawTo: (token: Address, to: Address, amount: bigint, onSent?: (hash: Hex) => void) =>
      withdrawTo(context, token, to, amount, onSent),
  }
}

function contextOf(options: SpartanClientOptions): ClientContext {
  const { chainId, contracts } = options
  if (!Number.isSafeInteger(chainId) || chainId <= 0) throw invalid(`chainId ${chainId}`)
  for (const name of ['attestationRegistry', 'referenceValues', 'assetRegistry', 'ledger', 'channelEscrow'] as const) {
    if (!isAddress(contracts[name] ?? '', { strict: false })) throw invalid(`contracts.${name} is not an address`)
  }
  const trustAnchors = options.trustAnchors ?? VENDOR_TRUST_ANCHORS
  const allowSimulated = options.dangerouslyAllowSimulated === true
  const simulatedAnchor = trustAnchors.some((anchor) => anchor.simulated)
  if (simulatedAnchor && !allowSimulated) throw invalid('a simulated trust anchor needs dangerouslyAllowSimulated')
  if ((allowSimulated || simulatedAnchor) && MAIN_CHAINS.has(chainId)) {
    throw new SdkError('SDK_SIMULATED_ON_MAIN_CHAIN', { metaMessages: [`chain ${chainId}`] })
  }
  return {
    chainId,
    contracts,
    publicClient: publicClientOf(options),
    wallet: walletOf(options.wallet),
    storage: options.storage ?? createMemoryStorage(),
    trustAnchors,
    policy: options.policy ?? DEFAULT_POLICY,
    allowSimulated,
    verificationMaxAgeSeconds: options.verificationMaxAgeSeconds ?? 300,
    requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
    // Bound: browsers refuse fetch as a method of another object.
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    now: options.now ?? (() => Math.floor(Date.now() / 1000)),
  }
}

function publicClientOf({ publicClient, rpcUrl }: SpartanClientOptions): PublicClient {
  if (publicClient !== undefined) return publicClient
  if (rpcUrl === undefined) throw invalid('pass rpcUrl or publicClient')
  return createPublicClient({ transport: http(rpcUrl) })
}

function walletOf(wallet: WalletClient | SpartanWallet | undefined): SpartanWallet | undefined {
  if (wallet === undefined) return undefined
  return 'transport' in wallet ? fromViemWallet(wallet) : wallet
}

function invalid(line: string): SdkError {
  return new SdkError('SDK_CONFIG_INVALID', { metaMessages: [line] })
}
