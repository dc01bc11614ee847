/** AWS's endorsements and verifier on a chain of their own that stands at a given time. */
import {
  decodeContractError,
  encodeNitroEvidence,
  type NitroChainFiles,
  type NitroUpload,
  nitroEndorsementsAbi,
  nitroUploads,
  nitroVerifierAbi,
  P384_GENERATOR,
  type P384Density,
  p384TableHints,
  p384TablesAbi,
} from '@spartan/abi'
import { BaseError } from '@spartan/errors'
import { network } from 'hardhat'
import { type Address, bytesToHex, type Hex, keccak256, zeroAddress } from 'viem'

/** Below the cap of a transaction (EIP-7825). */
const GAS = 16_000_000n

/** What makes one store. */
export interface NitroStoreOptions {
  /** DER of a simulation root; none when left out. */
  readonly simulationRoot?: Uint8Array | undefined
  readonly dangerouslySkipRevocation?: boolean
  /** Left out: as the other two need it. */
  readonly devMode?: boolean
}

/** Code of an error of the encoder or of a contract; anything else is thrown on. */
export function nitroCodeOf(error: unknown): string {
  if (error instanceof BaseError) return error.code
  const code = decodeContractError(error)?.code
  if (code === undefined) throw error
  return code
}

/** `accepted`, or the code of the refusal. */
export const nitroOutcome = (done: Promise<unknown>): Promise<string> => done.then(() => 'accepted', nitroCodeOf)

/** Back-ends of P-384 that a deployment chooses from. */
type P384Backend = 'P384' | 'P384Sparse'

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

/** The table of a key: of the generator once, of others where a test wants it. */
async function createTable({ send }: Chain, tables: Address, publicKey: Uint8Array): Promise<void> {
  const args = [bytesToHex(publicKey), bytesToHex(p384TableHints(publicKey) ?? new Uint8Array())]
  await send({ address: tables, abi: p384TablesAbi, functionName: 'create', args })
}

async function deployCrypto(chain: Chain, backend: P384Backend) {
  const { viem, client } = chain
  const tables = await viem.deployContract('P384Tables')
  await createTable(chain, tables.address, P384_GENERATOR)
  const table = await client.readContract({
    address: tables.address,
    abi: p384TablesAbi,
    functionName: 'tableOf',
    args: [keccak256(P384_GENERATOR)],
  })
  const p384 = await viem.deployContract(backend, [table])
  const sha384 = await viem.deployContract('Sha512')
  const parser = await viem.deployContract('ChainParser')
  return {
    sha384: sha384.address,
    p384: p384.address,
    tables: tables.address,
    // AWS signs nothing with RSA.
    rsaPss: zeroAddress,
    parser: parser.address,
  }
}

/** A chain with the cryptographic contracts; stores and verifiers are made on it. `time`: Unix seconds of the first block. */
export async function startNitro(time: number, backend: P384Backend = 'P384') {
  const chain = await startChain(time)
  const crypto = await deployCrypto(chain, backend)
  return {
    client: chain.client,
    crypto,
    deploy: (options: NitroStoreOptions) => deployNitro(chain, crypto, options),
    createTable: (publicKey: Uint8Array) => createTable(chain, crypto.tables, publicKey),
    /** Mines a block at a later time, Unix seconds. */
    travelTo: async (seconds: number): Promise<void> => {
      const test = await chain.viem.getTestClient()
      await test.setNextBlockTimestamp({ timestamp: BigInt(seconds) })
      await test.mine({ blocks: 1 })
    },
    close: () => chain.close(),
  }
}

/** Store and verifier. */
async function deployNitro(
  { viem, client, send }: Chain,
  crypto: Awaited<ReturnType<typeof deployCrypto>>,
  { simulationRoot, dangerouslySkipRevocation = false, devMode }: NitroStoreOptions,
) {
  const store = await viem.deployContract('NitroEndorsements', [
    crypto,
    devMode ?? (simulationRoot !== undefined || dangerouslySkipRevocation),
    simulationRoot ? [keccak256(simulationRoot)] : [],
    dangerouslySkipRevocation,
  ])
  const { sha384, p384, tables } = crypto
  const { address } = await viem.deployContract('NitroVerifier', [store.address, sha384, p384, tables])
  const contract = { address, abi: nitroVerifierAbi } as const

  const upload = ({ functionName, args }: NitroUpload): Promise<bigint> =>
    send({ address: store.address, abi: nitroEndorsementsAbi, functionName, args })
  /** Gas of each upload, in order. */
  const register = async (files: NitroChainFiles, options?: P384Density): Promise<bigint[]> => {
    const gas: bigint[] = []
    for (const call of await nitroUploads(files, options)) gas.push(await upload(call))
    return gas
  }
  const parse = (evidence: Hex) => client.readContract({ ...contract, functionName: 'parse', args: [evidence] })
  const verify = (evidence: Hex) => client.readContract({ ...contract, functionName: 'verify', args: [evidence] })
  return {
    store,
    address,
    upload,
    register,
    parse,
    verify,
    verifyDocument: async (document: Uint8Array) => verify((await encodeNitroEvidence(document)).evidence),
    /** Gas of a transaction that only verifies, base included. */
    gasOfVerify: (evidence: Hex) => send({ ...contract, functionName: 'verify', args: [evidence] }),
  }
}

export type NitroChain = Awaited<ReturnType<typeof startNitro>>
export type NitroStore = Awaited<ReturnType<NitroChain['deploy']>>
