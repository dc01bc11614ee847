/** An in-process chain with every contract, a simulated platform with its endorsements on-chain, and one workload. */
import { decodeContractError } from '@spartan/abi'
import { createSimulationRoot, type EndorsementOptions, workload } from '@spartan/simulator'
import { network } from 'hardhat'
import { type Address, type Hex, keccak256, stringToHex } from 'viem'
import { deployContract, deployWorld } from '../../scripts/deploy/deploy.ts'
import type { EvidenceOptions } from '../../scripts/deploy/evidence.ts'
import type { Actor, Call } from './actor.ts'
import {
  prepareRegistration,
  proposeWorkload,
  type RegistrationEdits,
  registerCall,
  uploadEndorsements,
} from './registration.ts'

export const WORKLOAD_ID = keccak256(stringToHex('integration workload'))
const DAY = 86_400n

/** What a test changes in an otherwise acceptable registration. */
export interface Edits extends RegistrationEdits {
  /** Index of the wallet that owns the provider and sends. */
  readonly sender?: number
  readonly registry?: Address
}

/**
 * @param rules - prague: those before EIP-7951, without P-256.
 * @param evidence - Kinds beside Intel's.
 */
export async function registryWorld(rules: 'local' | 'prague' = 'local', evidence: EvidenceOptions = {}) {
  const connection = await network.create(rules)
  const { viem } = connection
  const client = await viem.getPublicClient()
  const test = await viem.getTestClient()
  const wallets = await viem.getWalletClients()
  const wallet = (index: number) => {
    const found = wallets[index]
    if (found === undefined) throw new Error(`no wallet ${index}`)
    return found
  }
  const deployer = wallet(0)
  const root = await createSimulationRoot({ now: Number((await client.getBlock()).timestamp) })
  const platform = await root.createPlatform({ name: 'machine' })
  const clients = { publicClient: client, walletClient: deployer } as never as Parameters<typeof deployContract>[0]
  const contracts = await deployWorld({ ...clients, devMode: true, simulationRootKey: root.publicKey, ...evidence })
  const measurements = await workload('integration')

  /** Wallets by index; a call is sent without a dry run, with the gas that one transaction may use. */
  const actor = (index: number): Actor => ({
    address: wallet(index).account.address,
    client: client as never,
    send: async (call) => {
      const hash = await wallet(index).writeContract({ ...call, gas: 16_000_000n } as never)
      const receipt = await client.waitForTransactionReceipt({ hash })
      if (receipt.status !== 'success') throw new Error(`${call.functionName} reverted`)
      return receipt as never
    },
  })
  const upload = (options?: EndorsementOptions, only?: readonly string[]) =>
    uploadEndorsements(actor(0), contracts.EndorsementStore, platform, options, only)

  /** Endorsements into the store, the image into the reference values; a quote of it. */
  const admitWorkload = async () => {
    await upload()
    const quote = await platform.issueQuote({ reportData: new Uint8Array(64), ...measurements })
    await proposeWorkload(actor(0), contracts.ReferenceValues, quote, WORKLOAD_ID)
    return quote
  }

  /** A registration that passes but for the edits. */
  const prepare = async ({ sender = 1, registry = contracts.AttestationRegistry, ...edits }: Edits = {}) => {
    const [owner, operator] = [actor(sender).address, actor(2).address]
    const plan = { client: client as never, registry, owner, operator, workloadId: WORKLOAD_ID, platform, measurements }
    return { ...(await prepareRegistration(plan, edits)), sender }
  }

  type Prepared = Awaited<ReturnType<typeof prepare>>

  /** Sends; throws when refused. */
  const register = (prepared: Prepared) => actor(prepared.sender).send(registerCall(prepared))

  /** Reason code of a call that must be refused; undefined when it would pass. */
  const refusal = async (index: number, call: Call) => {
    try {
      await client.simulateContract({ ...call, account: wallet(index).account, gas: 16_000_000n } as never)
      return undefined
    } catch (error) {
      return decodeContractError(error)?.code ?? String(error)
    }
  }
  const registerRefusal = async (prepared: Prepared) => await refusal(prepared.sender, registerCall(prepared))

  const travel = async (seconds: bigint) => {
    await test.increaseTime({ seconds: Number(seconds) })
    await test.mine({ blocks: 1 })
  }

  /** A second registry over the same contracts, not in dev mode. */
  const productionRegistry = async () => {
    const { EvidenceRouter, ReferenceValues, AssetRegistry } = contracts
    const args = [EvidenceRouter, ReferenceValues, AssetRegistry, false, 7n * DAY, 3n * DAY]
    return (await deployContract(clients, 'AttestationRegistry', args)).address
  }

  return {
    client,
    test,
    contracts,
    platform,
    root,
    actor,
    uploadEndorsements: upload,
    admitWorkload,
    prepare,
    register,
    refusal,
    registerRefusal,
    travel,
    productionRegistry,
    close: () => connection.close(),
  }
}

export type RegistryWorld = Awaited<ReturnType<typeof registryWorld>>
/** Any 32-byte word. */
export const word = (text: string): Hex => keccak256(stringToHex(text))
