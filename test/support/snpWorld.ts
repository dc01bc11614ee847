/** AMD's endorsements and verifier on a chain of their own that stands at a given time. */
import {
  encodeSnpEvidence,
  evidenceRouterAbi,
  type P384ProofOptions,
  type SnpEndorsementUpload,
  type SnpOnchainEndorsements,
  snpCertificateIds,
  snpEndorsementsAbi,
  snpEndorsementUploads,
  snpVerifierAbi,
} from '@spartan/abi'
import { bytesToHex, type Hex, keccak256, type ReadContractReturnType } from 'viem'
import {
  type CryptoContracts,
  codeOf,
  createTable,
  deployCrypto,
  type P384Backend,
  startVendorChain,
  type VendorChain,
} from './vendorChain.ts'

/** What makes one store. */
export interface SnpStoreOptions {
  /** DER of simulated ARKs; none when left out. */
  readonly simulationRoots?: readonly Uint8Array[]
  readonly dangerouslySkipCrl?: boolean
  /** Left out: as much of a test chain as the other two need. */
  readonly devMode?: boolean
}

/** Uploads by what verification says when their endorsement is not there. */
const UPLOADS_BEHIND: Readonly<Record<string, readonly string[]>> = {
  SNP_VEK_MISSING: ['registerRoot', 'registerIntermediate', 'registerVek'],
  SNP_CRL_MISSING: ['uploadCrl'],
}
const NOTHING = `0x${'00'.repeat(32)}` as const

/** A chain with the cryptographic contracts; stores and verifiers are made on it. `time`: Unix seconds of the first block. */
export async function startSnp(time: number, backend: P384Backend = 'P384') {
  const chain = await startVendorChain({ time })
  const crypto = (await deployCrypto(chain))[backend]
  const { test } = chain
  let clean = await test.snapshot()
  return {
    deploy: (options: SnpStoreOptions = {}) => deploySnp(chain, crypto, options),
    createTable: (publicKey: Uint8Array) => createTable(chain, crypto.tables, publicKey),
    /** Code of what a router with these rules has against claims; undefined where it accepts them. */
    appraise: async (
      claims: SnpOnchainClaims,
      kindRules: readonly unknown[],
      productRules: readonly unknown[],
    ): Promise<string | undefined> => {
      const args = [crypto.p384, 0n, true, [], kindRules, productRules] as never
      const { address } = await chain.viem.deployContract('EvidenceRouter', args)
      const call = { address, abi: evidenceRouterAbi, functionName: 'tierOf', args: [claims] } as const
      return chain.client.readContract(call).then(() => undefined, codeOf)
    },
    travelTo: chain.travelTo,
    /** Back to the cryptographic contracts alone, at their time. */
    reset: async (): Promise<void> => {
      await test.revert({ id: clean })
      clean = await test.snapshot()
    },
    close: chain.close,
  }
}

/** Endorsements that are there. */
export type SnpAtHand = { readonly [name in keyof SnpOnchainEndorsements]?: Uint8Array | undefined }

/** What the contracts say. */
export interface SnpVerdict {
  /** Undefined: verified. */
  readonly code: string | undefined
  readonly claims?: SnpOnchainClaims
}
export type SnpOnchainClaims = ReadContractReturnType<typeof snpVerifierAbi, 'verify'>

const complete = (given: SnpAtHand): SnpOnchainEndorsements => {
  const { root = NO_BYTES, intermediate = NO_BYTES, vek = NO_BYTES, crl = NO_BYTES } = given
  return { root, intermediate, vek, crl }
}
const NO_BYTES = new Uint8Array()
/** The least that has an id: SEQUENCE { SEQUENCE {}, SEQUENCE {}, BIT STRING '' }. */
const NONE = Uint8Array.of(0x30, 7, 0x30, 0, 0x30, 0, 0x03, 1, 0)

/** Evidence under an endorsement key that no store has. */
async function encodeUnproven(report: Uint8Array): Promise<Hex> {
  return encodeSnpEvidence(report, { root: NONE, intermediate: NONE, vek: NONE })
}

/** Sends the uploads in their order; what is refused is kept by its name, and what needs it is not sent. */
async function uploadAvailable(
  upload: (call: SnpEndorsementUpload) => Promise<unknown>,
  given: SnpAtHand,
): Promise<ReadonlyMap<string, string>> {
  const refusals = new Map<string, string>()
  const send = async (call: SnpEndorsementUpload) => {
    await upload(call).catch((error: unknown) => refusals.set(call.functionName, codeOf(error)))
  }
  const { root, intermediate, vek, crl } = given
  if (root) await send({ functionName: 'registerRoot', args: [bytesToHex(root)] })
  if (!root || refusals.size > 0) return refusals
  const ids = snpIdsOf(given)
  if (intermediate) await send({ functionName: 'registerIntermediate', args: [ids.rootId, bytesToHex(intermediate)] })
  if (vek && refusals.size === 0) {
    await send({ functionName: 'registerVek', args: [ids.intermediateId, bytesToHex(vek)] })
  }
  if (crl) await send({ functionName: 'uploadCrl', args: [ids.rootId, bytesToHex(crl), 100n] })
  return refusals
}

/** Ids of what is there. */
function snpIdsOf(given: SnpAtHand): { readonly rootId: Hex; readonly intermediateId: Hex } {
  const { root = NONE, intermediate } = given
  const { rootId, intermediateId } = snpCertificateIds({ root, intermediate: intermediate ?? NONE, vek: NONE })
  return { rootId, intermediateId: intermediate ? intermediateId : NOTHING }
}

/** What one store and its verifier answer. */
interface SnpCalls {
  readonly upload: (call: SnpEndorsementUpload) => Promise<unknown>
  readonly parse: (evidence: Hex) => Promise<unknown>
  readonly verify: (evidence: Hex) => Promise<SnpOnchainClaims>
}

/**
 * What the contracts say of a report with the endorsements that are at hand: form of the report, the uploads, `verify`. Where an
 * endorsement is missing because its upload was refused, that refusal is the reason.
 */
async function judgeReport(
  { upload, parse, verify }: SnpCalls,
  report: Uint8Array,
  given: SnpAtHand,
): Promise<SnpVerdict> {
  try {
    const unproven = await encodeUnproven(report)
    await parse(unproven)
    const refusals = await uploadAvailable(upload, given)
    const evidence =
      given.vek && given.intermediate && given.root ? await encodeSnpEvidence(report, complete(given)) : unproven
    return await verify(evidence).then(
      (claims) => ({ code: undefined, claims }),
      (error: unknown) => {
        const code = codeOf(error)
        const behind = UPLOADS_BEHIND[code] ?? []
        return { code: behind.map((name) => refusals.get(name)).find((found) => found !== undefined) ?? code }
      },
    )
  } catch (error) {
    return { code: codeOf(error) }
  }
}

/** Store and verifier. */
async function deploySnp(chain: VendorChain, crypto: CryptoContracts, options: SnpStoreOptions) {
  const { viem, client, send } = chain
  const { simulationRoots = [], dangerouslySkipCrl = false } = options
  const store = await viem.deployContract('SnpEndorsements', [
    crypto,
    options.devMode ?? (simulationRoots.length > 0 || dangerouslySkipCrl),
    simulationRoots.map((root) => keccak256(root)),
    dangerouslySkipCrl,
  ])
  const { sha384, p384, tables } = crypto
  const { address } = await viem.deployContract('SnpVerifier', [store.address, sha384, p384, tables])
  const contract = { address, abi: snpVerifierAbi } as const

  const upload = ({ functionName, args }: SnpEndorsementUpload): Promise<bigint> =>
    send({ address: store.address, abi: snpEndorsementsAbi, functionName, args })
  /** Uploads what is there, but for the names left out; gas of each, by its name. */
  const register = async (endorsements: SnpOnchainEndorsements, without: readonly string[] = []) => {
    const gas: Record<string, bigint> = {}
    for (const call of snpEndorsementUploads(endorsements)) {
      if (!without.includes(call.functionName)) gas[call.functionName] = await upload(call)
    }
    return gas
  }
  const vekOf = (vekId: Hex) =>
    client.readContract({ address: store.address, abi: snpEndorsementsAbi, functionName: 'vekOf', args: [vekId] })
  const parse = (evidence: Hex) => client.readContract({ ...contract, functionName: 'parse', args: [evidence] })
  const verify = (evidence: Hex) => client.readContract({ ...contract, functionName: 'verify', args: [evidence] })
  return {
    vekOf,
    judge: (report: Uint8Array, given: SnpAtHand) => judgeReport({ upload, parse, verify }, report, given),
    upload,
    register,
    parse,
    verify,
    verifyReport: async (report: Uint8Array, endorsements: SnpOnchainEndorsements, options?: P384ProofOptions) =>
      verify(await encodeSnpEvidence(report, endorsements, options)),
    /** Gas of a transaction that only verifies, base included. */
    gasOfVerify: (evidence: Hex) => send({ ...contract, functionName: 'verify', args: [evidence] }),
  }
}

export type SnpChain = Awaited<ReturnType<typeof startSnp>>
export type SnpStore = Awaited<ReturnType<SnpChain['deploy']>>
