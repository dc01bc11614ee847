/** An in-process chain at a given time with the contracts that judge Intel's quotes. */
import {
  type DcapEndorsements,
  type DcapEvidence,
  type DcapKind,
  dcapVerifierAbi,
  type EndorsementUpload,
  encodeSgxEvidence,
  encodeTdxEvidence,
  endorsementStoreAbi,
  endorsementUploads,
  evidenceRouterAbi,
} from '@spartan/abi'
import type { ContractFunctionReturnType, Hex } from 'viem'
import { kindRules, type PolicyOptions } from '../../../scripts/deploy/policy.ts'
import { startVendorChain } from '../../support/vendorChain.ts'

export interface DcapChainOptions {
  /** Unix seconds of the first block. */
  readonly time: number
  /** Public key of the simulation root, x and y; none when left out. */
  readonly simulationRoot?: readonly [Hex, Hex] | undefined
  /** prague: no P-256 precompile. */
  readonly hardfork?: 'local' | 'prague' | undefined
  /** Code at 0x100 in place of the P-256 precompile; prague only. */
  readonly precompile?: Hex | undefined
}

const P256_PRECOMPILE = `0x${'0100'.padStart(40, '0')}` as const
const ZERO = `0x${'00'.repeat(32)}` as const

/** Evidence for the verifier of its kind. */
type Evidence = Pick<DcapEvidence, 'kind' | 'evidence'>
/** Claims as the verifiers return them. */
export type ContractClaims = ContractFunctionReturnType<typeof dcapVerifierAbi, 'view', 'verify'>

/** Store and verifiers on a fresh chain. */
export async function dcapChain(options: DcapChainOptions) {
  const chain = await startVendorChain({ time: options.time, rules: options.hardfork })
  const { viem, client, test, send, travelTo, close } = chain
  if (options.precompile !== undefined) await test.setCode({ address: P256_PRECOMPILE, bytecode: options.precompile })
  const [x, y] = options.simulationRoot ?? [ZERO, ZERO]
  const store = await viem.deployContract('EndorsementStore', [options.simulationRoot !== undefined, x, y])
  const addresses = {
    Tdx: (await viem.deployContract('DcapVerifier', [store.address])).address,
    Sgx: (await viem.deployContract('SgxVerifier', [store.address])).address,
  } as const

  /** Sends one upload; answers its gas, or throws what the contract reverts with. */
  const upload = ({ functionName, args }: EndorsementUpload): Promise<bigint> =>
    send({ address: store.address, abi: endorsementStoreAbi, functionName, args })

  const call = ({ kind, evidence }: Evidence) =>
    ({ address: addresses[kind], abi: dcapVerifierAbi, args: [evidence] }) as const
  /** The layout check alone. */
  const parse = (evidence: Evidence) => client.readContract({ ...call(evidence), functionName: 'parse' })
  const verify = (evidence: Evidence) => client.readContract({ ...call(evidence), functionName: 'verify' })
  /** Gas of a transaction that only verifies. */
  const gasOfVerify = (evidence: Evidence) => client.estimateContractGas({ ...call(evidence), functionName: 'verify' })

  /** Makes an appraisal policy like a deployment's; it reverts with what it refuses. */
  const policy = async (rules: PolicyOptions) => {
    const { address } = await viem.deployContract('EvidenceRouter', [store.address, 0n, true, [], kindRules(rules), []])
    return (claims: ContractClaims) =>
      client.readContract({ address, abi: evidenceRouterAbi, functionName: 'tierOf', args: [claims] })
  }

  let snapshot: Hex | undefined
  /** Takes everything back that came after the first call of this. */
  const restart = async (): Promise<void> => {
    if (snapshot !== undefined) await test.revert({ id: snapshot })
    snapshot = await test.snapshot()
  }

  return { viem, store, addresses, client, upload, travelTo, restart, parse, verify, policy, gasOfVerify, close }
}

export type DcapChain = Awaited<ReturnType<typeof dcapChain>>

/** Layout check, the uploads that `endorsements` has files for, then `verify`, as a provider does it; throws the first refusal. */
export async function verifyOnchain(
  chain: DcapChain,
  kind: DcapKind,
  quote: Uint8Array,
  endorsements: Partial<DcapEndorsements>,
): Promise<{ readonly claims: ContractClaims; readonly gas: Readonly<Record<string, bigint>> }> {
  const gas: Record<string, bigint> = {}
  const evidence = (kind === 'Tdx' ? encodeTdxEvidence : encodeSgxEvidence)(quote, endorsements.pckChain)
  await chain.parse(evidence)
  for (const upload of availableUploads(quote, endorsements, kind)) {
    gas[upload.functionName] = await chain.upload(upload)
  }
  return { claims: await chain.verify(evidence), gas: { ...gas, verify: await chain.gasOfVerify(evidence) } }
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
