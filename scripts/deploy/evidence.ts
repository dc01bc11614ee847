import { P384_GENERATOR, p384TableHints, p384TablesAbi, type TeeKind } from '@spartan/abi'
import { BaseError } from '@spartan/errors'
import { type Address, bytesToHex, keccak256, zeroAddress } from 'viem'
import type { DeployableName } from './artifacts.ts'
import type { DeployClients } from './deploy.ts'
import { moduleSetting } from './policy.ts'

/** TEE kinds whose verifiers come beside Intel's, which every world has. */
export const MORE_TEES = ['SevSnp', 'Cca', 'Nitro', 'NvidiaGpu'] as const satisfies readonly TeeKind[]
export type MoreTee = (typeof MORE_TEES)[number]

/** What may differ between chains. */
export interface EvidenceOptions {
  /** Kinds beside Intel's. Default: all outside dev mode, none in it: a local world simulates TDX. */
  readonly tees?: readonly MoreTee[] | undefined
  /**
   * Back-end of P-384. `P384`: a hint for each step, the least execution. `P384Sparse`: fewer hints (`P384ProofOptions.unhinted`
   * of the encoders), for chains whose calldata is dear (EIP-7976). Default `P384`.
   */
  readonly p384?: 'P384' | 'P384Sparse' | undefined
  /** Roots beside the vendors'. Only in dev mode. */
  readonly simulation?: EvidenceSimulation | undefined
}

/** DER of a simulation's roots. CCA has none: its simulated keys are proposed as such. */
export interface EvidenceSimulation {
  /** ARKs. */
  readonly snp?: readonly Uint8Array[]
  readonly nitro?: Uint8Array
  readonly nvidia?: { readonly deviceRoot: Uint8Array; readonly rimRoot: Uint8Array }
}

/** Contracts that only worlds with kinds beside Intel's have. */
export type EvidenceContract = Extract<
  DeployableName,
  | 'Sha512'
  | 'Mgf1Sha384'
  | 'P384Tables'
  | 'P384'
  | 'P384Sparse'
  | 'RsaPss'
  | 'ChainParser'
  | 'NvidiaParser'
  | 'NvidiaRims'
  | `${'Snp' | 'Cca' | 'Nitro' | 'Nvidia'}${'Endorsements' | 'Verifier'}`
>

type Deploy = (name: EvidenceContract, args: readonly unknown[]) => Promise<Address>

interface Place {
  readonly simulation?: EvidenceSimulation | undefined
  readonly clients: DeployClients
  readonly deploy: Deploy
  readonly devMode: boolean
  readonly governance: Address
  readonly timelock: bigint
}

/** Contracts of the vendors' cryptography; stateless, shared by all. */
interface Crypto {
  readonly sha384: Address
  readonly p384: Address
  readonly tables: Address
  readonly rsaPss: Address
  readonly parser: Address
}

/** Contracts that a choice of kinds makes, for the progress of a deployment. */
export function countOfEvidenceContracts(tees: readonly MoreTee[]): number {
  const own: Readonly<Record<MoreTee, number>> = { SevSnp: 2, Cca: 2, Nitro: 2, NvidiaGpu: 4 }
  const shared = tees.length > 0 ? 6 : 0
  return shared + tees.reduce((sum, tee) => sum + own[tee], 0)
}

/** Deploys stores and verifiers of the kinds asked for; answers the modules for the router. */
export async function deployEvidence(given: Place, { tees = [], p384 = 'P384', simulation }: EvidenceOptions) {
  const contracts: Partial<Record<EvidenceContract, Address>> = {}
  const modules: ReturnType<typeof moduleSetting>[] = []
  if (tees.length === 0) return { modules, contracts }
  const deploy: Deploy = async (name, args) => {
    const address = await given.deploy(name, args)
    contracts[name] = address
    return address
  }
  const place = { ...given, deploy, simulation }
  const crypto = await deployCrypto(place, p384)
  for (const tee of tees) modules.push(moduleSetting(tee, await VERIFIERS[tee](place, crypto)))
  return { modules, contracts }
}

const VERIFIERS: Readonly<Record<MoreTee, (place: Place, crypto: Crypto) => Promise<Address>>> = {
  SevSnp: async ({ deploy, devMode, simulation }, crypto) => {
    const store = await deploy('SnpEndorsements', [crypto, devMode, hashesOf(...(simulation?.snp ?? [])), false])
    return deploy('SnpVerifier', [store, crypto.sha384, crypto.p384, crypto.tables])
  },
  Nitro: async ({ deploy, devMode, simulation }, crypto) => {
    const store = await deploy('NitroEndorsements', [crypto, devMode, hashesOf(simulation?.nitro), false])
    return deploy('NitroVerifier', [store, crypto.sha384, crypto.p384, crypto.tables])
  },
  Cca: async ({ deploy, devMode, governance, timelock }, { sha384, p384, tables }) => {
    const store = await deploy('CcaEndorsements', [governance, timelock, devMode])
    return deploy('CcaVerifier', [store, sha384, p384, tables])
  },
  NvidiaGpu: async ({ deploy, devMode, simulation }, crypto) => {
    const parser = await deploy('NvidiaParser', [])
    const { deviceRoot, rimRoot } = simulation?.nvidia ?? {}
    const devices = await deploy('NvidiaEndorsements', [crypto, parser, devMode, hashesOf(deviceRoot), false])
    const rims = await deploy('NvidiaRims', [crypto, parser, devMode, hashesOf(rimRoot), false])
    return deploy('NvidiaVerifier', [devices, rims, crypto.sha384, crypto.p384, crypto.tables, false])
  },
}

/** Hashes of those that are there. */
const hashesOf = (...roots: readonly (Uint8Array | undefined)[]) =>
  roots.flatMap((root) => (root === undefined ? [] : [keccak256(root)]))

async function deployCrypto(place: Place, backend: 'P384' | 'P384Sparse'): Promise<Crypto> {
  const { deploy } = place
  const sha384 = await deploy('Sha512', [])
  const tables = await deploy('P384Tables', [])
  const p384 = await deploy(backend, [await createGeneratorTable(place, tables)])
  const rsaPss = await deploy('RsaPss', [sha384, await deploy('Mgf1Sha384', [])])
  return { sha384, p384, tables, rsaPss, parser: await deploy('ChainParser', []) }
}

/** The generator's comb table, computed and checked by the contract. */
async function createGeneratorTable({ clients }: Place, tables: Address): Promise<Address> {
  const { publicClient, walletClient } = clients
  const hints = p384TableHints(P384_GENERATOR)
  if (hints === undefined) throw new Error('the generator is not on the curve')
  const call = { address: tables, abi: p384TablesAbi } as const
  const args = [bytesToHex(P384_GENERATOR), bytesToHex(hints)] as const
  const hash = await walletClient.writeContract({ ...call, functionName: 'create', args })
  const receipt = await publicClient.waitForTransactionReceipt({ hash })
  const table = await publicClient.readContract({
    ...call,
    functionName: 'tableOf',
    args: [keccak256(P384_GENERATOR)],
    blockNumber: receipt.blockNumber,
  })
  if (receipt.status !== 'success' || table === zeroAddress) {
    throw new BaseError('DEPLOY_TRANSACTION_FAILED', { metaMessages: [`table of P-384's generator in ${hash}`] })
  }
  return table
}
