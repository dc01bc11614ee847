/** The contracts of Arm CCA on a chain of their own, and what library and contract say of one token. */
import {
  ccaEndorsementsAbi,
  ccaMeasurement,
  ccaPointOf,
  ccaTrustAnchorId,
  ccaVerifierAbi,
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
import { bytesToHex, type Hex, keccak256, type ReadContractReturnType } from 'viem'
import { startP384 } from './p384World.ts'
import { codeOf, startVendorChain } from './vendorChain.ts'

/** Wallets of a store outside dev mode. */
export const GOVERNOR = 1
export const GUARDIAN = 2
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

/** A store outside dev mode: governor and guardian are other accounts than the deployer's. */
export async function startCcaStore(timelockSeconds: number, devMode = false) {
  const { viem, client, test } = await startVendorChain()
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
  return { client, test, store, propose, revoke, anchorOf, govern, wallet }
}

/** Claims of the contract in the terms of both. */
const contractAccepted = (claims: ReadContractReturnType<typeof ccaVerifierAbi, 'verify'>): CcaAccepted => ({
  teeKind: claims.teeKind,
  simulated: claims.simulated,
  debug: claims.flags === DEBUG,
  earliestExpiry: claims.earliestExpiry,
  product: claims.product,
  platformId: claims.platformId,
  measurement: claims.measurement,
  reportData: `${claims.reportDataHigh}${claims.reportDataLow.slice(2)}`,
})

/** Store, in dev mode, and verifier. */
export async function startCca(timelockSeconds = 0, chain: 'local' | 'prague' = 'local') {
  const world = await startP384(chain)
  const { viem, client, wallet, send, tables, contract } = world
  const sha512 = await viem.deployContract('Sha512')
  const governance = await viem.deployContract('Governance', [wallet.account.address])
  const store = await viem.deployContract('CcaEndorsements', [governance.address, BigInt(timelockSeconds), true])
  const parts = [store.address, sha512.address, contract.address, tables]
  const verifier = await viem.deployContract('CcaVerifier', parts)
  const endorsements = { address: store.address, abi: ccaEndorsementsAbi } as const
  const judge = { address: verifier.address, abi: ccaVerifierAbi, functionName: 'verify' } as const

  const propose = ({ publicKey, instanceId, implementationId, simulated }: CcaTrustAnchor) => {
    const named = [instanceId ?? new Uint8Array(), implementationId ?? new Uint8Array(32)]
    const args = [...[publicKey, ...named].map((bytes) => bytesToHex(bytes)), simulated]
    return send({ ...endorsements, functionName: 'proposeTrustAnchor', args })
  }
  const revoke = ({ publicKey }: CcaTrustAnchor) => {
    const id = ccaTrustAnchorId(ccaPointOf(publicKey) ?? publicKey)
    return send({ ...endorsements, functionName: 'revokeTrustAnchor', args: [id] })
  }
  const verify = (evidence: Hex) => client.readContract({ ...judge, args: [evidence] })
  /** What the contracts say of evidence. */
  const judgeEvidence = (evidence: Hex): Promise<CcaVerdict> =>
    verify(evidence).then(contractAccepted, (error: unknown) => ({ code: codeOf(error) }))
  /** Whole transaction that only verifies. */
  const gasOf = (evidence: Hex) => send({ ...judge, args: [evidence] })

  return { ...world, governance, store, verifier, parts, propose, revoke, verify, judgeEvidence, gasOf }
}

export type CcaWorld = Awaited<ReturnType<typeof startCca>>
