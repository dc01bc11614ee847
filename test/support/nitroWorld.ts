/** AWS's endorsements and verifier on a chain of their own that stands at a given time. */
import {
  encodeNitroEvidence,
  type NitroChainFiles,
  type NitroUpload,
  nitroEndorsementsAbi,
  nitroUploads,
  nitroVerifierAbi,
  type P384Density,
} from '@spartan/abi'
import { type Hex, keccak256, zeroAddress } from 'viem'
import {
  type CryptoContracts,
  createTable,
  deployCrypto,
  type P384Backend,
  startVendorChain,
  type VendorChain,
} from './vendorChain.ts'

/** What makes one store. */
export interface NitroStoreOptions {
  /** DER of a simulation root; none when left out. */
  readonly simulationRoot?: Uint8Array | undefined
  readonly dangerouslySkipRevocation?: boolean
  /** Left out: as the other two need it. */
  readonly devMode?: boolean
}

/** A chain with the cryptographic contracts; stores and verifiers are made on it. `time`: Unix seconds of the first block. */
export async function startNitro(time: number, backend: P384Backend = 'P384') {
  const chain = await startVendorChain({ time })
  // AWS signs nothing with RSA.
  const crypto = { ...(await deployCrypto(chain))[backend], rsaPss: zeroAddress }
  return {
    client: chain.client,
    crypto,
    deploy: (options: NitroStoreOptions) => deployNitro(chain, crypto, options),
    createTable: (publicKey: Uint8Array) => createTable(chain, crypto.tables, publicKey),
    travelTo: chain.travelTo,
    close: chain.close,
  }
}

/** Store and verifier. */
async function deployNitro(
  { viem, client, send }: VendorChain,
  crypto: CryptoContracts,
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
