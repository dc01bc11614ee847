import {
  type NvidiaUpload,
  nvidiaDeviceUploads,
  nvidiaEndorsementsAbi,
  nvidiaKeyIds,
  nvidiaRimId,
  nvidiaRimsAbi,
  nvidiaRimUploads,
} from '@spartan/abi'
import { readNvidiaRim } from '@spartan/attestation/nvidia'
import { BaseError, type ReasonCode } from '@spartan/errors'
import { type Abi, type Hex, keccak256, toHex, zeroHash } from 'viem'
import type { NodeConfig } from '../../config.ts'
import { ConfigError } from '../../errors.ts'
import type { GpuEvidence } from '../../services/gpuEvidence.ts'
import type { ChainClients, ContractWrite } from './clients.ts'
import { guardedCall } from './contractCall.ts'

/** Of `ocspAnswers`. */
const GOOD = 1

/** Brings NVIDIA's stores what the evidence of a GPU needs. Anyone may; the stores verify everything. */
export interface GpuEndorsements {
  /**
   * OCSP answers, each one once; what a store refuses because it holds something newer is left out.
   *
   * @param options.documents - Before that, the certificates and manifests that the stores lack, and no others.
   * @param options.renews - Answers also where a store holds one that is good now, so that they last longer.
   */
  bring(endorsements: GpuEvidence, options: { readonly documents: boolean; readonly renews: boolean }): Promise<void>
}

/** A certificate chain or a manifest with the chain of its signer, the root first: each call needs the one before it. */
interface Document {
  readonly address: Hex
  readonly read: { readonly abi: Abi; readonly functionName: 'attestationKeyOf' | 'rimOf'; readonly id: Hex }
  /** What `read` says when the last of `writes` was never sent. */
  readonly missing: ReasonCode
  readonly writes: readonly ContractWrite[]
  readonly answers: readonly ContractWrite[]
}

export function createGpuEndorsements(
  clients: ChainClients,
  contracts: NodeConfig['chain']['contracts'],
): GpuEndorsements {
  /** Answers that this process has sent or the store has refused as older: the same again would change nothing. */
  const settled = new Set<Hex>()
  const send = (write: ContractWrite) => clients.send(`uploading endorsements (${write.functionName})`, write)

  const bringDocument = async ({ writes }: Document) => {
    let first = writes.length - 1
    while (first > 0 && (await needsTheOneBefore(clients, writes[first]))) first -= 1
    for (const write of writes.slice(first)) await send(write)
  }
  return {
    bring: async (endorsements, options) => {
      const documents = await documentsOf(contracts, endorsements)
      if (options.documents)
        for (const document of documents) if (await isMissing(clients, document)) await bringDocument(document)
      for (const { answers } of documents)
        for (const answer of answers) {
          // Both manifests are signed below the same authorities.
          const id = keccak256(toHex(JSON.stringify(answer.args)))
          if (settled.has(id) || (!options.renews && (await isGood(clients, answer)))) continue
          await send(answer).catch(ignoreRollback)
          settled.add(id)
        }
    },
  }
}

function ignoreRollback(error: unknown): void {
  if (!(error instanceof BaseError && error.code.endsWith('_ROLLBACK'))) throw error
}

/** Whether the store would refuse a call for want of the certificate above. */
async function needsTheOneBefore(clients: ChainClients, write: ContractWrite | undefined): Promise<boolean> {
  if (write === undefined) return false
  try {
    await clients.simulate(`uploading endorsements (${write.functionName})`, write)
    return false
  } catch (error) {
    if (error instanceof BaseError && error.code.endsWith('_CERTIFICATE_MISSING')) return true
    throw error
  }
}

async function isMissing({ public: client }: ChainClients, { address, read, missing }: Document): Promise<boolean> {
  const { abi, functionName, id } = read
  try {
    await guardedCall('reading endorsements', () => client.readContract({ address, abi, functionName, args: [id] }))
    return false
  } catch (error) {
    if (!(error instanceof BaseError) || error.code === 'NODE_CHAIN_UNREACHABLE') throw error
    // Expired, unknown or revoked is there all the same.
    return error.code === missing
  }
}

/** Whether the store holds a good and current answer for the certificate that an upload is about. */
async function isGood({ public: client }: ChainClients, { address, args: [keyId] }: ContractWrite): Promise<boolean> {
  const read = { address, abi: nvidiaEndorsementsAbi, functionName: 'ocspAnswers', args: [keyId as Hex] } as const
  return guardedCall('reading OCSP answers', async () => {
    const [[status, thisUpdate, nextUpdate], { timestamp }] = await Promise.all([
      client.readContract(read),
      client.getBlock(),
    ])
    return status === GOOD && thisUpdate <= timestamp && timestamp < nextUpdate
  })
}

async function documentsOf(
  { nvidiaEndorsements, nvidiaRims }: NodeConfig['chain']['contracts'],
  { certificates, ocsp, rimOcsp, driverRim, vbiosRim }: GpuEvidence,
): Promise<readonly Document[]> {
  if (nvidiaEndorsements === undefined || nvidiaRims === undefined)
    throw new ConfigError('NODE_CONFIG_INVALID', {
      metaMessages: ['chain.contracts.nvidiaEndorsements, .nvidiaRims: missing'],
    })
  const [id = zeroHash] = nvidiaKeyIds(certificates)
  const device = {
    read: { abi: nvidiaEndorsementsAbi, functionName: 'attestationKeyOf', id },
    missing: 'NVIDIA_CERTIFICATE_MISSING',
  } as const
  const documents = [documentOf(nvidiaEndorsements, device, await nvidiaDeviceUploads(certificates, ocsp))]
  for (const document of driverRim === undefined ? [vbiosRim] : [driverRim, vbiosRim]) {
    const parts = await readNvidiaRim(document)
    const rim = {
      read: { abi: nvidiaRimsAbi, functionName: 'rimOf', id: nvidiaRimId(parts) },
      missing: 'NVIDIA_RIM_MISSING',
    } as const
    documents.push(documentOf(nvidiaRims, rim, await nvidiaRimUploads(parts, rimOcsp)))
  }
  return documents
}

function documentOf(
  address: Hex,
  about: Pick<Document, 'read' | 'missing'>,
  uploads: readonly NvidiaUpload[],
): Document {
  const calls = uploads.map((upload): ContractWrite => ({ address, abi: about.read.abi, ...upload }))
  return {
    address,
    ...about,
    writes: calls.filter(({ functionName }) => functionName !== 'uploadOcsp'),
    answers: calls.filter(({ functionName }) => functionName === 'uploadOcsp'),
  }
}
