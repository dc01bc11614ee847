/** A chain that stands at a given time, and the cryptographic contracts that every vendor's stores and verifiers take. */
import { decodeContractError, P384_GENERATOR, p384TableHints, p384TablesAbi } from '@spartan/abi'
import { BaseError, type ReasonCode } from '@spartan/errors'
import { network } from 'hardhat'
import { type Address, bytesToHex, encodeFunctionData, keccak256 } from 'viem'

/** Below the cap of a transaction (EIP-7825). A fixed limit saves the estimate; the node answers a revert with its reason. */
export const GAS = 16_000_000n

/** One call of a contract. */
export interface ContractCall {
  readonly address: Address
  readonly abi: readonly unknown[]
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** Back-ends of P-384 that a deployment chooses from. */
export type P384Backend = 'P384' | 'P384Sparse'

/** What makes one chain. */
export interface VendorChainOptions {
  /** Unix seconds of the first block; the machine's clock when left out. */
  readonly time?: number
  /** `prague`: the rules before EIP-7951. Default `local`. */
  readonly rules?: 'local' | 'prague' | undefined
  /** More than one block in one second. */
  readonly allowBlocksWithSameTimestamp?: boolean
}

/** Code of an error of an encoder or of a contract; anything else is thrown on. */
export function codeOf(error: unknown): ReasonCode {
  if (error instanceof BaseError) return error.code
  const code = decodeContractError(error)?.code
  if (code === undefined) throw error
  return code
}

/** `accepted`, or the code of the refusal. */
export const outcome = (done: Promise<unknown>): Promise<ReasonCode | 'accepted'> =>
  done.then(() => 'accepted' as const, codeOf)

/** A chain in this process, with an account that pays. */
export async function startVendorChain(options: VendorChainOptions = {}) {
  const { time, rules = 'local', allowBlocksWithSameTimestamp = false } = options
  const override = { allowBlocksWithSameTimestamp, ...(time !== undefined && { initialDate: new Date(time * 1000) }) }
  const connection = await network.create({ network: rules, override })
  const { viem } = connection
  const client = await viem.getPublicClient()
  const test = await viem.getTestClient()
  const [wallet] = await viem.getWalletClients()
  if (wallet === undefined) throw new Error('the chain has no account')
  /** Gas of a call as a transaction, base included; throws what the contract reverts with. */
  const send = async (call: ContractCall): Promise<bigint> => {
    const hash = await wallet.writeContract({ ...call, gas: GAS } as never)
    const { gasUsed, status } = await client.getTransactionReceipt({ hash })
    if (status !== 'success') throw new Error(`${call.functionName} reverted`)
    return gasUsed
  }
  /** Mines a block at a later time, Unix seconds. */
  const travelTo = async (seconds: number): Promise<void> => {
    await test.setNextBlockTimestamp({ timestamp: BigInt(seconds) })
    await test.mine({ blocks: 1 })
  }
  return { viem, client, test, wallet, send, travelTo, close: () => connection.close() }
}

export type VendorChain = Awaited<ReturnType<typeof startVendorChain>>

/** Table of a key, with gas and calldata of its making. Throws for what is no point of the curve. */
export async function createTable({ client, send }: VendorChain, tables: Address, publicKey: Uint8Array) {
  const hints = p384TableHints(publicKey)
  if (hints === undefined) throw new Error('not a point of the curve')
  const contract = { address: tables, abi: p384TablesAbi } as const
  const call = { ...contract, functionName: 'create', args: [bytesToHex(publicKey), bytesToHex(hints)] } as const
  const gasUsed = await send(call)
  const table = await client.readContract({ ...contract, functionName: 'tableOf', args: [keccak256(publicKey)] })
  return { table, gasUsed, input: encodeFunctionData(call) }
}

/** Store of tables with that of the generator, and both back-ends. */
export async function deployP384(
  chain: VendorChain,
): Promise<{ readonly tables: Address } & Record<P384Backend, Address>> {
  const { address: tables } = await chain.viem.deployContract('P384Tables')
  const { table } = await createTable(chain, tables, P384_GENERATOR)
  const dense = await chain.viem.deployContract('P384', [table])
  const sparse = await chain.viem.deployContract('P384Sparse', [table])
  return { tables, P384: dense.address, P384Sparse: sparse.address }
}

/** SHA-384, and RSA-PSS by it. */
export async function deployRsaPss({
  viem,
}: VendorChain): Promise<{ readonly sha384: Address; readonly rsaPss: Address }> {
  const { address: sha384 } = await viem.deployContract('Sha512')
  const mgf1 = await viem.deployContract('Mgf1Sha384')
  const { address: rsaPss } = await viem.deployContract('RsaPss', [sha384, mgf1.address])
  return { sha384, rsaPss }
}

/** What the constructor of a store takes. */
export interface CryptoContracts {
  readonly sha384: Address
  readonly p384: Address
  readonly tables: Address
  readonly rsaPss: Address
  readonly parser: Address
}

/** Everything that stores take, by the back-end of P-384. */
export async function deployCrypto(chain: VendorChain): Promise<Record<P384Backend, CryptoContracts>> {
  const { tables, P384, P384Sparse } = await deployP384(chain)
  const { address: parser } = await chain.viem.deployContract('ChainParser')
  const rest = { ...(await deployRsaPss(chain)), tables, parser }
  return { P384: { ...rest, p384: P384 }, P384Sparse: { ...rest, p384: P384Sparse } }
}
