import { ledgerAbi } from '@spartan/abi'
import { type Address, erc20Abi, type Hex, parseSignature } from 'viem'
import { type ClientContext, requireWallet } from './clientContext.ts'
import { read, write } from './contractCall.ts'
import { SdkError } from './errors.ts'
import { askWallet } from './wallet.ts'

type Sent = (hash: Hex) => void

const ledgerOf = (context: ClientContext) => ({ address: context.contracts.ledger, abi: ledgerAbi }) as const

/** Free balance of a user in the ledger, token base units. What is locked in channels is not in it. */
export function ledgerBalance(context: ClientContext, token: Address, user: Address): Promise<bigint> {
  return read(context, { ...ledgerOf(context), functionName: 'balanceOf', args: [user, token] })
}

/** Balance of a user's wallet, token base units. */
export function tokenBalance(context: ClientContext, token: Address, user: Address): Promise<bigint> {
  return read(context, { address: token, abi: erc20Abi, functionName: 'balanceOf', args: [user] })
}

/** Withdraws to the wallet's own address. Failures: `LEDGER_BALANCE_TOO_LOW`, `LEDGER_AMOUNT_ZERO`, wallet codes. */
export function withdraw(context: ClientContext, token: Address, amount: bigint, onSent?: Sent) {
  return write(context, { ...ledgerOf(context), functionName: 'withdraw', args: [token, amount] }, onSent)
}

/** Withdraws to another address. Failures: as {@link withdraw}. */
export function withdrawTo(context: ClientContext, token: Address, to: Address, amount: bigint, onSent?: Sent) {
  return write(context, { ...ledgerOf(context), functionName: 'withdrawTo', args: [token, to, amount] }, onSent)
}

/** Allowance that the ledger still needs before `amount` can be deposited; zero when there is enough. */
export async function missingAllowance(context: ClientContext, token: Address, amount: bigint): Promise<bigint> {
  const owner = await (await requireWallet(context)).getAddress()
  const args = [owner, context.contracts.ledger] as const
  const allowed = await read(context, { address: token, abi: erc20Abi, functionName: 'allowance', args })
  return allowed >= amount ? 0n : amount
}

/** Allows the ledger to take `amount` of the token. */
export function approveLedger(context: ClientContext, token: Address, amount: bigint, onSent?: Sent) {
  const args = [context.contracts.ledger, amount] as const
  return write(context, { address: token, abi: erc20Abi, functionName: 'approve', args }, onSent)
}

/** Deposits an approved amount. Failures: `LEDGER_AMOUNT_ZERO`, the token's own error. */
export function deposit(context: ClientContext, token: Address, amount: bigint, onSent?: Sent) {
  return write(context, { ...ledgerOf(context), functionName: 'deposit', args: [token, amount] }, onSent)
}

const PERMIT_TYPES = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const

const NONCES_ABI = [
  {
    type: 'function',
    name: 'nonces',
    stateMutability: 'view',
    inputs: [{ name: 'owner', type: 'address' }],
    outputs: [{ name: '', type: 'uint256' }],
  },
] as const

const PERMIT_LIFE_SECONDS = 3600

/**
 * The domain under which a token takes permits: its own, on this chain. Undefined for a token without permits, and for one
 * that names another contract or chain: a wallet must not sign for that.
 */
async function permitDomain(context: ClientContext, token: Address) {
  const found = await context.publicClient.getEip712Domain({ address: token }).catch(() => undefined)
  if (found === undefined) return undefined
  const { name, version, chainId, verifyingContract } = found.domain
  const own = chainId === context.chainId && verifyingContract.toLowerCase() === token.toLowerCase()
  return own ? { name, version, chainId, verifyingContract: token } : undefined
}

/**
 * Deposits with one signature and one transaction, for tokens with ERC-2612 permits and ERC-5267 domains; any other token
 * is approved and deposited instead.
 */
export async function depositWithPermit(context: ClientContext, token: Address, amount: bigint, onSent?: Sent) {
  const wallet = await requireWallet(context)
  const owner = await wallet.getAddress()
  const domain = await permitDomain(context, token)
  if (domain === undefined) {
    if ((await missingAllowance(context, token, amount)) > 0n) await approveLedger(context, token, amount)
    return deposit(context, token, amount, onSent)
  }
  const nonce = await read(context, { address: token, abi: NONCES_ABI, functionName: 'nonces', args: [owner] })
  const deadline = BigInt(context.now() + PERMIT_LIFE_SECONDS)
  const signature = await askWallet(() =>
    wallet.signTypedData({
      domain,
      types: PERMIT_TYPES,
      primaryType: 'Permit',
      message: { owner, spender: context.contracts.ledger, value: amount, nonce, deadline },
    }),
  )
  const { r, s, v, yParity } = parseSignature(signature)
  const args = [token, amount, deadline, Number(v ?? BigInt(27 + yParity)), r, s] as const
  return write(context, { ...ledgerOf(context), functionName: 'depositWithPermit', args }, onSent)
}

/** Refuses a deposit that the wallet cannot pay. Failure: `SDK_TOKEN_BALANCE_TOO_LOW`. */
export async function assertTokenBalance(context: ClientContext, token: Address, owner: Address, amount: bigint) {
  const balance = await tokenBalance(context, token, owner)
  if (balance < amount) {
    throw new SdkError('SDK_TOKEN_BALANCE_TOO_LOW', { metaMessages: [`needed ${amount}, wallet holds ${balance}`] })
  }
}
