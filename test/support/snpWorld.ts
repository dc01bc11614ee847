/** AMD's endorsements and verifier on a chain of their own that stands at a given time. */
import {
  decodeContractError,
  encodeSnpEvidence,
  evidenceRouterAbi,
  P384_GENERATOR,
  type P384ProofOptions,
  p384TableHints,
  p384TablesAbi,
  type SnpEndorsementUpload,
  type SnpOnchainEndorsements,
  snpCertificateIds,
  snpEndorsementsAbi,
  snpEndorsementUploads,
  snpVerifierAbi,
} from '@spartan/abi'
import { BaseError } from '@spartan/errors'
import { network } from 'hardhat'
import { type Address, bytesToHex, type Hex, keccak256, type ReadContractReturnType } from 'viem'

/** Below the cap of a transaction (EIP-7825). */
const GAS = 16_000_000n

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

/** Code of an error of the encoder or of a contract; anything else is thrown on. */
export function snpCodeOf(error: unknown): string {
  if (error instanceof BaseError) return error.code
  const code = decodeContractError(error)?.code
  if (code === undefined) throw error
  return code
}

/** `accepted`, or the code of the refusal. */
export const snpOutcome = (done: Promise<unknown>): Promise<string> => done.then(() => 'accepted', snpCodeOf)

async function startChain(time: number) {
  const chain = await network.create({ network: 'local', override: { initialDate: new Date(time * 1000) } })
  const client = await chain.viem.getPublicClient()
  const [wallet] = await chain.viem.getWalletClients()
  if (wallet === undefined) throw new Error('the chain has no account')
  /** Gas of a call as a transaction, base included; throws what the contract reverts with. */
  const send = async (call: {
    readonly address: Address
    readonly abi: readonly unknown[]
    readonly functionName: string
    readonly args: readonly unknown[]
  }): Promise<bigint> => {
    const hash = await wallet.writeContract({ ...call, gas: GAS } as never)
    return (await client.getTransactionReceipt({ hash })).gasUsed
  }
  return { ...chain, client, send }
}

type Chain = Awaited<ReturnType<typeof startChain>>

async function createTable({ send }: Chain, tables: Address, publicKey: Uint8Array): Promise<void> {
  const args = [bytesToHex(publicKey), bytesToHex(p384TableHints(publicKey) ?? new Uint8Array())]
  await send({ address: tables, abi: p384TablesAbi, functionName: 'create', args })
}

async function deployCrypto(chain: Chain, backend: 'P384' | 'P384Sparse') {
  const { viem, client } = chain
  const tables = await viem.deployContract('P384Tables')
  await createTable(chain, tables.address, P384_GENERATOR)
  const contract = { address: tables.address, abi: p384TablesAbi } as const
  const id = keccak256(P384_GENERATOR)
  const table = await client.readContract({ ...contract, functionName: 'tableOf', args: [id] })
  const p384 = await viem.deployContract(backend, [table])
  const sha384 = await viem.deployContract('Sha512')
  const mgf1 = await viem.deployContract('Mgf1Sha384')
  const rsaPss = await viem.deployContract('RsaPss', [sha384.address, mgf1.address])
  const parser = await viem.deployContract('ChainParser')
  return {
    sha384: sha384.address,
    p384: p384.address,
    tables: tables.address,
    rsaPss: rsaPss.address,
    parser: parser.address,
  }
}

/** A chain with the cryptographic contracts; stores and verifiers are made on it. `time`: Unix seconds of the first block. */
export async function startSnp(time: number, backend: 'P384' | 'P384Sparse' = 'P384') {
  const chain = await startChain(time)
  const crypto = await deployCrypto(chain, backend)
  const test = await chain.viem.getTestClient()
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
      return chain.client.readContract(call).then(() => undefined, snpCodeOf)
    },
    /** Mines a block at a later time, Unix seconds. */
    travelTo: async (seconds: number): Promise<void> => {
      await test.setNextBlockTimestamp({ timestamp: BigInt(seconds) })
      await test.mine({ blocks: 1 })
    },
    /** Back to the cryptographic contracts alone, at their time. */
    reset: async (): Promise<void> => {
      await test.revert({ id: clean })
      clean = await test.snapshot()
    },
    close: () => chain.close(),
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
    await upload(call).catch((error: unknown) => refusals.set(call.functionName, snpCodeOf(error)))
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

/** Store and verifier. */
async function deploySnp(chain: Chain, crypto: Awaited<ReturnType<typeof deployCrypto>>, options: SnpStoreOptions) {
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
  /**
   * What the contracts say of a report with the endorsements that are at hand: form of the report, the uploads, `verify`. Where an
   * endorsement is missing because its upload was refused, that refusal is the reason.
   */
  const judge = async (report: Uint8Array, given: SnpAtHand): Promise<SnpVerdict> => {
    try {
      const unproven = await encodeUnproven(report)
      await parse(unproven)
      const refusals = await uploadAvailable(upload, given)
      const evidence =
        given.vek && given.intermediate && given.root ? await encodeSnpEvidence(report, complete(given)) : unproven
      return await verify(evidence).then(
        (claims) => ({ code: undefined, claims }),
        (error: unknown) => {
          const code = snpCodeOf(error)
          const behind = UPLOADS_BEHIND[code] ?? []
          return { code: behind.map((name) => refusals.get(name)).find((found) => found !== undefined) ?? code }
        },
      )
    } catch (error) {
      return { code: snpCodeOf(error) }
    }
  }
  return {
    vekOf,
    judge,
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
