/** An in-process chain at a given time with the DCAP contracts on it. */
import {
  type DcapEndorsements,
  dcapVerifierAbi,
  decodeContractError,
  type EndorsementUpload,
  encodeTdxEvidence,
  endorsementStoreAbi,
  endorsementUploads,
  enumNumber,
  TCB_STATUSES,
} from '@spartan/abi'
import { BaseError, type ReasonCode } from '@spartan/errors'
import { network } from 'hardhat'
import type { Hex } from 'viem'

/** What the published vectors are judged by, as `vectorsTdxPolicy`: more than a deployment accepts (scripts/deploy). */
export const VECTOR_STATUSES = (
  ['UpToDate', 'SWHardeningNeeded', 'ConfigurationNeeded', 'ConfigurationAndSWHardeningNeeded'] as const
).reduce((bits, status) => bits | (1n << BigInt(enumNumber(TCB_STATUSES, status))), 0n)

export interface DcapChainOptions {
  /** Unix seconds of the first block. */
  readonly time: number
  /** Public key of the simulation root, x and y; none when left out. */
  readonly simulationRoot?: readonly [Hex, Hex] | undefined
  readonly acceptedTcbStatuses?: bigint | undefined
  readonly minTcbEvaluationNumber?: number | undefined
  /** prague: no P-256 precompile. */
  readonly hardfork?: 'local' | 'prague' | undefined
}

const ZERO = `0x${'00'.repeat(32)}` as const

/** Store and verifier on a fresh chain. */
export async function dcapChain(options: DcapChainOptions) {
  const chain = await network.create({
    network: options.hardfork ?? 'local',
    override: { initialDate: new Date(options.time * 1000) },
  })
  const [x, y] = options.simulationRoot ?? [ZERO, ZERO]
  const store = await chain.viem.deployContract('EndorsementStore', [options.simulationRoot !== undefined, x, y])
  const verifier = await chain.viem.deployContract('DcapVerifier', [
    store.address,
    options.acceptedTcbStatuses ?? VECTOR_STATUSES,
    options.minTcbEvaluationNumber ?? 0,
  ])
  const client = await chain.viem.getPublicClient()
  const [wallet] = await chain.viem.getWalletClients()
  if (wallet === undefined) throw new Error('the chain has no account')

  /** Sends one upload; answers its gas, or throws what the contract reverts with. */
  const upload = async ({ functionName, args }: EndorsementUpload): Promise<bigint> => {
    const hash = await wallet.writeContract({
      address: store.address,
      abi: endorsementStoreAbi,
      functionName,
      args,
    } as never)
    return (await client.getTransactionReceipt({ hash })).gasUsed
  }

  /** The layout check alone. */
  const parse = (evidence: Hex) =>
    client.readContract({ address: verifier.address, abi: dcapVerifierAbi, functionName: 'parse', args: [evidence] })

  const verify = (evidence: Hex) =>
    client.readContract({ address: verifier.address, abi: dcapVerifierAbi, functionName: 'verify', args: [evidence] })

  /** Gas of a transaction that only verifies. */
  const gasOfVerify = (evidence: Hex) =>
    client.estimateContractGas({
      address: verifier.address,
      abi: dcapVerifierAbi,
      functionName: 'verify',
      args: [evidence],
    })

  /** Mines a block at a later time, Unix seconds. */
  const travelTo = async (time: number): Promise<void> => {
    const test = await chain.viem.getTestClient()
    await test.setNextBlockTimestamp({ timestamp: BigInt(time) })
    await test.mine({ blocks: 1 })
  }

  return {
    viem: chain.viem,
    store,
    verifier,
    client,
    upload,
    travelTo,
    parse,
    verify,
    gasOfVerify,
    close: () => chain.close(),
  }
}

export type DcapChain = Awaited<ReturnType<typeof dcapChain>>

export interface OnchainVerdict {
  /** Undefined: verified. */
  readonly code: ReasonCode | undefined
  readonly claims?: Awaited<ReturnType<DcapChain['verify']>>
  readonly gas: Readonly<Record<string, bigint>>
}

/** Layout check, the uploads that `endorsements` has files for, then `verify`; stops at the first refusal. */
export async function verifyOnchain(
  chain: DcapChain,
  quote: Uint8Array,
  endorsements: Partial<DcapEndorsements>,
): Promise<OnchainVerdict> {
  const gas: Record<string, bigint> = {}
  try {
    const { evidence } = encodeTdxEvidence(quote)
    await chain.parse(evidence)
    for (const upload of availableUploads(quote, endorsements)) gas[upload.functionName] = await chain.upload(upload)
    const claims = await chain.verify(evidence)
    gas.verify = await chain.gasOfVerify(evidence)
    return { code: undefined, claims, gas }
  } catch (error) {
    return { code: codeOf(error), gas }
  }
}

function availableUploads(quote: Uint8Array, given: Partial<DcapEndorsements>): readonly EndorsementUpload[] {
  const none = { body: new Uint8Array(), signature: new Uint8Array(), issuerChain: [new Uint8Array()] }
  const uploads = endorsementUploads(quote, {
    rootCaCrl: given.rootCaCrl ?? new Uint8Array(),
    pckCrl: given.pckCrl ?? new Uint8Array(),
    pckCrlIssuerChain: given.pckCrlIssuerChain ?? [],
    tcbInfo: given.tcbInfo ?? none,
    qeIdentity: given.qeIdentity ?? none,
  })
  const missing: Partial<Record<EndorsementUpload['functionName'], boolean>> = {
    uploadRootCrl: given.rootCaCrl === undefined,
    uploadPckCrl: given.pckCrl === undefined,
    uploadTcbInfo: given.tcbInfo === undefined,
    uploadQeIdentity: given.qeIdentity === undefined,
  }
  const signers = [given.tcbInfo, given.qeIdentity]
  return uploads.filter(({ functionName }) => {
    if (functionName === 'uploadTcbSigner') return signers.shift() !== undefined
    return missing[functionName] !== true
  })
}

/** Code of an error of the encoder or of a contract; anything else is thrown on. */
export function codeOf(error: unknown): ReasonCode {
  if (error instanceof BaseError) return error.code
  const code = decodeContractError(error)?.code
  if (code === undefined) throw error
  return code
}
