import {
  attestationRegistryAbi,
  referenceValuesAbi,
  replayPriceFeedAbi,
  tdxMeasurement,
  testTokenAbi,
} from '@spartan/abi'
import type { SimulatedGpu, SimulationRoot } from '@spartan/simulator'
import {
  type Abi,
  type Address,
  type Hex,
  keccak256,
  parseUnits,
  sha256,
  type TransactionReceipt,
  toHex,
  zeroHash,
} from 'viem'
import { type DeployedWorld, deployContract, deployWorld } from '../deploy/deploy.ts'
import { accountOf, clientsFor, indexOf, type Role, TRADERS } from './chain.ts'
import { PROVIDER_PLANS } from './providerPlans.ts'
import { quoteFor, WORLD_WORKLOAD } from './simulatorServer.ts'

/** Decimals of the price feeds, as on Chainlink's USD feeds. */
const FEED_DECIMALS = 8
const TRADER_FUNDS = parseUnits('10000', 6)
/** Names the workload in keysets and asset policies. */
export const WORKLOAD_ID = keccak256(toHex(WORLD_WORKLOAD))

export interface WorldContracts {
  readonly deployed: DeployedWorld
  readonly token: Address
  readonly names: Readonly<Record<string, Address>>
}

/** Deploys everything in dev mode under the world's own simulation root. */
export async function deployContracts(
  rpcUrl: string,
  root: SimulationRoot,
  note: (text: string) => void,
  gpu?: SimulatedGpu,
): Promise<WorldContracts> {
  const clients = clientsFor(rpcUrl, indexOf('deployer'))
  const treasury = accountOf('treasury').address
  const deployed = await deployWorld({
    ...clients,
    devMode: true,
    simulationRootKey: root.publicKey,
    ...(gpu && { tees: ['NvidiaGpu'], simulation: { nvidia: gpu } }),
    treasury,
    onStep: ({ index, total, name }) => note(`${index}/${total} ${name}`),
  })
  if (!deployed.TestToken) throw new Error('the deployment has no test token')
  const names = Object.fromEntries(
    Object.entries(deployed).map(([name, address]) => [name.charAt(0).toLowerCase() + name.slice(1), address]),
  )
  return { deployed, token: deployed.TestToken, names }
}

/** Sends one call from a role's account and waits until it is mined. */
export async function send(
  rpcUrl: string,
  role: Role,
  call: { address: Address; abi: Abi; functionName: string; args: readonly unknown[] },
): Promise<TransactionReceipt> {
  const { walletClient, publicClient } = clientsFor(rpcUrl, indexOf(role))
  const { request } = await publicClient.simulateContract({ ...call, account: walletClient.account })
  const hash = await walletClient.writeContract(request)
  const receipt = await publicClient.waitForTransactionReceipt({ hash })
  if (receipt.status !== 'success') throw new Error(`${call.functionName} reverted in ${hash}`)
  return receipt
}

/** Makes the simulated image a reference value: what production does after a reproducible build and a timelock. */
export async function publishWorkload(
  rpcUrl: string,
  contracts: WorldContracts,
  root: SimulationRoot,
  platform: string,
): Promise<Hex> {
  const measurement = tdxMeasurement(await quoteFor(root, platform, new Uint8Array(64)))
  await send(rpcUrl, 'deployer', {
    address: contracts.deployed.ReferenceValues,
    abi: referenceValuesAbi,
    functionName: 'propose',
    args: [measurement, WORKLOAD_ID, zeroHash, sha256(toHex(WORLD_WORKLOAD))],
  })
  return measurement
}

/** Owners let their operator keys register nodes; traders get test tokens. */
export async function prepareAccounts(rpcUrl: string, contracts: WorldContracts): Promise<void> {
  for (const { owner, operator } of PROVIDER_PLANS) {
    await send(rpcUrl, owner, {
      address: contracts.deployed.AttestationRegistry,
      abi: attestationRegistryAbi,
      functionName: 'approveOperator',
      args: [accountOf(operator).address, true],
    })
  }
  for (const trader of TRADERS) {
    await send(rpcUrl, trader, {
      address: contracts.token,
      abi: testTokenAbi,
      functionName: 'faucet',
      args: [accountOf(trader).address, TRADER_FUNDS],
    })
  }
}

/** One feed per symbol; `push` writes a price into it. Prices of one symbol are pushed one after the other. */
export async function deployPriceFeeds(rpcUrl: string, symbols: readonly string[]) {
  const clients = clientsFor(rpcUrl, indexOf('feedKeeper'))
  const feeds: Record<string, Address> = {}
  for (const symbol of symbols) {
    const { address } = await deployContract(clients, 'ReplayPriceFeed', [
      clients.account.address,
      FEED_DECIMALS,
      `${symbol} / USD`,
    ])
    feeds[symbol] = address
  }
  const push = async (symbol: string, price: number, time: number) => {
    const address = feeds[symbol]
    if (!address) return
    const answer = parseUnits(price.toFixed(FEED_DECIMALS), FEED_DECIMALS)
    await send(rpcUrl, 'feedKeeper', {
      address,
      abi: replayPriceFeedAbi,
      functionName: 'push',
      args: [answer, BigInt(time)],
    })
  }
  return { feeds, push }
}
