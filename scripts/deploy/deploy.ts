import { allErrorsAbi, enumNumber, TCB_STATUSES, TEE_KINDS } from '@spartan/abi'
import { BaseError, codeOfSolidityError, type Invalidation, isReasonCode, reasonOf } from '@spartan/errors'
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

/** Contracts of a world, in the order of their deployment. `TestToken` only in dev mode. */
export type ContractName = Exclude<DeployableName, 'ReplayPriceFeed' | 'TestToken'>
export type DeployedWorld = Readonly<Record<ContractName, Address>> & { readonly TestToken?: Address }

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

export interface DeployOptions extends DeployClients {
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
  /** From proposal of a reference value to its activation. Default 0 in dev mode, else 48 hours. */
  readonly timelockSeconds?: bigint | undefined
  /** Bit i set: TcbStatus i accepted. Default UpToDate and SWHardeningNeeded. */
  readonly acceptedTcbStatuses?: bigint | undefined
  /**
   * Lowest accepted TCB evaluation number. Needed outside dev mode: without it old endorsements, still validly signed, would
   * be accepted wherever nobody has uploaded newer ones. Default in dev mode 0.
   */
  readonly minTcbEvaluationNumber?: number | undefined
  /** Takes over governance with the delay below; the deployer gives it up. Needed outside dev mode. */
  readonly governor?: Address | undefined
  /** From the governor's decision to its execution. Default 48 hours; outside dev mode at least 24. */
  readonly governorDelaySeconds?: number | undefined
  /** May revoke workloads, and nothing else, without delay. Default the governor, else the deployer. */
  readonly guardian?: Address | undefined
  readonly onStep?: ((step: DeployStep) => void) | undefined
}

/** Bit i set: TcbStatus i accepted. */
const DEFAULT_TCB_STATUSES = (['UpToDate', 'SWHardeningNeeded'] as const).reduce(
  (bits, status) => bits | (1n << BigInt(enumNumber(TCB_STATUSES, status))),
  0n,
)
const HOUR = 3_600n
const MIN_GOVERNOR_DELAY_SECONDS = 86_400
const ADMIN_ROLE = 0n
/** Role of Governance that may call ReferenceValues.revoke, without delay. */
export const GUARDIAN_ROLE = 1n

/**
 * Selectors of the custom errors of one vendor (`Dcap`, `Nitro`, …) whose rows in the table of reason codes say that `invalidate`
 * weighs them so.
 */
export function errorsWeighed(invalidation: Invalidation, vendor = 'Dcap'): readonly Hex[] {
  return allErrorsAbi
    .filter(({ name }) => {
      const code = codeOfSolidityError(name)
      return name.startsWith(vendor) && isReasonCode(code) && reasonOf(code).invalidation === invalidation
    })
    .map((error) => toFunctionSelector(`${error.name}(${error.inputs.map((input) => input.type).join(',')})`))
}

/** The one verifier of this version, with what its errors mean to the registry. */
export function verifierSettings(verifier: Address) {
  return [
    {
      kind: enumNumber(TEE_KINDS, 'Tdx'),
      verifier,
      inconclusiveErrors: errorsWeighed('inconclusive'),
      outdatedErrors: errorsWeighed('outdated'),
    },
  ] as const
}

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
  const deploy = stepper(options, devMode ? 10 : 9)
  const [rootX, rootY] = rootPoint(options.simulationRootKey)

  const TestToken = devMode ? await deploy('TestToken', []) : undefined
  const Governance = await deploy('Governance', [deployer])
  const EndorsementStore = await deploy('EndorsementStore', [devMode, rootX, rootY])
  const statuses = options.acceptedTcbStatuses ?? DEFAULT_TCB_STATUSES
  const DcapVerifier = await deploy('DcapVerifier', [EndorsementStore, statuses, options.minTcbEvaluationNumber ?? 0])
  const timelock = options.timelockSeconds ?? (devMode ? 0n : 48n * HOUR)
  const ReferenceValues = await deploy('ReferenceValues', [Governance, timelock, devMode])
  const AssetRegistry = await deploy('AssetRegistry', [])
  const AttestationRegistry = await deploy('AttestationRegistry', [
    Governance,
    ReferenceValues,
    AssetRegistry,
    devMode,
    options.ttlSeconds ?? 168n * HOUR,
    options.graceSeconds ?? 72n * HOUR,
    verifierSettings(DcapVerifier),
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
  await handOver(options, Governance, ReferenceValues)
  return {
    Governance,
    EndorsementStore,
    DcapVerifier,
    ReferenceValues,
    AssetRegistry,
    AttestationRegistry,
    KeyReleases,
    Ledger,
    ChannelEscrow,
    ...(TestToken === undefined ? {} : { TestToken }),
  }
}

/** What production must not lack; a local world may. */
function checkOptions(options: DeployOptions): void {
  if (options.devMode) return
  const delay = options.governorDelaySeconds ?? MIN_GOVERNOR_DELAY_SECONDS
  const wrong = [
    options.simulationRootKey !== undefined && 'a simulation root needs dev mode',
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

/** Lets the guardian revoke workloads at once, makes the governor admin with a delay and takes that role from the deployer. */
async function handOver(options: DeployOptions, governance: Address, referenceValues: Address): Promise<void> {
  const { governor, publicClient, walletClient } = options
  const deployer = walletClient.account.address
  const { abi } = await readArtifact('Governance')
  const revoke = toFunctionSelector('revoke(bytes32)')
  const calls = [
    { functionName: 'setTargetFunctionRole', args: [referenceValues, [revoke], GUARDIAN_ROLE] },
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
