/** NVIDIA's stores and verifier on a chain of their own that stands at a given time. */
import {
  encodeNvidiaEvidence,
  type NvidiaRimParts,
  type NvidiaUpload,
  nvidiaDeviceUploads,
  nvidiaEndorsementsAbi,
  nvidiaRimId,
  nvidiaRimsAbi,
  nvidiaRimUploads,
  nvidiaVerifierAbi,
  type P384Density,
  type P384ProofOptions,
} from '@spartan/abi'
import { type Address, type Hex, keccak256 } from 'viem'
import {
  type ContractCall,
  type CryptoContracts,
  createTable,
  deployCrypto,
  type P384Backend,
  startVendorChain,
} from './vendorChain.ts'

/** What makes the two stores and the verifier. */
export interface NvidiaSetup {
  /** DER of a simulation's roots; none when left out. */
  readonly simulation?: { readonly deviceRoot: Uint8Array; readonly rimRoot: Uint8Array }
  readonly devMode?: boolean
  readonly dangerouslySkipRevocation?: boolean
  readonly dangerouslySkipRims?: boolean
  /** Default `P384`. */
  readonly p384?: P384Backend
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

async function startChain(time: number) {
  const chain = await startVendorChain({ time, allowBlocksWithSameTimestamp: true })
  let exact: number | undefined
  const done = new Set<string>()
  /** Gas of a call as a transaction, base included; throws what the contract reverts with. */
  const send = async (call: ContractCall): Promise<bigint> => {
    if (exact !== undefined) await chain.test.setNextBlockTimestamp({ timestamp: BigInt(exact) })
    return chain.send(call)
  }
  /** Sends what has not been sent before: stores keep a thing once. */
  const sendOnce = async (call: ContractCall): Promise<void> => {
    const id = JSON.stringify([call.address, call.functionName, call.args])
    if (!done.has(id)) await send(call)
    done.add(id)
  }
  /** Mines a block at a time, Unix seconds, and stays there; undefined: the clock runs. */
  const stayAt = async (seconds: number | undefined): Promise<void> => {
    exact = seconds
    if (seconds !== undefined) await chain.travelTo(seconds)
  }
  return { ...chain, send, sendOnce, forget: () => done.clear(), stayAt }
}

type Chain = Awaited<ReturnType<typeof startChain>>

interface Ground {
  readonly crypto: Readonly<Record<P384Backend, CryptoContracts>>
  readonly parser: Address
}

/** A chain with the cryptographic contracts; stores and verifiers are made on it. `time`: Unix seconds of the first block. */
export async function startNvidia(time: number) {
  const chain = await startChain(time)
  const crypto = await deployCrypto(chain)
  const { address: parser } = await chain.viem.deployContract('NvidiaParser')
  let clean = await chain.test.snapshot()
  return {
    viem: chain.viem,
    client: chain.client,
    parser,
    createTable: (publicKey: Uint8Array) => createTable(chain, crypto.P384.tables, publicKey),
    deploy: (setup: NvidiaSetup = {}) => deployNvidia(chain, { crypto, parser }, setup),
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
    close: chain.close,
  }
}

/** Both stores and the verifier. */
async function deployContracts({ viem }: Chain, { crypto: byBackend, parser }: Ground, setup: NvidiaSetup) {
  const crypto = byBackend[setup.p384 ?? 'P384']
  const { simulation, dangerouslySkipRevocation = false, dangerouslySkipRims = false } = setup
  const devMode = setup.devMode ?? (simulation !== undefined || dangerouslySkipRevocation)
  const storeArgs = (role: 'deviceRoot' | 'rimRoot') => {
    const simulationRoots = simulation ? [keccak256(simulation[role])] : []
    return [crypto, parser, devMode, simulationRoots, dangerouslySkipRevocation] as const
  }
  const endorsements = await viem.deployContract('NvidiaEndorsements', [...storeArgs('deviceRoot')])
  const rims = await viem.deployContract('NvidiaRims', [...storeArgs('rimRoot')])
  const { sha384, p384, tables } = crypto
  const args = [endorsements.address, rims.address, sha384, p384, tables, dangerouslySkipRims] as const
  const verifier = await viem.deployContract('NvidiaVerifier', [...args])
  return {
    contract: { address: verifier.address, abi: nvidiaVerifierAbi },
    store: { address: endorsements.address, abi: nvidiaEndorsementsAbi },
    manifests: { address: rims.address, abi: nvidiaRimsAbi },
  } as const
}

async function deployNvidia(chain: Chain, ground: Ground, setup: NvidiaSetup) {
  const { client, send, sendOnce } = chain
  const { contract, store, manifests } = await deployContracts(chain, ground, setup)
  const deviceCall = ({ functionName, args }: NvidiaUpload): ContractCall => ({ ...store, functionName, args })
  const rimCall = ({ functionName, args }: NvidiaUpload): ContractCall => ({ ...manifests, functionName, args })
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
    gasOfVerify: (evidence: Hex) => send({ ...contract, functionName: 'verify', args: [evidence] }),
  }
}

export type NvidiaChain = Awaited<ReturnType<typeof startNvidia>>
export type NvidiaStores = Awaited<ReturnType<NvidiaChain['deploy']>>
