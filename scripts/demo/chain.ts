import { network } from 'hardhat'
import { type Address, createPublicClient, createWalletClient, type Hex, http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { hardhat as localChain } from 'viem/chains'
import { PROVIDER_PLANS, type ProviderPlan } from './providerPlans.ts'

/** The development mnemonic that every local Ethereum tool funds. Worthless anywhere else. */
const MNEMONIC = 'test test test test test test test test test test test junk'
/** Blocks also come without transactions, so that time moves and challenges age as on a real chain. */
const BLOCK_INTERVAL_MS = 2_000

/** Chain id of the local world, as Hardhat and Anvil have it. */
export const CHAIN_ID = localChain.id

/** Who buys: they get test tokens, and their keys are shown to the person who starts the world. */
export const TRADERS = ['trader', 'traderB'] as const
/** Positions of the accounts that are no provider's. */
const OTHER_ACCOUNTS = { deployer: 0, assetOwner: 1, trader: 6, traderB: 7, treasury: 8, feedKeeper: 9 } as const

export type Role = keyof typeof OTHER_ACCOUNTS | ProviderPlan['owner'] | ProviderPlan['operator']

const ACCOUNTS = new Map<Role, number>([
  ...(Object.entries(OTHER_ACCOUNTS) as [Role, number][]),
  ...PROVIDER_PLANS.flatMap(({ owner, operator, firstAccount }): [Role, number][] => [
    [owner, firstAccount],
    [operator, firstAccount + 1],
  ]),
])

export interface WorldAccount {
  readonly role: Role
  readonly address: Address
  readonly privateKey: Hex
}

/** Starts Hardhat's node with Osaka rules on 127.0.0.1. */
export async function startChain(port: number) {
  const override = { mining: { auto: true, interval: BLOCK_INTERVAL_MS } }
  const server = await network.createServer({ network: 'local', override }, '127.0.0.1', port)
  await server.listen()
  const rpcUrl = `http://127.0.0.1:${port}`
  return { rpcUrl, chain: localChain, close: () => server.close() }
}

/** The funded accounts of the world, by their position. */
export function worldAccounts(): WorldAccount[] {
  return [...ACCOUNTS]
    .sort(([, a], [, b]) => a - b)
    .map(([role, addressIndex]) => {
      const account = mnemonicToAccount(MNEMONIC, { addressIndex })
      const key = account.getHdKey().privateKey
      if (!key) throw new Error(`no private key for ${role}`)
      return { role, address: account.address, privateKey: `0x${Buffer.from(key).toString('hex')}` }
    })
}

/** The funded account of one role. */
export function accountOf(role: Role): WorldAccount {
  const account = worldAccounts().find((candidate) => candidate.role === role)
  if (!account) throw new Error(`no account for ${role}`)
  return account
}

/** viem clients for one account. */
export function clientsFor(rpcUrl: string, addressIndex: number) {
  const account = mnemonicToAccount(MNEMONIC, { addressIndex })
  const transport = http(rpcUrl)
  return {
    account,
    publicClient: createPublicClient({ chain: localChain, transport, pollingInterval: 100, cacheTime: 0 }),
    walletClient: createWalletClient({ account, chain: localChain, transport }),
  }
}

/** Position of a role's account among the development accounts. */
export function indexOf(role: Role): number {
  const index = ACCOUNTS.get(role)
  if (index === undefined) throw new Error(`no account for ${role}`)
  return index
}
