import type { BrowserContext, Page } from 'playwright-core'
import { type Address, createWalletClient, type Hex, http, type SignableMessage } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { hardhat } from 'viem/chains'

/** What the wallet does with a request that a person would have to confirm. */
export type WalletMode = 'approve' | 'reject' | 'delay'

export interface WalletFixture {
  readonly address: Address
  /** Every confirmation asked of the user, newest last. */
  readonly prompts: string[]
  setMode(mode: WalletMode): void
  /** Lets the delayed prompts go on. */
  release(): void
  setChain(page: Page, chainId: number): Promise<void>
}

interface RpcRequest {
  readonly method: string
  readonly params?: readonly unknown[]
}

/** What a wallet asks its user before it does it. */
const CONFIRMED = new Set([
  'eth_requestAccounts',
  'eth_sendTransaction',
  'eth_signTypedData_v4',
  'personal_sign',
  'wallet_switchEthereumChain',
  'wallet_addEthereumChain',
])
const REJECTED = { code: 4001, message: 'User rejected the request.' }
const UNKNOWN_CHAIN = { code: 4902, message: 'Unrecognized chain.' }

/**
 * Announces a wallet by EIP-6963 in every page of `context`. Keys stay in this process; the page only sees requests
 * and answers, as with an extension.
 */
export async function installWallet(
  context: BrowserContext,
  options: { name: string; rdns: string; privateKey: Hex; rpcUrl: string; chainId: number; knowsChain?: boolean },
): Promise<WalletFixture> {
  const account = privateKeyToAccount(options.privateKey)
  const wallet = createWalletClient({ account, chain: hardhat, transport: http(options.rpcUrl) })
  let mode: WalletMode = 'approve'
  let chainId = options.chainId
  const known = new Set(options.knowsChain === false ? [1] : [1, options.chainId])
  let gate = Promise.withResolvers<void>()
  const prompts: string[] = []
  const binding = `spartanWallet_${options.rdns.replaceAll('.', '_')}`

  async function confirm(method: string): Promise<boolean> {
    prompts.push(method)
    if (mode === 'delay') await gate.promise
    return mode !== 'reject'
  }

  async function handle(request: RpcRequest): Promise<unknown> {
    const [first, second] = request.params ?? []
    switch (request.method) {
      case 'eth_accounts':
      case 'eth_requestAccounts':
        return [account.address]
      case 'eth_chainId':
        return `0x${chainId.toString(16)}`
      case 'eth_sendTransaction': {
        const tx = first as { to?: Address; data?: Hex; value?: Hex; gas?: Hex }
        return wallet.sendTransaction({
          ...(tx.to ? { to: tx.to } : {}),
          ...(tx.data ? { data: tx.data } : {}),
          ...(tx.gas ? { gas: BigInt(tx.gas) } : {}),
          value: BigInt(tx.value ?? '0x0'),
        })
      }
      case 'personal_sign':
        return account.signMessage({ message: { raw: first as Hex } as SignableMessage })
      case 'eth_signTypedData_v4': {
        const typed = JSON.parse(second as string)
        const { EIP712Domain: _, ...types } = typed.types
        return account.signTypedData({ ...typed, types })
      }
      case 'wallet_addEthereumChain':
        // Wallets switch to the chain that they have just added.
        chainId = Number((first as { chainId: Hex }).chainId)
        known.add(chainId)
        return null
      case 'wallet_switchEthereumChain': {
        const wanted = Number((first as { chainId: Hex }).chainId)
        if (!known.has(wanted)) throw UNKNOWN_CHAIN
        chainId = wanted
        return null
      }
      case 'wallet_getCapabilities':
      case 'wallet_requestPermissions':
      case 'wallet_revokePermissions':
        throw { code: 4200, message: `${request.method} is not supported.` }
      default:
        return forward(options.rpcUrl, request)
    }
  }

  await context.exposeFunction(binding, async (text: string) => {
    const request = JSON.parse(text) as RpcRequest
    try {
      if (CONFIRMED.has(request.method) && !(await confirm(request.method))) return { error: REJECTED }
      return { result: await handle(request), chainId: `0x${chainId.toString(16)}` }
    } catch (error) {
      return { error: rpcError(error) }
    }
  })
  await context.addInitScript(announce, { binding, name: options.name, rdns: options.rdns })

  return {
    address: account.address,
    prompts,
    setMode(next) {
      mode = next
      if (next === 'delay') gate = Promise.withResolvers<void>()
    },
    release() {
      mode = 'approve'
      gate.resolve()
    },
    async setChain(page, next) {
      chainId = next
      await page.evaluate(
        ([event, id]) => window.dispatchEvent(new CustomEvent(`${event}:chainChanged`, { detail: id })),
        [binding, `0x${next.toString(16)}`] as const,
      )
    },
  }
}

function rpcError(error: unknown): { code: number; message: string; data?: unknown } {
  if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error) {
    const { code, message } = error as { code: unknown; message: unknown }
    if (typeof code === 'number') return { code, message: String(message) }
  }
  return { code: -32603, message: error instanceof Error ? error.message : String(error) }
}

async function forward(rpcUrl: string, request: RpcRequest): Promise<unknown> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: request.method, params: request.params ?? [] }),
  })
  const answer = (await response.json()) as { result?: unknown; error?: { code: number; message: string } }
  if (answer.error) throw answer.error
  return answer.result
}

/** Runs inside the page: an EIP-1193 provider that hands every request to the exposed function. */
function announce({ binding, name, rdns }: { binding: string; name: string; rdns: string }) {
  const listeners = new Map<string, Set<(value: unknown) => void>>()
  const emit = (event: string, value: unknown) => {
    for (const listener of listeners.get(event) ?? []) listener(value)
  }
  const provider = {
    async request(request: { method: string; params?: unknown[] }) {
      const call = (
        window as unknown as Record<
          string,
          (text: string) => Promise<{ result?: unknown; error?: { code: number; message: string }; chainId?: string }>
        >
      )[binding]
      if (!call) throw new Error('wallet is gone')
      const answer = await call(JSON.stringify(request))
      if (answer.error) throw Object.assign(new Error(answer.error.message), { code: answer.error.code })
      if (/^wallet_(switch|add)EthereumChain$/.test(request.method)) emit('chainChanged', answer.chainId)
      return answer.result
    },
    on(event: string, listener: (value: unknown) => void) {
      const set = listeners.get(event) ?? new Set()
      set.add(listener)
      listeners.set(event, set)
      return provider
    },
    removeListener(event: string, listener: (value: unknown) => void) {
      listeners.get(event)?.delete(listener)
      return provider
    },
  }
  window.addEventListener(`${binding}:chainChanged`, (event) => emit('chainChanged', (event as CustomEvent).detail))
  const icon = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" rx="2" fill="#456"/></svg>')}`
  const detail = Object.freeze({ info: Object.freeze({ uuid: crypto.randomUUID(), name, rdns, icon }), provider })
  const tell = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  window.addEventListener('eip6963:requestProvider', tell)
  tell()
}
