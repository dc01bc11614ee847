/** An in-process chain with every contract, a simulated platform with its endorsements on-chain, and one workload. */
import {
  attestationRegistryAbi,
  decodeContractError,
  encodeTdxEvidence,
  endorsementStoreAbi,
  endorsementUploads,
  referenceValuesAbi,
  tdxMeasurement,
} from '@spartan/abi'
import {
  type Keyset,
  keysetDigest,
  providerId as providerIdOf,
  registerDigest,
  registrationChallenge,
  reportData,
} from '@spartan/protocol'
import { createSimulationRoot, type EndorsementOptions, type QuoteOptions, workload } from '@spartan/simulator'
import { network } from 'hardhat'
import { type Address, type Hex, hexToBytes, keccak256, stringToHex, toHex, zeroHash } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { deployContract, deployWorld, verifierSettings } from '../../../scripts/deploy/deploy.ts'

export const WORKLOAD_ID = keccak256(stringToHex('integration workload'))
const TEE_KIND_TDX = 1
const DAY = 86_400n

/** What a test changes in an otherwise acceptable registration. */
export interface Edits {
  readonly keyset?: Partial<Keyset>
  /** Applied to the keyset that is sent, after the evidence was made over the original. */
  readonly sentKeyset?: Partial<Keyset>
  readonly quote?: Partial<QuoteOptions>
  readonly editQuote?: (quote: Uint8Array) => void
  readonly possessionKey?: PrivateKeyAccount
  readonly receiptKey?: PrivateKeyAccount
  /** Index of the wallet that sends. */
  readonly sender?: number
  readonly registry?: Address
}

export async function registryWorld() {
  const connection = await network.create('local')
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
  const contracts = await deployWorld({ ...clients, devMode: true, simulationRootKey: root.publicKey })
  const measurements = await workload('integration')

  const send = async (index: number, call: Record<string, unknown>) => {
    const hash = await wallet(index).writeContract({ ...call, gas: 16_000_000n } as never)
    const receipt = await client.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error('transaction reverted')
    return receipt
  }

  const uploadEndorsements = async (options: EndorsementOptions = {}, only?: readonly string[]) => {
    const quote = await platform.issueQuote({ reportData: new Uint8Array(64), ...measurements })
    for (const { functionName, args } of endorsementUploads(quote, await platform.endorsements(options))) {
      if (only !== undefined && !only.includes(functionName)) continue
      await send(0, { address: contracts.EndorsementStore, abi: endorsementStoreAbi, functionName, args })
    }
    return quote
  }

  const propose = async (quote: Uint8Array) =>
    await send(0, {
      address: contracts.ReferenceValues,
      abi: referenceValuesAbi,
      functionName: 'propose',
      args: [tdxMeasurement(quote), WORKLOAD_ID, zeroHash, zeroHash],
    })

  /** A registration that passes but for the edits. */
  const prepare = async (edits: Edits = {}) => {
    const registry = edits.registry ?? contracts.AttestationRegistry
    const owner = wallet(edits.sender ?? 1).account.address
    const operator = wallet(2).account.address
    const receiptKey = edits.receiptKey ?? privateKeyToAccount(generatePrivateKey())
    const read = { address: registry, abi: attestationRegistryAbi } as const
    const id = providerIdOf(edits.keyset?.owner ?? owner, edits.keyset?.operator ?? operator)
    const { epoch } = await client.readContract({ ...read, functionName: 'recordOf', args: [id] })
    const block = await client.getBlock({ blockNumber: (await client.getBlockNumber()) - 1n })
    const keyset: Keyset = {
      chainId: BigInt(await client.getChainId()),
      registry,
      owner,
      operator,
      epoch: epoch + 1n,
      receiptSigner: receiptKey.address,
      hpkeKeyDigest: keccak256(toHex('hpke')),
      tlsSpkiDigest: zeroHash,
      workloadId: WORKLOAD_ID,
      configDigest: keccak256(toHex('config')),
      notAfter: block.timestamp + 300n * DAY,
      ...edits.keyset,
    }
    const nonce = await client.readContract({ ...read, functionName: 'ownerNonce', args: [keyset.owner] })
    const challenge = registrationChallenge(block.number, block.hash, nonce)
    const bound = hexToBytes(reportData(keysetDigest(keyset), challenge))
    const quote = await platform.issueQuote({ reportData: bound, ...measurements, ...edits.quote })
    edits.editQuote?.(quote)
    const sent = { ...keyset, ...edits.sentKeyset }
    const possessionSignature = await (edits.possessionKey ?? receiptKey).sign({
      hash: registerDigest(sent, challenge),
    })
    const { evidence } = encodeTdxEvidence(quote)
    const registration = {
      keyset: sent,
      teeKind: TEE_KIND_TDX,
      evidence,
      challengeBlock: block.number,
      possessionSignature,
      endpoint: 'http://127.0.0.1:1',
    }
    return { registration, receiptKey, evidence, providerId: id, sender: edits.sender ?? 1, registry }
  }

  type Prepared = Awaited<ReturnType<typeof prepare>>
  const callOf = ({ registration, registry }: Prepared) =>
    ({ address: registry, abi: attestationRegistryAbi, functionName: 'register', args: [registration] }) as const

  /** Sends; throws when refused. */
  const register = async (prepared: Prepared) => await send(prepared.sender, callOf(prepared))

  /** Reason code of a call that must be refused; undefined when it would pass. */
  const refusal = async (index: number, call: Record<string, unknown>) => {
    try {
      await client.simulateContract({ ...call, account: wallet(index).account, gas: 16_000_000n } as never)
      return undefined
    } catch (error) {
      return decodeContractError(error)?.code ?? String(error)
    }
  }
  const registerRefusal = async (prepared: Prepared) => await refusal(prepared.sender, callOf(prepared))

  const travel = async (seconds: bigint) => {
    await test.increaseTime({ seconds: Number(seconds) })
    await test.mine({ blocks: 1 })
  }

  /** A second registry over the same contracts, not in dev mode. */
  const productionRegistry = async () => {
    const { Governance, ReferenceValues, AssetRegistry } = contracts
    const args = [
      Governance,
      ReferenceValues,
      AssetRegistry,
      false,
      7n * DAY,
      3n * DAY,
      verifierSettings(contracts.DcapVerifier),
    ]
    return (await deployContract(clients, 'AttestationRegistry', args)).address
  }

  return {
    client,
    test,
    wallet,
    contracts,
    platform,
    root,
    send,
    uploadEndorsements,
    propose,
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
