import {
  encodeReceiptHeader,
  fromBase64Url,
  parseReceiptHeader,
  type SignedReceipt,
  toBase64Url,
} from '@spartan/protocol'
import type { Address, Hex } from 'viem'
import { z } from 'zod'
import type { ClientContext } from './clientContext.ts'
import { SdkError } from './errors.ts'

/** Parameters of `ChannelEscrow.open`, fixed before the first transaction so that opening can be resumed. */
export interface OpenParams {
  readonly providerId: Hex
  readonly assetId: bigint
  readonly assetVersion: number
  readonly deposit: bigint
  readonly voucherSigner: Address
  readonly closeDelaySeconds: number
  readonly expiresAt: bigint
  readonly salt: Hex
  readonly maxPricePerUnitIn: bigint
  readonly maxPricePerUnitOut: bigint
}

/** A request whose voucher is signed but whose answer is not there yet. Kept until a receipt or a refusal arrives. */
export interface PendingRequest {
  readonly seq: bigint
  readonly path: string
  readonly body: Uint8Array
  readonly cumulativeMax: bigint
  /** Unix seconds. */
  readonly notAfter: bigint
}

/**
 * Everything a client has to keep about a channel: session key, newest receipt, and the request under way.
 *
 * Secret: the session key signs vouchers up to the deposit, for this provider and price only.
 */
export interface ChannelState {
  readonly channelId: Hex
  readonly chainId: number
  readonly escrow: Address
  readonly payer: Address
  readonly token: Address
  readonly params: OpenParams
  readonly sessionPrivateKey: Hex
  /** False until the escrow was seen to hold the channel. */
  readonly opened: boolean
  readonly deposit: bigint
  readonly pricePerUnitIn: bigint
  readonly pricePerUnitOut: bigint
  readonly contentRoot: Hex
  readonly openedAt: bigint
  readonly lastReceipt: SignedReceipt | undefined
  readonly pending: PendingRequest | undefined
}

const bigint = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,77})$/)
  .transform(BigInt)
const hex = (bytes: number) =>
  z.custom<Hex>((value) => typeof value === 'string' && new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`).test(value))
const uint32 = z.int().min(0).max(0xffffffff)

const storedSchema = z.strictObject({
  format: z.literal('spartan-channel/1'),
  channelId: hex(32),
  chainId: z.int(),
  escrow: hex(20),
  payer: hex(20),
  token: hex(20),
  params: z.strictObject({
    providerId: hex(32),
    assetId: bigint,
    assetVersion: uint32,
    deposit: bigint,
    voucherSigner: hex(20),
    closeDelaySeconds: uint32,
    expiresAt: bigint,
    salt: hex(32),
    maxPricePerUnitIn: bigint,
    maxPricePerUnitOut: bigint,
  }),
  sessionPrivateKey: hex(32),
  opened: z.boolean(),
  deposit: bigint,
  pricePerUnitIn: bigint,
  pricePerUnitOut: bigint,
  contentRoot: hex(32),
  openedAt: bigint,
  lastReceipt: z.string().nullable(),
  pending: z
    .strictObject({ seq: bigint, path: z.string(), body: z.string(), cumulativeMax: bigint, notAfter: bigint })
    .nullable(),
})

/** Writes a channel's state as text. */
export function serializeChannel(state: ChannelState): string {
  const pending = state.pending === undefined ? null : { ...state.pending, body: toBase64Url(state.pending.body) }
  const lastReceipt = state.lastReceipt === undefined ? null : encodeReceiptHeader(state.lastReceipt)
  const stored = { format: 'spartan-channel/1', ...state, lastReceipt, pending }
  return JSON.stringify(stored, (_, value) => (typeof value === 'bigint' ? value.toString() : value))
}

/** Reads a channel's state. Failure: `SDK_CHANNEL_STATE_MALFORMED`. */
export function parseChannel(text: string): ChannelState {
  try {
    const { format: _, lastReceipt, pending, ...rest } = storedSchema.parse(JSON.parse(text))
    return {
      ...rest,
      lastReceipt: lastReceipt === null ? undefined : parseReceiptHeader(lastReceipt),
      pending: pending === null ? undefined : { ...pending, body: fromBase64Url(pending.body) },
    }
  } catch {
    // The text holds a session key: neither it nor the parser's message may travel with the error.
    throw new SdkError('SDK_CHANNEL_STATE_MALFORMED')
  }
}

type StorageContext = Pick<ClientContext, 'storage' | 'chainId' | 'contracts'>

function storageKey(context: StorageContext, channelId: Hex): string {
  return `channel:${context.chainId}:${context.contracts.channelEscrow.toLowerCase()}:${channelId.toLowerCase()}`
}

/** Stores a state; it is durable when this resolves. */
export async function saveChannel(context: StorageContext, state: ChannelState): Promise<ChannelState> {
  await context.storage.set(storageKey(context, state.channelId), serializeChannel(state))
  return state
}

/** Reads one channel of this deployment. Failures: `SDK_CHANNEL_STATE_MISSING`, `SDK_CHANNEL_STATE_MALFORMED`. */
export async function loadChannel(context: StorageContext, channelId: Hex): Promise<ChannelState> {
  const text = await context.storage.get(storageKey(context, channelId))
  if (text === undefined) throw new SdkError('SDK_CHANNEL_STATE_MISSING', { metaMessages: [`channel ${channelId}`] })
  return parseChannel(text)
}

/** Forgets a channel, session key and all. Only sensible after it was closed. */
export async function forgetChannel(context: StorageContext, channelId: Hex): Promise<void> {
  await context.storage.remove(storageKey(context, channelId))
}

/** Every stored channel of this deployment, also those whose opening was interrupted. */
export async function listChannels(context: StorageContext): Promise<readonly ChannelState[]> {
  const prefix = storageKey(context, '0x').replace(/0x$/, '')
  const keys = (await context.storage.keys()).filter((key) => key.startsWith(prefix))
  const texts = await Promise.all(keys.map((key) => context.storage.get(key)))
  return texts.flatMap((text) => (text === undefined ? [] : [parseChannel(text)]))
}

const queues = new Map<string, Promise<unknown>>()

/**
 * Runs one action at a time per channel: in this process, and over all tabs of a page where the Web Locks API is there.
 * Two requests at once would sign two vouchers for one number.
 */
export function withChannelLock<T>(context: StorageContext, channelId: Hex, action: () => Promise<T>): Promise<T> {
  const key = storageKey(context, channelId)
  const locked = () => globalThis.navigator?.locks?.request(`spartan:${key}`, action) ?? action()
  const previous = queues.get(key) ?? Promise.resolve()
  const next = previous.then(locked, locked) as Promise<T>
  const settled = next.catch(() => undefined)
  queues.set(key, settled)
  void settled.then(() => {
    if (queues.get(key) === settled) queues.delete(key)
  })
  return next
}
