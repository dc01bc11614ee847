/** An in-process chain at a given time with the DCAP contracts on it. */
import {
  type DcapEndorsements,
  type DcapEvidence,
  type DcapKind,
  dcapVerifierAbi,
  decodeContractError,
  type EndorsementUpload,
  encodeSgxEvidence,
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
  /** Code at 0x100 in place of the P-256 precompile; prague only. */
  readonly precompile?: Hex | undefined
}

const P256_PRECOMPILE = `0x${'0100'.padStart(40, '0')}` as const
const ZERO = `0x${'00'.repeat(32)}` as const

/** Evidence for the verifier of its kind. */
type Evidence = Pick<DcapEvidence, 'kind' | 'evidence'>

/** Store and verifiers on a fresh chain. */
export async function dcapChain(options: DcapChainOptions) {
  const chain = await network.create({
    network: options.hardfork ?? 'local',
    override: { initialDate: new Date(options.time * 1000) },
  })
  if (options.precompile !== undefined) {
    await (await chain.viem.getTestClient()).setCode({ address: P256_PRECOMPILE, bytecode: options.precompile })
  }
  const [x, y] = options.simulationRoot ?? [ZERO, ZERO]
  const store = await chain.viem.deployContract('EndorsementStore', [options.simulationRoot !== undefined, x, y])
  const verifier = await chain.viem.deployContract('DcapVerifier', [
    store.address,
    options.acceptedTcbStatuses ?? VECTOR_STATUSES,
    options.minTcbEvaluationNumber ?? 0,
  ])
  const sgxVerifier = await chain.viem.deployContract('SgxVerifier', [store.address])
  const addresses = { Tdx: verifier.address, Sgx: sgxVerifier.address } as const
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

  const call = ({ kind, evidence }: Evidence) =>
    ({ address: addresses[kind], abi: dcapVerifierAbi, args: [evidence] }) as const
  /** The layout check alone. */
  const parse = (evidence: Evidence) => client.readContract({ ...call(evidence), functionName: 'parse' })
  const verify = (evidence: Evidence) => client.readContract({ ...call(evidence), functionName: 'verify' })
  /** Gas of a transaction that only verifies. */
  const gasOfVerify = (evidence: Evidence) => client.estimateContractGas({ ...call(evidence), functionName: 'verify' })

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
  kind: DcapKind = 'Tdx',
): Promise<OnchainVerdict> {
  const gas: Record<string, bigint> = {}
  try {
    const evidence = (kind === 'Tdx' ? encodeTdxEvidence : encodeSgxEvidence)(quote, endorsements.pckChain)
    await chain.parse(evidence)
    for (const upload of availableUploads(quote, endorsements, kind)) {
      gas[upload.functionName] = await chain.upload(upload)
    }
    const claims = await chain.verify(evidence)
    gas.verify = await chain.gasOfVerify(evidence)
    return { code: undefined, claims, gas }
  } catch (error) {
    return { code: codeOf(error), gas }
  }
}

/** The uploads that can be made of what is there: nothing is sent for an endorsement that is missing. */
export function availableUploads(
  quote: Uint8Array,
  given: Partial<DcapEndorsements>,
  kind: DcapKind,
): readonly EndorsementUpload[] {
  const none = { body: new Uint8Array(), signature: new Uint8Array(), issuerChain: [] }
  const complete = {
    rootCaCrl: new Uint8Array(),
    pckCrl: new Uint8Array(),
    pckCrlIssuerChain: [],
    tcbInfo: none,
    qeIdentity: none,
    ...given,
  }
  const uploads = endorsementUploads(quote, complete, kind)
  const missing: Partial<Record<EndorsementUpload['functionName'], boolean>> = {
    uploadRootCrl: given.rootCaCrl === undefined,
    uploadPckCrl: given.pckCrl === undefined,
    uploadTcbInfo: given.tcbInfo === undefined,
    uploadQeIdentity: given.qeIdentity === undefined,
  }
  const signers = [given.tcbInfo, given.qeIdentity]
  return uploads.filter(({ functionName }) => {
    if (functionName === 'uploadTcbSigner') return (signers.shift()?.issuerChain.length ?? 0) > 0
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
