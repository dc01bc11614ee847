/** The contracts of Arm CCA on a chain of their own, and what library and contract say of one token. */
import {
  ccaEndorsementsAbi,
  ccaMeasurement,
  ccaPointOf,
  ccaTrustAnchorId,
  ccaVerifierAbi,
  decodeContractError,
  encodeCcaEvidence,
  enumNumber,
  governanceAbi,
  type P384ProofOptions,
  TEE_KINDS,
} from '@spartan/abi'
import {
  type CcaClaims,
  type CcaTrustAnchor,
  parseCca,
  vectorsCcaPolicy,
  verifyCcaEvidence,
} from '@spartan/attestation'
import { network } from 'hardhat'
import { bytesToHex, type Hex, keccak256 } from 'viem'
import { startP384 } from './p384World.ts'

/** Wallets of a store outside dev mode. */
export const GOVERNOR = 1
export const GUARDIAN = 2
const GAS = 16_000_000n
/** ClaimFlags.DEBUG. */
const DEBUG = 1

/** What both say of accepted evidence. */
export interface CcaAccepted {
  readonly teeKind: number
  readonly simulated: boolean
  readonly debug: boolean
  readonly earliestExpiry: bigint
  readonly product: Hex
  readonly platformId: Hex
  readonly measurement: Hex
  readonly reportData: Hex
}

/** Accepted with claims, or the code of the refusal. */
export type CcaVerdict = CcaAccepted | { readonly code: string }

/** Everything a policy judges is accepted: verifiers on-chain hold no policy. */
const ANYTHING = {
  ...vectorsCcaPolicy({ platforms: 'any', realms: 'any', personalizationValue: 'any', challenge: 'any' }),
  acceptedLifecycles: [
    'unknown',
    'assembly-and-test',
    'provisioning',
    'secured',
    'non-cca-platform-debug',
    'recoverable-cca-platform-debug',
    'decommissioned',
  ],
} as const

const acceptedOf = (claims: CcaClaims): CcaAccepted => ({
  teeKind: enumNumber(TEE_KINDS, 'Cca'),
  simulated: claims.simulated,
  debug: claims.lifecycle !== 'secured',
  earliestExpiry: BigInt(claims.earliestExpiry),
  product: bytesToHex(claims.implementationId),
  platformId: keccak256(claims.platformId),
  measurement: ccaMeasurement(claims),
  reportData: bytesToHex(claims.reportData),
})

/** What `packages/attestation` says. */
export async function judgeInTypeScript(
  token: Uint8Array,
  trustAnchors: readonly CcaTrustAnchor[],
): Promise<CcaVerdict> {
  const result = await verifyCcaEvidence({ evidence: token, at: 0, trustAnchors, policy: ANYTHING })
  return result.verdict === 'refused' ? { code: result.reasonCode } : acceptedOf(result.claims)
}

/** The parts of a token that proofs are made of; undefined when it has no such parts. */
export function parsedOf(token: Uint8Array) {
  try {
    return parseCca(token)
  } catch {
    return undefined
  }
}

/** Evidence with the key of an anchor. */
export const evidenceOf = (
  token: Uint8Array,
  { publicKey }: Pick<CcaTrustAnchor, 'publicKey'>,
  options?: P384ProofOptions,
) => encodeCcaEvidence({ token, parsed: parsedOf(token), platformKey: ccaPointOf(publicKey) ?? publicKey }, options)

/** Code of what a call throws; anything but a revert of ours is thrown on. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    const code = decodeContractError(error)?.code
    if (code === undefined) throw error
    return code
  }
  return 'accepted'
}

/** A store outside dev mode: governor and guardian are other accounts than the deployer's. */
export async function startCcaStore(timelockSeconds: number, devMode = false) {
  const { viem } = await network.create('local')
  const client = await viem.getPublicClient()
  const test_ = await viem.getTestClient()
  const wallets = await viem.getWalletClients()
  const wallet = (index: number) => {
    const found = wallets[index]
    if (found === undefined) throw new Error(`no wallet ${index}`)
    return found
  }
  const governance = await viem.deployContract('Governance', [wallet(GOVERNOR).account.address])
  const store = await viem.deployContract('CcaEndorsements', [governance.address, BigInt(timelockSeconds), devMode])
  const call = { address: store.address, abi: ccaEndorsementsAbi } as const
  const propose = async (by: number, publicKey: Hex, instanceId: Hex, implementationId: Hex, simulated: boolean) => {
    const args = [publicKey, instanceId, implementationId, simulated] as const
    const request = { ...call, functionName: 'proposeTrustAnchor', args, account: wallet(by).account } as const
    await client.simulateContract(request)
    await wallet(by).writeContract(request as never)
  }
  const revoke = async (by: number, id: Hex) => {
    const request = { ...call, functionName: 'revokeTrustAnchor', args: [id], account: wallet(by).account } as const
    await client.simulateContract(request)
    await wallet(by).writeContract(request as never)
  }
  const anchorOf = (id: Hex) => client.readContract({ ...call, functionName: 'trustAnchorOf', args: [id] })
  const govern = (functionName: 'grantRole' | 'setTargetFunctionRole', args: readonly unknown[]) =>
    wallet(GOVERNOR).writeContract({ address: governance.address, abi: governanceAbi, functionName, args } as never)
  return { client, test: test_, store, propose, revoke, anchorOf, govern, wallet }
}

/** Store, in dev mode, and verifier. */
export async function startCca(timelockSeconds = 0, chain: 'local' | 'prague' = 'local') {
  const world = await startP384(chain)
  const { viem, client, wallet, tables, contract } = world
  const sha512 = await viem.deployContract('Sha512')
  const governance = await viem.deployContract('Governance', [wallet.account.address])
  const store = await viem.deployContract('CcaEndorsements', [governance.address, BigInt(timelockSeconds), true])
  const parts = [store.address, sha512.address, contract.address, tables.address]
  const verifier = await viem.deployContract('CcaVerifier', parts)
  const endorsements = { address: store.address, abi: ccaEndorsementsAbi } as const

  async function send(call: {
    readonly functionName: 'proposeTrustAnchor' | 'revokeTrustAnchor'
    readonly args: readonly unknown[]
  }): Promise<bigint> {
    await client.simulateContract({ ...endorsements, ...call, account: wallet.account } as never)
    const hash = await wallet.writeContract({ ...endorsements, ...call, gas: GAS } as never)
    const { status, gasUsed } = await client.getTransactionReceipt({ hash })
    if (status !== 'success') throw new Error(`${call.functionName} reverted`)
    return gasUsed
  }

  const propose = ({ publicKey, instanceId, implementationId, simulated }: CcaTrustAnchor) =>
    send({
      functionName: 'proposeTrustAnchor',
      args: [
        bytesToHex(publicKey),
        bytesToHex(instanceId ?? new Uint8Array()),
        bytesToHex(implementationId ?? new Uint8Array(32)),
        simulated,
      ],
    })
  const revoke = ({ publicKey }: CcaTrustAnchor) =>
    send({ functionName: 'revokeTrustAnchor', args: [ccaTrustAnchorId(ccaPointOf(publicKey) ?? publicKey)] })
  const verify = (evidence: Hex) =>
    client.readContract({ address: verifier.address, abi: ccaVerifierAbi, functionName: 'verify', args: [evidence] })

  /** What the contracts say of evidence. */
  async function judgeEvidence(evidence: Hex): Promise<CcaVerdict> {
    let claims: Awaited<ReturnType<typeof verify>> | undefined
    const code = await codeOf(
      verify(evidence).then((found) => {
        claims = found
      }),
    )
    if (claims === undefined) return { code }
    return {
      teeKind: claims.teeKind,
      simulated: claims.simulated,
      debug: claims.flags === DEBUG,
      earliestExpiry: claims.earliestExpiry,
      product: claims.product,
      platformId: claims.platformId,
      measurement: claims.measurement,
      reportData: `${claims.reportDataHigh}${claims.reportDataLow.slice(2)}`,
    }
  }

  /** Whole transaction that only verifies. */
  async function gasOf(evidence: Hex): Promise<bigint> {
    const call = { address: verifier.address, abi: ccaVerifierAbi, functionName: 'verify', args: [evidence] } as const
    const hash = await wallet.writeContract({ ...call, gas: GAS } as never)
    const { status, gasUsed } = await client.getTransactionReceipt({ hash })
    if (status !== 'success') throw new Error('verify reverted')
    return gasUsed
  }

  return { ...world, governance, store, verifier, parts, propose, revoke, verify, judgeEvidence, gasOf }
}

export type CcaWorld = Awaited<ReturnType<typeof startCca>>
