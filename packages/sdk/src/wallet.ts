import { classifyCallError } from '@spartan/abi'
import { BaseError, type ReasonCode } from '@spartan/errors'
import type { Account, Address, Hex, TypedDataDomain, WalletClient } from 'viem'
import { SdkError } from './errors.ts'

/** A transaction to a contract; gas and nonce are the wallet's. */
export interface WalletTransaction {
  readonly to: Address
  readonly data: Hex
}

/** EIP-712 message to be signed by the wallet (permits; vouchers are signed by the session key). */
export interface WalletTypedData {
  readonly domain: TypedDataDomain
  readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>
  readonly primaryType: string
  readonly message: Readonly<Record<string, unknown>>
}

/** The one wallet interface inside the client. Made by {@link fromViemWallet} or {@link fromEthersSigner}. */
export interface SpartanWallet {
  readonly getAddress: () => Promise<Address>
  readonly getChainId: () => Promise<number>
  readonly sendTransaction: (transaction: WalletTransaction) => Promise<Hex>
  readonly signTypedData: (typedData: WalletTypedData) => Promise<Hex>
}

/** Takes a viem wallet client (also wagmi's). The account is the client's own unless given. */
export function fromViemWallet(client: WalletClient, account?: Account | Address): SpartanWallet {
  const signer = async () => account ?? client.account ?? (await client.getAddresses())[0] ?? missingAccount()
  return {
    getAddress: async () => addressOf(await signer()),
    getChainId: () => client.getChainId(),
    sendTransaction: async ({ to, data }) =>
      client.sendTransaction({ account: await signer(), chain: client.chain ?? null, to, data }),
    signTypedData: async (typedData) => client.signTypedData({ account: await signer(), ...typedData }),
  }
}

/** What the adapter needs of an ethers 6 `Signer`; written out so that the SDK does not depend on ethers. */
export interface EthersSigner {
  getAddress(): Promise<string>
  sendTransaction(transaction: { to: string; data: string }): Promise<{ hash: string }>
  signTypedData(
    domain: Record<string, unknown>,
    types: Record<string, { name: string; type: string }[]>,
    value: Record<string, unknown>,
  ): Promise<string>
  readonly provider: { getNetwork(): Promise<{ chainId: bigint }> } | null
}

/** Takes an ethers 6 signer that is connected to a provider. */
export function fromEthersSigner(signer: EthersSigner): SpartanWallet {
  return {
    getAddress: async () => (await signer.getAddress()) as Address,
    getChainId: async () => {
      if (signer.provider === null) throw new SdkError('SDK_WALLET_FAILED', { details: 'the signer has no provider' })
      return Number((await signer.provider.getNetwork()).chainId)
    },
    sendTransaction: async (transaction) => (await signer.sendTransaction({ ...transaction })).hash as Hex,
    signTypedData: async ({ domain, types, message }) => {
      const own = Object.entries(types).map(([name, fields]) => [name, fields.map((field) => ({ ...field }))] as const)
      return (await signer.signTypedData({ ...domain }, Object.fromEntries(own), { ...message })) as Hex
    },
  }
}

/** Runs a wallet action; a declined prompt becomes `SDK_WALLET_REJECTED`, no gas `SDK_GAS_UNFUNDED`, the rest `SDK_WALLET_FAILED`. */
export async function askWallet<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof BaseError) throw error
    const details = messageOf(error)
    throw new SdkError(walletCode(error), { details, cause: error })
  }
}

function walletCode(error: unknown): ReasonCode {
  if (isRejection(error)) return 'SDK_WALLET_REJECTED'
  return classifyCallError(error).kind === 'unfunded' ? 'SDK_GAS_UNFUNDED' : 'SDK_WALLET_FAILED'
}

/** The short sentence of viem and ethers; their long messages carry the whole transaction. */
function messageOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { shortMessage } = error as { shortMessage?: unknown }
  return (typeof shortMessage === 'string' ? shortMessage : error.message).split('\n')[0]?.slice(0, 300)
}

/** EIP-1193 code 4001 or ethers' ACTION_REJECTED, anywhere in the cause chain. */
function isRejection(error: unknown): boolean {
  for (
    let current: unknown = error, depth = 0;
    depth < 10 && typeof current === 'object' && current !== null;
    depth++
  ) {
    const { code, cause } = current as { code?: unknown; cause?: unknown }
    if (code === 4001 || code === 'ACTION_REJECTED') return true
    current = cause
  }
  return false
}

function addressOf(account: Account | Address): Address {
  return typeof account === 'string' ? account : account.address
}

function missingAccount(): never {
  throw new SdkError('SDK_WALLET_FAILED', { details: 'the wallet shares no account' })
}
