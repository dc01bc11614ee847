import {
  attestationRegistryAbi,
  encodeNvidiaEvidence,
  enumNumber,
  evidenceRouterAbi,
  nvidiaRimId,
  TEE_KINDS,
} from '@spartan/abi'
import { readNvidiaRim } from '@spartan/attestation/nvidia'
import { BaseError, type ReasonCode } from '@spartan/errors'
import { type Hex, zeroHash } from 'viem'
import type { NodeConfig } from '../../config.ts'
import { ChainError } from '../../errors.ts'
import type { Chain } from '../../services/ports.ts'
import type { ChainClients, ContractWrite } from './clients.ts'
import { guardedCall } from './contractCall.ts'
import { createGpuEndorsements } from './gpuEndorsements.ts'

/** Mended by certificates and manifests, with the answers for them. An expired one has no successor under its id. */
const LACKS_DOCUMENTS: ReadonlySet<string> = new Set<ReasonCode>([
  'NVIDIA_CERTIFICATE_MISSING',
  'NVIDIA_RIM_CERTIFICATE_MISSING',
  'NVIDIA_RIM_MISSING',
])
/** Mended by newer OCSP answers alone. */
const LACKS_ANSWERS: ReadonlySet<string> = new Set<ReasonCode>([
  'NVIDIA_OCSP_MISSING',
  'NVIDIA_OCSP_EXPIRED',
  'NVIDIA_RIM_OCSP_MISSING',
  'NVIDIA_CERTIFICATE_STATUS_UNKNOWN',
  'NVIDIA_CERTIFICATE_ON_HOLD',
  'NVIDIA_RIM_CERTIFICATE_ON_HOLD',
])

/** `bindGpu` of the registry, with the endorsements that it needs. */
export function createGpuBinding(
  clients: ChainClients,
  contracts: NodeConfig['chain']['contracts'],
): Pick<Chain, 'gpuEvidence' | 'bindGpu'> {
  const stores = createGpuEndorsements(clients, contracts)
  const address = contracts.attestationRegistry
  return {
    gpuEvidence: async ({ report, certificates, driverRim, vbiosRim }) => {
      const ids = {
        driverRim: driverRim && nvidiaRimId(await readNvidiaRim(driverRim)),
        vbiosRim: nvidiaRimId(await readNvidiaRim(vbiosRim)),
      }
      return encodeNvidiaEvidence({ report, certificates, ...ids })
    },
    bindGpu: async ({ providerId, platformId, ...gpuEvidence }, endorsements, renews) => {
      const args = [providerId, gpuEvidence]
      const write = { address, abi: attestationRegistryAbi, functionName: 'bindGpu', args } satisfies ContractWrite
      const lacking = await lackingFor(clients, write)
      // What is lacking hides whatever else the registry would say, and uploads cost.
      if (lacking !== 'nothing') await assertFree(clients, address, providerId, platformId)
      const documents = lacking === 'documents'
      if (lacking !== 'nothing' || renews) await stores.bring(endorsements, { documents, renews })
      return clients.send('binding a GPU', write)
    },
  }
}

/** What endorsements can mend. @throws {BaseError} Any other refusal. */
async function lackingFor(clients: ChainClients, write: ContractWrite): Promise<'documents' | 'answers' | 'nothing'> {
  try {
    await clients.simulate('binding a GPU', write)
    return 'nothing'
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    if (LACKS_DOCUMENTS.has(error.code)) return 'documents'
    if (LACKS_ANSWERS.has(error.code)) return 'answers'
    throw error
  }
}

/** @throws {ChainError} `REGISTRY_PLATFORM_IN_USE`, `REGISTRY_PLATFORM_DENIED`: no endorsement mends that. */
async function assertFree(
  { public: client }: ChainClients,
  address: Hex,
  providerId: Hex,
  platformId: Hex,
): Promise<void> {
  const registry = { address, abi: attestationRegistryAbi } as const
  await guardedCall('asking who holds the GPU', async () => {
    const [holder, router] = await Promise.all([
      client.readContract({ ...registry, functionName: 'holderOf', args: [platformId] }),
      client.readContract({ ...registry, functionName: 'ROUTER' }),
    ])
    if (holder !== zeroHash && holder !== providerId)
      throw new ChainError('REGISTRY_PLATFORM_IN_USE', { metaMessages: [platformId, holder] })
    const standing = { address: router, abi: evidenceRouterAbi, functionName: 'standingOf' } as const
    // When it was denied does not depend on the version.
    const args = [enumNumber(TEE_KINDS, 'NvidiaGpu'), 1, platformId] as const
    const [, deniedAt] = await client.readContract({ ...standing, args })
    if (deniedAt !== 0) throw new ChainError('REGISTRY_PLATFORM_DENIED', { metaMessages: [platformId] })
  })
}
