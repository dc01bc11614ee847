import {
  assetRegistryAbi,
  attestationRegistryAbi,
  channelEscrowAbi,
  encodeTdxEvidence,
  endorsementStoreAbi,
  endorsementUploads,
  ledgerAbi,
  testTokenAbi,
} from '@spartan/abi'
import {
  hpkeKeyDigest,
  KEM_X25519_HKDF_SHA256,
  type Keyset,
  keysetDigest,
  providerId as providerIdOf,
  registerDigest,
  registrationChallenge,
  reportData,
} from '@spartan/protocol'
import type { SimulatedPlatform } from '@spartan/simulator'
import {
  type Abi,
  type Address,
  type Hex,
  hexToBytes,
  keccak256,
  sha256,
  type TransactionReceipt,
  toHex,
  zeroHash,
} from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { clientsFor, indexOf, type Role, startChain } from '../../scripts/demo/chain.ts'
import { deployContracts, publishWorkload, WORKLOAD_ID, type WorldContracts } from '../../scripts/demo/contracts.ts'
import { createWorldSimulator, quoteFor } from '../../scripts/demo/simulatorServer.ts'

const PLATFORM = 'machine-a'
const TEE_KIND_TDX = 1
const DAY = 86_400n

/** One call as one role; throws when it reverts. */
export interface Call {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** A provider registered with simulated evidence, with the key that signs its receipts. */
export interface RegisteredProvider {
  readonly providerId: Hex
  readonly keyset: Keyset
  readonly receiptKey: PrivateKeyAccount
  readonly evidence: Hex
  readonly gasUsed: bigint
}

/**
 * Chain, contracts and a simulated machine, without node and dApp: for tests and benchmarks of the contracts.
 * Everything on the way is real; only the hardware is simulated.
 */
export async function startAttestedWorld(port: number) {
  const chain = await startChain(port)
  const root = await createWorldSimulator([PLATFORM])
  const contracts = await deployContracts(chain.rpcUrl, root, () => {})
  await publishWorkload(chain.rpcUrl, contracts, root, PLATFORM)
  const platform = root.platforms.get(PLATFORM) as SimulatedPlatform
  const run = (role: Role, call: Call) => transact(chain.rpcUrl, role, call)
  return {
    ...chain,
    root,
    platform,
    contracts,
    transact: run,
    client: clientsFor(chain.rpcUrl, 0).publicClient,
    quote: (data: Uint8Array) => quoteFor(root, PLATFORM, data),
    uploadEndorsements: () => uploadEndorsements(run, contracts, platform),
    register: (owner: Role, operator: Role) =>
      register(chain.rpcUrl, run, contracts, (data) => quoteFor(root, PLATFORM, data), owner, operator),
    listAsset: (terms: { in: bigint; out: bigint; ownerShareBps: number }) =>
      listAsset(run, chain.rpcUrl, contracts, terms),
    fund: (role: Role, amount: bigint) => fund(run, chain.rpcUrl, contracts, role, amount),
    openChannel: (role: Role, params: Record<string, unknown>) =>
      openChannel(run, chain.rpcUrl, contracts, role, params),
  }
}

export type AttestedWorld = Awaited<ReturnType<typeof startAttestedWorld>>
type Run = (role: Role, call: Call) => Promise<TransactionReceipt>

async function transact(rpcUrl: string, role: Role, call: Call): Promise<TransactionReceipt> {
  const { walletClient, publicClient } = clientsFor(rpcUrl, indexOf(role))
  const { request } = await publicClient.simulateContract({ ...call, account: walletClient.account })
  const receipt = await publicClient.waitForTransactionReceipt({ hash: await walletClient.writeContract(request) })
  if (receipt.status !== 'success') throw new Error(`${call.functionName} reverted`)
  return receipt
}

/** Gas of each upload, in check order. */
async function uploadEndorsements(run: Run, contracts: WorldContracts, platform: SimulatedPlatform) {
  const quote = await platform.issueQuote({ reportData: new Uint8Array(64) })
  const gas: { functionName: string; gasUsed: bigint }[] = []
  for (const { functionName, args } of endorsementUploads(quote, await platform.endorsements())) {
    const call = { address: contracts.deployed.EndorsementStore, abi: endorsementStoreAbi, functionName, args }
    const { gasUsed } = await run('deployer', call)
    gas.push({ functionName, gasUsed })
  }
  return gas
}

async function register(
  rpcUrl: string,
  run: Run,
  contracts: WorldContracts,
  issue: (data: Uint8Array) => Promise<Uint8Array>,
  ownerRole: Role,
  operatorRole: Role,
): Promise<RegisteredProvider> {
  const registry = { address: contracts.deployed.AttestationRegistry, abi: attestationRegistryAbi } as const
  const { publicClient } = clientsFor(rpcUrl, 0)
  const owner = clientsFor(rpcUrl, indexOf(ownerRole)).account.address
  const operator = clientsFor(rpcUrl, indexOf(operatorRole)).account.address
  await run(ownerRole, { ...registry, functionName: 'approveOperator', args: [operator, true] })
  const providerId = providerIdOf(owner, operator)
  const previous = await publicClient.readContract({ ...registry, functionName: 'recordOf', args: [providerId] }).then(
    ({ epoch }) => epoch,
    () => 0n,
  )
  const receiptKey = privateKeyToAccount(generatePrivateKey())
  // One block back: a call simulated on the newest block cannot see that block's own hash.
  const block = await publicClient.getBlock({ blockNumber: (await publicClient.getBlockNumber()) - 1n })
  const keyset: Keyset = {
    chainId: BigInt(await publicClient.getChainId()),
    registry: registry.address,
    owner,
    operator,
    epoch: previous + 1n,
    receiptSigner: receiptKey.address,
    hpkeKeyDigest: hpkeKeyDigest(KEM_X25519_HKDF_SHA256, hexToBytes(keccak256(receiptKey.address))),
    tlsSpkiDigest: zeroHash,
    workloadId: WORKLOAD_ID,
    configDigest: sha256(toHex('attested world')),
    notAfter: block.timestamp + 7n * DAY,
  }
  const nonce = await publicClient.readContract({ ...registry, functionName: 'ownerNonce', args: [owner] })
  const challenge = registrationChallenge(block.number, block.hash, nonce)
  const { evidence } = encodeTdxEvidence(await issue(hexToBytes(reportData(keysetDigest(keyset), challenge))))
  const possessionSignature = await receiptKey.sign({ hash: registerDigest(keyset, challenge) })
  const registration = {
    keyset,
    teeKind: TEE_KIND_TDX,
    evidence,
    challengeBlock: block.number,
    possessionSignature,
    endpoint: 'http://127.0.0.1:1',
  }
  const { gasUsed } = await run(operatorRole, { ...registry, functionName: 'register', args: [registration] })
  return { providerId, keyset, receiptKey, evidence, gasUsed }
}

async function listAsset(
  run: Run,
  rpcUrl: string,
  contracts: WorldContracts,
  terms: { in: bigint; out: bigint; ownerShareBps: number },
) {
  const registry = { address: contracts.deployed.AssetRegistry, abi: assetRegistryAbi } as const
  const version = {
    manifestHash: sha256(toHex('manifest')),
    contentRoot: sha256(toHex('content')),
    manifestUri: 'http://127.0.0.1:1/manifest.json',
    terms: {
      token: contracts.token,
      pricePerUnitIn: terms.in,
      pricePerUnitOut: terms.out,
      ownerShareBps: terms.ownerShareBps,
    },
    acceptedTeeKinds: 1 << TEE_KIND_TDX,
    acceptedWorkloads: [WORKLOAD_ID],
    publishedAt: 0n,
    retired: false,
  }
  await run('assetOwner', { ...registry, functionName: 'list', args: [0, 'Trend', version] })
  const assetId = await clientsFor(rpcUrl, 0).publicClient.readContract({ ...registry, functionName: 'assetCount' })
  return { assetId, version: 1, contentRoot: version.contentRoot as Hex }
}

async function fund(run: Run, rpcUrl: string, contracts: WorldContracts, role: Role, amount: bigint) {
  const { account } = clientsFor(rpcUrl, indexOf(role))
  const token = { address: contracts.token, abi: testTokenAbi } as const
  await run(role, { ...token, functionName: 'faucet', args: [account.address, amount] })
  await run(role, { ...token, functionName: 'approve', args: [contracts.deployed.Ledger, amount] })
  await run(role, {
    address: contracts.deployed.Ledger,
    abi: ledgerAbi,
    functionName: 'deposit',
    args: [contracts.token, amount],
  })
}

async function openChannel(
  run: Run,
  rpcUrl: string,
  contracts: WorldContracts,
  role: Role,
  overrides: Record<string, unknown>,
) {
  const escrow = { address: contracts.deployed.ChannelEscrow, abi: channelEscrowAbi } as const
  const { publicClient, account } = clientsFor(rpcUrl, indexOf(role))
  const sessionKey = privateKeyToAccount(generatePrivateKey())
  const { timestamp } = await publicClient.getBlock()
  const params = {
    providerId: zeroHash as Hex,
    assetId: 1n,
    assetVersion: 1,
    deposit: 1_000_000n,
    voucherSigner: sessionKey.address as Hex,
    closeDelaySeconds: 3_600,
    expiresAt: timestamp + DAY,
    salt: keccak256(sessionKey.address),
    maxPricePerUnitIn: 1_000n,
    maxPricePerUnitOut: 1_000n,
    ...overrides,
  }
  const receipt = await run(role, { ...escrow, functionName: 'open', args: [params] })
  const channelId = await publicClient.readContract({
    ...escrow,
    functionName: 'channelIdOf',
    args: [account.address, params],
  })
  return { channelId, sessionKey, params, gasUsed: receipt.gasUsed }
}
