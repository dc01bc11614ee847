import { BaseError } from '@spartan/errors'
import {
  type Account,
  type Address,
  bytesToHex,
  type Chain,
  getContractAddress,
  type Hex,
  type PublicClient,
  type Transport,
  toFunctionSelector,
  type WalletClient,
  zeroHash,
} from 'viem'
import { type DeployableName, readArtifact } from './artifacts.ts'
import {
  countOfEvidenceContracts,
  deployEvidence,
  type EvidenceContract,
  type EvidenceOptions,
  MORE_TEES,
} from './evidence.ts'
import { kindRules, moduleSetting, type PolicyOptions, productRules } from './policy.ts'

/** Contracts of every world, in the order of their deployment. */
export type ContractName = Exclude<DeployableName, 'ReplayPriceFeed' | 'TestToken' | EvidenceContract>
/** `TestToken` only in dev mode; of the contracts for kinds beside Intel's as many as were asked for. */
export type DeployedWorld = Readonly<Record<ContractName, Address>> &
  Readonly<Partial<Record<EvidenceContract | 'TestToken', Address>>>

/** viem clients over any RPC; the account signs every transaction. */
export interface DeployClients {
  readonly publicClient: PublicClient
  readonly walletClient: WalletClient<Transport, Chain, Account>
}

/** One finished transaction of a deployment. */
export interface DeployStep {
  readonly index: number
  readonly total: number
  readonly name: string
  readonly address: Address
  readonly gasUsed: bigint
}

export interface DeployOptions extends DeployClients, PolicyOptions, EvidenceOptions {
  /** Local worlds only: simulated evidence is accepted, timelocks may be zero, a test token is deployed. */
  readonly devMode: boolean
  /** Uncompressed point of the simulation root (65 bytes, 0x04 ‖ x ‖ y). Only in dev mode. */
  readonly simulationRootKey?: Uint8Array | Hex | undefined
  /** Earns the protocol's share; the deployer unless given. */
  readonly treasury?: Address | undefined
  /** Basis points, at most 1,000. Default 250. */
  readonly protocolShareBps?: number | undefined
  /** Life of an Attestation Result. Default 7 days. */
  readonly ttlSeconds?: bigint | undefined
  /** Default 72 hours. */
  readonly graceSeconds?: bigint | undefined
  /** From proposal of a reference value or a module to its activation. Default 0 in dev mode, else 48 hours. */
  readonly timelockSeconds?: bigint | undefined
  /**
   * Lowest accepted TCB evaluation number. Needed outside dev mode: without it old endorsements, still validly signed, would
   * be accepted wherever nobody has uploaded newer ones. Default in dev mode 0.
   */
  readonly minTcbEvaluationNumber?: number | undefined
  /** Takes over governance with the delay below; the deployer gives it up. Needed outside dev mode. */
  readonly governor?: Address | undefined
  /** From the governor's decision to its execution. Default 48 hours; outside dev mode at least 24. */
  readonly governorDelaySeconds?: number | undefined
  /** May revoke workloads, retire modules and deny platforms, and nothing else, without delay. Default the governor, else the deployer. */
  readonly guardian?: Address | undefined
  readonly onStep?: ((step: DeployStep) => void) | undefined
}

const HOUR = 3_600n
const MIN_GOVERNOR_DELAY_SECONDS = 86_400
const ADMIN_ROLE = 0n
/** Role of Governance that may call ReferenceValues.revoke, EvidenceRouter.retire and EvidenceRouter.denyPlatform, without delay. */
export const GUARDIAN_ROLE = 1n

/**
 * Deploys one contract and waits for it.
 *
 * @throws {BaseError} `DEPLOY_ARTIFACT_MISSING`, `DEPLOY_TRANSACTION_FAILED`.
 */
export async function deployContract(
  { publicClient, walletClient }: DeployClients,
  name: DeployableName,
  args: readonly unknown[],
): Promise<{ address: Address; gasUsed: bigint }> {
  const { abi, bytecode } = await readArtifact(name)
  const hash = await walletClient.deployContract({ abi, bytecode, args })
  const receipt = await publicClient.waitForTransactionReceipt({ hash })
  if (receipt.status !== 'success' || !receipt.contractAddress) {
    throw new BaseError('DEPLOY_TRANSACTION_FAILED', { metaMessages: [`${name} in transaction ${hash}`] })
  }
  return { address: receipt.contractAddress, gasUsed: receipt.gasUsed }
}

/**
 * Deploys every contract of a world in the order of their dependencies.
 *
 * The Ledger fixes its escrow at construction and the escrow its ledger, so the escrow's address is computed from the
 * deployer's next nonce first: nothing else may send from this account meanwhile.
 *
 * @throws {BaseError} `DEPLOY_OPTIONS_INVALID`, `DEPLOY_ARTIFACT_MISSING`, `DEPLOY_TRANSACTION_FAILED`.
 */
export async function deployWorld(options: DeployOptions): Promise<DeployedWorld> {
  checkOptions(options)
  const { devMode, walletClient } = options
  const deployer = walletClient.account.address
  const tees = options.tees ?? (devMode ? [] : MORE_TEES)
  const deploy = stepper(options, (devMode ? 12 : 11) + countOfEvidenceContracts(tees))
  const [rootX, rootY] = rootPoint(options.simulationRootKey)

  const TestToken = devMode ? await deploy('TestToken', []) : undefined
  const Governance = await deploy('Governance', [deployer])
  const EndorsementStore = await deploy('EndorsementStore', [devMode, rootX, rootY])
  const DcapVerifier = await deploy('DcapVerifier', [EndorsementStore])
  const SgxVerifier = await deploy('SgxVerifier', [EndorsementStore])
  const timelock = options.timelockSeconds ?? (devMode ? 0n : 48n * HOUR)
  const ReferenceValues = await deploy('ReferenceValues', [Governance, timelock, devMode])
  const AssetRegistry = await deploy('AssetRegistry', [])
  const place = { clients: options, deploy, devMode, governance: Governance, timelock }
  const { modules, contracts: evidence } = await deployEvidence(place, { ...options, tees })
  const EvidenceRouter = await deploy('EvidenceRouter', [
    Governance,
    timelock,
    devMode,
    [moduleSetting('Tdx', DcapVerifier), moduleSetting('Sgx', SgxVerifier), ...modules],
    kindRules(options),
    productRules(options),
  ])
  const AttestationRegistry = await deploy('AttestationRegistry', [
    EvidenceRouter,
    ReferenceValues,
    AssetRegistry,
    devMode,
    options.ttlSeconds ?? 168n * HOUR,
    options.graceSeconds ?? 72n * HOUR,
  ])
  const KeyReleases = await deploy('KeyReleases', [AssetRegistry, AttestationRegistry])
  const escrow = await nextContractAddress(options, 1)
  const Ledger = await deploy('Ledger', [[escrow]])
  const treasury = options.treasury ?? deployer
  const share = options.protocolShareBps ?? 250
  const ChannelEscrow = await deploy('ChannelEscrow', [Ledger, AssetRegistry, AttestationRegistry, treasury, share])
  if (ChannelEscrow.toLowerCase() !== escrow.toLowerCase()) {
    const line = `escrow at ${ChannelEscrow}, the ledger expects ${escrow}: another transaction came between`
    throw new BaseError('DEPLOY_TRANSACTION_FAILED', { metaMessages: [line] })
  }
  await handOver(options, Governance, { ReferenceValues, EvidenceRouter, CcaEndorsements: evidence.CcaEndorsements })
  return {
    Governance,
    EndorsementStore,
    DcapVerifier,
    SgxVerifier,
    ReferenceValues,
    AssetRegistry,
    EvidenceRouter,
    AttestationRegistry,
    KeyReleases,
    Ledger,
    ChannelEscrow,
    ...(TestToken === undefined ? {} : { TestToken }),
    ...evidence,
  }
}

/** What production must not lack; a local world may. */
function checkOptions(options: DeployOptions): void {
  if (options.devMode) return
  const delay = options.governorDelaySeconds ?? MIN_GOVERNOR_DELAY_SECONDS
  const wrong = [
    options.simulationRootKey !== undefined && 'a simulation root needs dev mode',
    options.simulation !== undefined && 'simulation roots need dev mode',
    options.governor === undefined && 'outside dev mode a governor is needed',
    options.minTcbEvaluationNumber === undefined && 'outside dev mode the lowest TCB evaluation number has to be given',
    delay < MIN_GOVERNOR_DELAY_SECONDS &&
      `outside dev mode the governor's delay is at least ${MIN_GOVERNOR_DELAY_SECONDS} s`,
  ].filter((line) => line !== false)
  if (wrong.length > 0) throw new BaseError('DEPLOY_OPTIONS_INVALID', { metaMessages: wrong })
}

function stepper(options: DeployOptions, total: number) {
  let index = 0
  return async (name: DeployableName, args: readonly unknown[]): Promise<Address> => {
    const { address, gasUsed } = await deployContract(options, name, args)
    index += 1
    options.onStep?.({ index, total, name, address, gasUsed })
    return address
  }
}

/** Address of the contract that the deployer's transaction after the next `skip` ones creates. */
async function nextContractAddress({ publicClient, walletClient }: DeployClients, skip: number): Promise<Address> {
  const from = walletClient.account.address
  const nonce = await publicClient.getTransactionCount({ address: from, blockTag: 'pending' })
  return getContractAddress({ from, nonce: BigInt(nonce + skip) })
}

function rootPoint(key: Uint8Array | Hex | undefined): readonly [Hex, Hex] {
  if (key === undefined) return [zeroHash, zeroHash]
  const hex = typeof key === 'string' ? key : bytesToHex(key)
  if (!/^0x04[0-9a-f]{128}$/i.test(hex)) {
    throw new BaseError('DEPLOY_OPTIONS_INVALID', {
      metaMessages: ['the simulation root key is not an uncompressed point of 65 bytes'],
    })
  }
  return [`0x${hex.slice(4, 68)}`, `0x${hex.slice(68)}`]
}

/** What the guardian may call without delay: everything that only ever takes trust away. */
const GUARDIAN_CALLS = {
  ReferenceValues: ['revoke(bytes32)'],
  EvidenceRouter: ['retire(uint8,uint16)', 'denyPlatform(bytes32)'],
  CcaEndorsements: ['revokeTrustAnchor(bytes32)'],
} as const

/** Lets the guardian take trust away at once, makes the governor admin with a delay and takes that role from the deployer. */
async function handOver(
  options: DeployOptions,
  governance: Address,
  targets: Readonly<Record<keyof typeof GUARDIAN_CALLS, Address | undefined>>,
): Promise<void> {
  const { governor, publicClient, walletClient } = options
  const deployer = walletClient.account.address
  const { abi } = await readArtifact('Governance')
  const roles = Object.entries(GUARDIAN_CALLS).flatMap(([name, signatures]) => {
    const target = targets[name as keyof typeof GUARDIAN_CALLS]
    const selectors = signatures.map((signature) => toFunctionSelector(signature))
    return target === undefined
      ? []
      : [{ functionName: 'setTargetFunctionRole', args: [target, selectors, GUARDIAN_ROLE] }]
  })
  const calls: { functionName: string; args: readonly unknown[] }[] = [
    ...roles,
    { functionName: 'grantRole', args: [GUARDIAN_ROLE, options.guardian ?? governor ?? deployer, 0] },
  ]
  if (governor !== undefined) {
    calls.push({ functionName: 'grantRole', args: [ADMIN_ROLE, governor, options.governorDelaySeconds ?? 172_800] })
    calls.push({ functionName: 'renounceRole', args: [ADMIN_ROLE, deployer] })
  }
  for (const call of calls) {
    const hash = await walletClient.writeContract({ address: governance, abi, ...call })
    const receipt = await publicClient.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') {
      throw new BaseError('DEPLOY_TRANSACTION_FAILED', { metaMessages: [`${call.functionName} in ${hash}`] })
    }
  }
}
