/** NVIDIA's stores and verifier on a chain of their own that stands at a given time. */
import {
  decodeContractError,
  encodeNvidiaEvidence,
  type NvidiaRimParts,
  type NvidiaUpload,
  nvidiaDeviceUploads,
  nvidiaEndorsementsAbi,
  nvidiaRimId,
  nvidiaRimsAbi,
  nvidiaRimUploads,
  nvidiaVerifierAbi,
  P384_GENERATOR,
  type P384Density,
  type P384ProofOptions,
  p384TableHints,
  p384TablesAbi,
} from '@spartan/abi'
import { BaseError } from '@spartan/errors'
import { network } from 'hardhat'
import { type Abi, type Address, bytesToHex, type Hex, keccak256 } from 'viem'

/** Below the cap of a transaction (EIP-7825). */
const GAS = 16_000_000n

/** What makes the two stores and the verifier. */
export interface NvidiaSetup {
  /** DER of a simulation's roots; none when left out. */
  readonly simulation?: { readonly deviceRoot: Uint8Array; readonly rimRoot: Uint8Array }
  readonly devMode?: boolean
  readonly dangerouslySkipRevocation?: boolean
  readonly dangerouslySkipRims?: boolean
  /** Default `P384`. */
  readonly p384?: 'P384' | 'P384Sparse'
}

/** Everything one verification needs. */
export interface NvidiaCase {
  readonly report: Uint8Array
  /** DER, attestation key first, root last. */
  readonly certificates: readonly Uint8Array[]
  readonly ocsp: readonly Uint8Array[]
  readonly driverRim?: NvidiaRimParts | undefined
  readonly vbiosRim?: NvidiaRimParts | undefined
  readonly rimOcsp: readonly Uint8Array[]
}

interface Call {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** Code of an error of the encoder or of a contract; anything else is thrown on. */
export function nvidiaCodeOf(error: unknown): string {
  if (error instanceof BaseError) return error.code
  const code = decodeContractError(error)?.code
  if (code === undefined) throw error
  return code
}

/** `accepted`, or the code of the refusal. */
export const nvidiaOutcome = (done: Promise<unknown>): Promise<string> => done.then(() => 'accepted', nvidiaCodeOf)

async function startChain(time: number) {
  const chain = await network.create({
    network: 'local',
    override: { initialDate: new Date(time * 1000), allowBlocksWithSameTimestamp: true },
  })
  const client = await chain.viem.getPublicClient()
  const test = await chain.viem.getTestClient()
  const [wallet] = await chain.viem.getWalletClients()
  if (wallet === undefined) throw new Error('the chain has no account')
  let exact: number | undefined
  const done = new Set<string>()
  /** Gas of a call as a transaction, base included; throws what the contract reverts with. */
  const send = async (call: Call): Promise<bigint> => {
    if (exact !== undefined) await test.setNextBlockTimestamp({ timestamp: BigInt(exact) })
    const hash = await wallet.writeContract({ ...call, gas: GAS } as never)
    return (await client.getTransactionReceipt({ hash })).gasUsed
  }
  /** Sends what has not been sent before: stores keep a thing once. */
  const sendOnce = async (call: Call): Promise<void> => {
    const id = JSON.stringify([call.address, call.functionName, call.args])
    if (!done.has(id)) await send(call)
    done.add(id)
  }
  /** Mines a block at a time, Unix seconds, and stays there; undefined: the clock runs. */
  const stayAt = async (seconds: number | undefined): Promise<void> => {
    exact = seconds
    if (seconds === undefined) return
    await test.setNextBlockTimestamp({ timestamp: BigInt(seconds) })
    await test.mine({ blocks: 1 })
  }
  return { ...chain, client, test, send, sendOnce, forget: () => done.clear(), stayAt }
}

type Chain = Awaited<ReturnType<typeof startChain>>

async function createTable({ send }: Chain, tables: Address, publicKey: Uint8Array): Promise<bigint> {
  const args = [bytesToHex(publicKey), bytesToHex(p384TableHints(publicKey) ?? new Uint8Array())]
  return send({ address: tables, abi: p384TablesAbi as Abi, functionName: 'create', args })
}

async function deployGround(chain: Chain) {
  const { viem, client } = chain
  const tables = await viem.deployContract('P384Tables')
  await createTable(chain, tables.address, P384_GENERATOR)
  const generator = await client.readContract({
    address: tables.address,
    abi: p384TablesAbi,
    functionName: 'tableOf',
    args: [keccak256(P384_GENERATOR)],
  })
  const p384 = await viem.deployContract('P384', [generator])
  const sparse = await viem.deployContract('P384Sparse', [generator])
  const sha384 = await viem.deployContract('Sha512')
  const mgf1 = await viem.deployContract('Mgf1Sha384')
  const rsaPss = await viem.deployContract('RsaPss', [sha384.address, mgf1.address])
  const parser = await viem.deployContract('ChainParser')
  const nvidiaParser = await viem.deployContract('NvidiaParser')
  const crypto = {
    sha384: sha384.address,
    p384: p384.address,
    tables: tables.address,
    rsaPss: rsaPss.address,
    parser: parser.address,
  }
  return { crypto, sparse: sparse.address, nvidiaParser: nvidiaParser.address }
}

type Ground = Awaited<ReturnType<typeof deployGround>>

/** A chain with the cryptographic contracts; stores and verifiers are made on it. `time`: Unix seconds of the first block. */
export async function startNvidia(time: number) {
  const chain = await startChain(time)
  const ground = await deployGround(chain)
  let clean = await chain.test.snapshot()
  return {
    viem: chain.viem,
    client: chain.client,
    parser: ground.nvidiaParser,
    createTable: (publicKey: Uint8Array) => createTable(chain, ground.crypto.tables, publicKey),
    deploy: (setup: NvidiaSetup = {}) => deployNvidia(chain, ground, setup),
    /** Mines a block at a time, Unix seconds, and stays there. */
    travelTo: chain.stayAt,
    /** What is deployed and registered from here on is gone after the next `reset`. */
    keep: async (): Promise<void> => {
      clean = await chain.test.snapshot()
    },
    reset: async (): Promise<void> => {
      chain.forget()
      await chain.stayAt(undefined)
      await chain.test.revert({ id: clean })
      clean = await chain.test.snapshot()
    },
    close: () => chain.close(),
  }
}

async function deployNvidia(
  { viem, client, send, sendOnce }: Chain,
  { crypto: dense, sparse, nvidiaParser }: Ground,
  setup: NvidiaSetup,
) {
  const crypto = setup.p384 === 'P384Sparse' ? { ...dense, p384: sparse } : dense
  const { simulation, dangerouslySkipRevocation = false, dangerouslySkipRims = false } = setup
  const devMode = setup.devMode ?? (simulation !== undefined || dangerouslySkipRevocation)
  const storeArgs = (role: 'deviceRoot' | 'rimRoot') => {
    const simulationRoots = simulation ? [keccak256(simulation[role])] : []
    return [crypto, nvidiaParser, devMode, simulationRoots, dangerouslySkipRevocation] as const
  }
  const endorsements = await viem.deployContract('NvidiaEndorsements', [...storeArgs('deviceRoot')])
  const rims = await viem.deployContract('NvidiaRims', [...storeArgs('rimRoot')])
  const { sha384, p384, tables } = crypto
  const args = [endorsements.address, rims.address, sha384, p384, tables, dangerouslySkipRims] as const
  const verifier = await viem.deployContract('NvidiaVerifier', [...args])
  const contract = { address: verifier.address, abi: nvidiaVerifierAbi } as const
  const store = { address: endorsements.address, abi: nvidiaEndorsementsAbi } as const
  const manifests = { address: rims.address, abi: nvidiaRimsAbi } as const
  const deviceCall = ({ functionName, args: words }: NvidiaUpload): Call => {
    return { ...store, abi: store.abi as Abi, functionName, args: words }
  }
  const rimCall = ({ functionName, args: words }: NvidiaUpload): Call => {
    return { ...manifests, abi: manifests.abi as Abi, functionName, args: words }
  }
  const uploadDevice = async (
    certificates: readonly Uint8Array[],
    ocsp: readonly Uint8Array[],
    density?: P384Density,
  ): Promise<void> => {
    for (const call of await nvidiaDeviceUploads(certificates, ocsp, density)) await sendOnce(deviceCall(call))
  }
  const uploadRim = async (parts: NvidiaRimParts, ocsp: readonly Uint8Array[], density?: P384Density): Promise<Hex> => {
    for (const call of await nvidiaRimUploads(parts, ocsp, density)) await sendOnce(rimCall(call))
    return nvidiaRimId(parts)
  }
  const verify = (evidence: Hex) => client.readContract({ ...contract, functionName: 'verify', args: [evidence] })
  const evidenceOf = ({ report, certificates, driverRim, vbiosRim }: NvidiaCase, options?: P384ProofOptions) => {
    const ids = { driverRim: driverRim && nvidiaRimId(driverRim), vbiosRim: vbiosRim && nvidiaRimId(vbiosRim) }
    return encodeNvidiaEvidence({ report, certificates, ...ids }, options)
  }
  return {
    keyOf: (akId: Hex) => client.readContract({ ...store, functionName: 'attestationKeyOf', args: [akId] }),
    answerOf: (keyId: Hex) => client.readContract({ ...store, functionName: 'ocspAnswers', args: [keyId] }),
    rimOf: (rimId: Hex) => client.readContract({ ...manifests, functionName: 'rimOf', args: [rimId] }),
    /** One call of either store; its gas, base included. */
    device: (upload: NvidiaUpload) => send(deviceCall(upload)),
    rim: (upload: NvidiaUpload) => send(rimCall(upload)),
    uploadDevice,
    uploadRim,
    verify,
    evidenceOf,
    /** Uploads everything that a case needs. */
    upload: async (given: NvidiaCase, density?: P384Density): Promise<void> => {
      await uploadDevice(given.certificates, given.ocsp, density)
      if (given.driverRim) await uploadRim(given.driverRim, given.rimOcsp, density)
      if (given.vbiosRim) await uploadRim(given.vbiosRim, given.rimOcsp, density)
    },
    /** Gas of a transaction that only verifies, base included. */
    gasOfVerify: (evidence: Hex) =>
      send({ ...contract, abi: contract.abi as Abi, functionName: 'verify', args: [evidence] }),
  }
}

export type NvidiaChain = Awaited<ReturnType<typeof startNvidia>>
export type NvidiaStores = Awaited<ReturnType<NvidiaChain['deploy']>>
