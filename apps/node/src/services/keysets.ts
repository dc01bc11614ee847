import { tdxMeasurement } from '@spartan/abi'
import { BaseError } from '@spartan/errors'
import {
  createHpkeKeyPair,
  createReceiptKey,
  type HpkeKeyPair,
  hpkeKeyDigest,
  KEM_X25519_HKDF_SHA256,
  type Keyset,
  keysetDigest,
  type ReceiptKey,
  registerDigest,
  registrationChallenge,
  reportData,
} from '@spartan/protocol'
import { type Address, type Hex, hexToBytes, zeroHash } from 'viem'
import { AttesterError } from '../errors.ts'
import type { Attester, Chain, ChainHead, RegistrationCall } from './ports.ts'

/** What evidence has to answer, and the block that it is made of. */
export interface Challenge {
  readonly challenge: Hex
  readonly challengeBlock: bigint
}

/** Keys of one epoch, in memory only, with the evidence that binds them. */
export interface ActiveKeyset extends Challenge {
  readonly keyset: Keyset
  readonly digest: Hex
  readonly receiptKey: ReceiptKey
  readonly hpke: HpkeKeyPair
  /** Evidence of the registration. */
  readonly quote: Uint8Array
}

export interface KeysetOptions {
  readonly chain: Chain
  readonly attester: Attester
  readonly owner: Address
  readonly operator: Address
  readonly providerId: Hex
  readonly configDigest: Hex
  readonly lifetimeSeconds: number
}

/** A registration or renewal names a block hash, which the chain knows for 256 blocks. */
export const CHALLENGE_BLOCKS = 256n

/** Challenge of the block before the newest: a simulated call runs inside the newest, which cannot name its own hash. */
export function freshChallenge({ number, parentHash }: ChainHead, epoch: bigint): Challenge {
  const challengeBlock = number - 1n
  return { challenge: registrationChallenge(challengeBlock, parentHash, epoch), challengeBlock }
}

/** Refusals by code come from the simulation before anything is sent; these may also follow a transaction. */
export function mayHaveBeenSent(error: unknown): boolean {
  if (!(error instanceof BaseError)) return true
  return error.code === 'NODE_CHAIN_UNREACHABLE' || error.code === 'NODE_CHAIN_TRANSACTION_REVERTED'
}

/** Epoch of the newest record; zero when there is none. */
export async function currentEpoch(chain: Chain, providerId: Hex): Promise<bigint> {
  try {
    return (await chain.providerRecord(providerId)).epoch
  } catch (error) {
    if (error instanceof BaseError && error.code === 'REGISTRY_PROVIDER_UNKNOWN') return 0n
    throw error
  }
}

/**
 * Workload of this machine: measured by its own evidence, looked up among the reference values.
 *
 * @throws {AttesterError} `NODE_WORKLOAD_UNKNOWN`.
 */
export async function measuredWorkload(chain: Chain, quote: Uint8Array): Promise<Hex> {
  const measurement = tdxMeasurement(quote)
  const workloadId = await chain.workloadOf(measurement)
  if (workloadId === undefined)
    throw new AttesterError('NODE_WORKLOAD_UNKNOWN', { metaMessages: [`measurement ${measurement}`] })
  return workloadId
}

/**
 * Makes fresh keys for the next epoch and evidence over them. Nothing is sent.
 *
 * @param head - Newest block; its parent is the challenge, at most 256 blocks old when the registration arrives.
 */
export async function createKeyset(options: KeysetOptions, workloadId: Hex, head: ChainHead): Promise<ActiveKeyset> {
  const { chain, attester, owner, operator } = options
  const [current, hpke] = await Promise.all([currentEpoch(chain, options.providerId), createHpkeKeyPair()])
  const epoch = current + 1n
  const receiptKey = createReceiptKey()
  const keyset: Keyset = {
    chainId: chain.chainId,
    registry: chain.registry,
    owner,
    operator,
    epoch,
    receiptSigner: receiptKey.signer,
    hpkeKeyDigest: hpkeKeyDigest(KEM_X25519_HKDF_SHA256, hpke.publicKey),
    // Plain HTTP: what protects a request is the HPKE key, not the transport.
    tlsSpkiDigest: zeroHash,
    workloadId,
    configDigest: options.configDigest,
    notAfter: BigInt(head.timestamp + options.lifetimeSeconds),
  }
  const digest = keysetDigest(keyset)
  const fresh = freshChallenge(head, epoch)
  const { quote } = await attester.issue(hexToBytes(reportData(digest, fresh.challenge)))
  return { keyset, digest, receiptKey, hpke, quote, ...fresh }
}

/** Signature of the receipt key over Register{keysetDigest, challenge}: it proves that the node holds the key. */
function possessionSignature(active: ActiveKeyset): Promise<Hex> {
  return active.receiptKey.signDigest(registerDigest(active.keyset, active.challenge))
}

/** The call of `register` for a keyset. */
export async function registrationCall(active: ActiveKeyset, endpoint: string): Promise<RegistrationCall> {
  return {
    keyset: active.keyset,
    quote: active.quote,
    challengeBlock: active.challengeBlock,
    possessionSignature: await possessionSignature(active),
    endpoint,
  }
}
