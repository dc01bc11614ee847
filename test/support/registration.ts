import {
  attestationRegistryAbi,
  encodeTdxEvidence,
  endorsementStoreAbi,
  endorsementUploads,
  enumNumber,
  referenceValuesAbi,
  TEE_KINDS,
  tdxMeasurement,
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
import type { EndorsementOptions, QuoteOptions, SimulatedPlatform } from '@spartan/simulator'
import { type Address, type Hex, hexToBytes, keccak256, toHex, zeroHash } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Actor, Call } from './actor.ts'

/** Number of Intel TDX in registrations and asset policies. */
export const TEE_KIND_TDX = enumNumber(TEE_KINDS, 'Tdx')
const KEYSET_LIFE_SECONDS = 300n * 86_400n

type Measurements = Partial<QuoteOptions>

/** Makes the image of a quote a reference value of the workload. */
export async function proposeWorkload(governor: Actor, referenceValues: Address, quote: Uint8Array, workloadId: Hex) {
  await governor.send({
    address: referenceValues,
    abi: referenceValuesAbi,
    functionName: 'propose',
    args: [tdxMeasurement(quote), workloadId, zeroHash, zeroHash],
  })
}

/** Lets an operator's key register nodes for the owner. */
export async function approveOperator(owner: Actor, registry: Address, operator: Address): Promise<void> {
  const call = { address: registry, abi: attestationRegistryAbi, functionName: 'approveOperator' }
  await owner.send({ ...call, args: [operator, true] })
}

/**
 * Puts a platform's endorsements into the store, in the order in which they are checked.
 *
 * @param only - Names of the uploads to do; all unless given.
 */
export async function uploadEndorsements(
  sender: Actor,
  store: Address,
  platform: SimulatedPlatform,
  options: EndorsementOptions = {},
  only?: readonly string[],
) {
  const quote = await platform.issueQuote({ reportData: new Uint8Array(64) })
  const gas: { functionName: string; gasUsed: bigint }[] = []
  for (const { functionName, args } of endorsementUploads(quote, await platform.endorsements(options))) {
    if (only !== undefined && !only.includes(functionName)) continue
    const { gasUsed } = await sender.send({ address: store, abi: endorsementStoreAbi, functionName, args })
    gas.push({ functionName, gasUsed })
  }
  return gas
}

/** What a test changes in an otherwise acceptable registration. */
export interface RegistrationEdits {
  readonly keyset?: Partial<Keyset>
  /** Applied to the keyset that is sent, after the evidence was made over the original. */
  readonly sentKeyset?: Partial<Keyset>
  readonly quote?: Measurements
  readonly editQuote?: (quote: Uint8Array) => void
  readonly possessionKey?: PrivateKeyAccount
  readonly receiptKey?: PrivateKeyAccount
}

/** Who registers what, on which machine. */
export interface RegistrationPlan {
  readonly client: Actor['client']
  readonly registry: Address
  readonly owner: Address
  readonly operator: Address
  readonly workloadId: Hex
  readonly platform: SimulatedPlatform
  /** Of the image that runs. */
  readonly measurements: Measurements
}

/** A registration of the provider's next epoch that passes but for the edits; `register` of {@link registerCall} sends it. */
export async function prepareRegistration(plan: RegistrationPlan, edits: RegistrationEdits = {}) {
  const { client, registry, owner, operator, workloadId, platform, measurements } = plan
  const receiptKey = edits.receiptKey ?? privateKeyToAccount(generatePrivateKey())
  const read = { address: registry, abi: attestationRegistryAbi } as const
  const providerId = providerIdOf(edits.keyset?.owner ?? owner, edits.keyset?.operator ?? operator)
  // Zeros for a provider that is not known, so a failure is one of the chain.
  const { epoch } = await client.readContract({ ...read, functionName: 'recordOf', args: [providerId] })
  // One block back: a call simulated on the newest block cannot see that block's own hash.
  const block = await client.getBlock({ blockNumber: (await client.getBlockNumber()) - 1n })
  const keyset: Keyset = {
    chainId: BigInt(await client.getChainId()),
    registry,
    owner,
    operator,
    epoch: epoch + 1n,
    receiptSigner: receiptKey.address,
    hpkeKeyDigest: hpkeKeyDigest(KEM_X25519_HKDF_SHA256, hexToBytes(keccak256(receiptKey.address))),
    tlsSpkiDigest: zeroHash,
    workloadId,
    configDigest: keccak256(toHex('config')),
    notAfter: block.timestamp + KEYSET_LIFE_SECONDS,
    ...edits.keyset,
  }
  const challenge = registrationChallenge(block.number, block.hash, keyset.epoch)
  const bound = hexToBytes(reportData(keysetDigest(keyset), challenge))
  const quote = await platform.issueQuote({ reportData: bound, ...measurements, ...edits.quote })
  edits.editQuote?.(quote)
  const sent = { ...keyset, ...edits.sentKeyset }
  const possessionSignature = await (edits.possessionKey ?? receiptKey).sign({ hash: registerDigest(sent, challenge) })
  const { evidence } = encodeTdxEvidence(quote)
  const registration = {
    keyset: sent,
    teeKind: TEE_KIND_TDX,
    evidence,
    challengeBlock: block.number,
    possessionSignature,
    endpoint: 'https://provider-17.example.com/v1',
  }
  return { registration, receiptKey, evidence, providerId, registry }
}

/** Result of {@link prepareRegistration}. */
export type PreparedRegistration = Awaited<ReturnType<typeof prepareRegistration>>

/** The call that sends a registration. */
export function registerCall({
  registration,
  registry,
}: Pick<PreparedRegistration, 'registration' | 'registry'>): Call {
  return { address: registry, abi: attestationRegistryAbi, functionName: 'register', args: [registration] }
}
