import { CHANNEL_STATUSES, channelEscrowAbi } from '@spartan/abi'
import { createSessionKey } from '@spartan/protocol'
import { type Address, bytesToHex, type ContractFunctionReturnType, type Hex } from 'viem'
import { type ChannelState, loadChannel, type OpenParams, saveChannel, withChannelLock } from './channelState.ts'
import { type ClientContext, requireWallet } from './clientContext.ts'
import { read, write } from './contractCall.ts'
import { canServe, readAsset } from './discovery.ts'
import { SdkError } from './errors.ts'
import type { InferContext } from './infer.ts'
import {
  approveLedger,
  assertTokenBalance,
  deposit,
  depositWithPermit,
  ledgerBalance,
  missingAllowance,
} from './ledger.ts'

/** Steps of opening, in order. `approve` is skipped with a permit and where the allowance is there. */
export const OPEN_STEPS = ['verify', 'prepare', 'approve', 'deposit', 'open', 'confirm'] as const
export type OpenStep = (typeof OPEN_STEPS)[number]

export interface OpenProgress {
  readonly step: OpenStep
  readonly status: 'started' | 'sent' | 'done' | 'skipped'
  /** Of the transaction, once it is sent. */
  readonly hash?: Hex
}

export interface FundingOptions {
  /** How the ledger is allowed to take the token. `approve` works with every token and needs one transaction more. */
  readonly funding?: 'approve' | 'permit'
  readonly onProgress?: (progress: OpenProgress) => void
}

export interface OpenChannelOptions extends FundingOptions {
  readonly providerId: Hex
  readonly assetId: bigint
  /** Newest version unless given. */
  readonly assetVersion?: number
  /** Token base units; the most this channel can ever cost. */
  readonly deposit: bigint
  /** One hour unless given. */
  readonly closeDelaySeconds?: number
  /** 30 days unless given. */
  readonly lifetimeSeconds?: number
  /** Prices above these are refused by the contract; the prices read now unless given. */
  readonly maxPricePerUnitIn?: bigint
  readonly maxPricePerUnitOut?: bigint
}

export type OnChainChannel = ContractFunctionReturnType<typeof channelEscrowAbi, 'view', 'channelOf'>

const DAY_SECONDS = 86_400

/**
 * Verifies the provider, makes a session key, funds the ledger and opens a channel.
 *
 * The state is stored before the first transaction: after an interruption `resumeOpening` goes on where it stopped, and
 * never opens or deposits twice.
 *
 * @throws {BaseError} The refusal of the provider; `CHANNEL_…`, `SDK_TOKEN_BALANCE_TOO_LOW`, `SDK_DEPOSIT_INVALID`, wallet codes.
 */
export async function openChannel(context: InferContext, options: OpenChannelOptions): Promise<ChannelState> {
  const { deposit: amount, onProgress } = options
  if (amount <= 0n || amount >> 128n !== 0n)
    throw new SdkError('SDK_DEPOSIT_INVALID', { metaMessages: [`got ${amount}`] })
  const wallet = await requireWallet(context)
  const payer = await wallet.getAddress()
  onProgress?.({ step: 'verify', status: 'started' })
  await context.providers.require(options.providerId)
  await assertCanServe(context, options, payer)
  onProgress?.({ step: 'verify', status: 'done' })
  onProgress?.({ step: 'prepare', status: 'started' })
  const state = await saveChannel(context, await draft(context, options, payer))
  onProgress?.({ step: 'prepare', status: 'done' })
  return resumeOpening(context, state.channelId, options)
}

/**
 * Goes on with an opening that was interrupted; returns at once when the channel is open. Failures: as {@link openChannel},
 * `SDK_CHANNEL_STATE_MISSING`.
 */
export function resumeOpening(
  context: ClientContext,
  channelId: Hex,
  options: FundingOptions = {},
): Promise<ChannelState> {
  return withChannelLock(context, channelId, async () => {
    const state = await loadChannel(context, channelId)
    if (state.opened) return state
    const report = options.onProgress ?? (() => {})
    const existing = await readChannel(context, channelId)
    if (existing.status === NONE) {
      await fund(context, state, options.funding ?? 'approve', report)
      await step('open', report, (onSent) =>
        write(context, { ...escrowContract(context), functionName: 'open', args: [state.params] }, onSent),
      )
    } else {
      for (const skipped of ['approve', 'deposit', 'open'] as const) report({ step: skipped, status: 'skipped' })
    }
    return step('confirm', report, () => confirm(context, state))
  })
}

const NONE = 0
const OPEN = 1

/** Reads a channel from the escrow. */
export function readChannel(context: ClientContext, channelId: Hex): Promise<OnChainChannel> {
  return read(context, { ...escrowContract(context), functionName: 'channelOf', args: [channelId] })
}

/** Address and ABI of the escrow, for calls. */
export function escrowContract(context: ClientContext) {
  return { address: context.contracts.channelEscrow, abi: channelEscrowAbi } as const
}

async function assertCanServe(context: ClientContext, options: OpenChannelOptions, payer: Address): Promise<void> {
  const serves = await canServe(context, options.providerId, options.assetId, payer)
  if (serves.ok) return
  throw new SdkError(serves.reasonCode ?? 'CHANNEL_PROVIDER_CANNOT_SERVE', {
    metaMessages: [`provider ${options.providerId}, asset ${options.assetId}`],
  })
}

async function draft(context: ClientContext, options: OpenChannelOptions, payer: Address): Promise<ChannelState> {
  const { details, version } = await readAsset(context, options.assetId, options.assetVersion)
  const { terms, contentRoot } = details
  const sessionKey = createSessionKey()
  const block = await context.publicClient.getBlock()
  const start = block.timestamp > BigInt(context.now()) ? block.timestamp : BigInt(context.now())
  const params: OpenParams = {
    providerId: options.providerId,
    assetId: options.assetId,
    assetVersion: version,
    deposit: options.deposit,
    voucherSigner: sessionKey.signer,
    closeDelaySeconds: options.closeDelaySeconds ?? 3600,
    expiresAt: start + BigInt(options.lifetimeSeconds ?? 30 * DAY_SECONDS),
    salt: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
    maxPricePerUnitIn: options.maxPricePerUnitIn ?? terms.pricePerUnitIn,
    maxPricePerUnitOut: options.maxPricePerUnitOut ?? terms.pricePerUnitOut,
  }
  const args = [payer, params] as const
  const channelId = await read(context, { ...escrowContract(context), functionName: 'channelIdOf', args })
  return {
    channelId,
    chainId: context.chainId,
    escrow: context.contracts.channelEscrow,
    payer,
    token: terms.token,
    params,
    sessionPrivateKey: sessionKey.privateKey,
    opened: false,
    deposit: params.deposit,
    pricePerUnitIn: terms.pricePerUnitIn,
    pricePerUnitOut: terms.pricePerUnitOut,
    contentRoot,
    openedAt: 0n,
    lastReceipt: undefined,
    pending: undefined,
  }
}

type Report = (progress: OpenProgress) => void

async function fund(
  context: ClientContext,
  state: ChannelState,
  funding: 'approve' | 'permit',
  report: Report,
): Promise<void> {
  const { token, payer } = state
  const missing = state.params.deposit - (await ledgerBalance(context, token, payer))
  if (missing <= 0n) {
    report({ step: 'approve', status: 'skipped' })
    return report({ step: 'deposit', status: 'skipped' })
  }
  await assertTokenBalance(context, token, payer, missing)
  if (funding === 'permit') {
    report({ step: 'approve', status: 'skipped' })
    await step('deposit', report, (onSent) => depositWithPermit(context, token, missing, onSent))
    return
  }
  if ((await missingAllowance(context, token, missing)) === 0n) report({ step: 'approve', status: 'skipped' })
  else await step('approve', report, (onSent) => approveLedger(context, token, missing, onSent))
  await step('deposit', report, (onSent) => deposit(context, token, missing, onSent))
}

async function step<T>(
  name: OpenStep,
  report: Report,
  action: (onSent: (hash: Hex) => void) => Promise<T>,
): Promise<T> {
  report({ step: name, status: 'started' })
  const result = await action((hash) => report({ step: name, status: 'sent', hash }))
  report({ step: name, status: 'done' })
  return result
}

/** Takes prices, content root and times from the escrow, after comparing everything that was asked for. */
async function confirm(context: ClientContext, state: ChannelState): Promise<ChannelState> {
  const channel = await readChannel(context, state.channelId)
  if (channel.status !== OPEN) {
    throw new SdkError('SDK_CHANNEL_NOT_OPEN', { metaMessages: [`status ${CHANNEL_STATUSES[channel.status]}`] })
  }
  const { params } = state
  const same =
    channel.providerId === params.providerId &&
    channel.assetId === params.assetId &&
    channel.assetVersion === params.assetVersion &&
    channel.voucherSigner.toLowerCase() === params.voucherSigner.toLowerCase() &&
    channel.token.toLowerCase() === state.token.toLowerCase() &&
    channel.deposit >= params.deposit &&
    channel.pricePerUnitIn <= params.maxPricePerUnitIn &&
    channel.pricePerUnitOut <= params.maxPricePerUnitOut
  if (!same) throw new SdkError('SDK_CHANNEL_STATE_MISMATCH', { metaMessages: [`channel ${state.channelId}`] })
  const { deposit: locked, pricePerUnitIn, pricePerUnitOut, contentRoot, openedAt } = channel
  const opened = { ...state, opened: true, deposit: locked, pricePerUnitIn, pricePerUnitOut, contentRoot, openedAt }
  return saveChannel(context, opened)
}
