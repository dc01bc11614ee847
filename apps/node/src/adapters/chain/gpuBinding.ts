import {
  attestationRegistryAbi,
  encodeNvidiaEvidence,
  type NvidiaUpload,
  nvidiaDeviceUploads,
  nvidiaEndorsementsAbi,
  nvidiaRimId,
  nvidiaRimsAbi,
  nvidiaRimUploads,
} from '@spartan/abi'
import { readNvidiaRim } from '@spartan/attestation/nvidia'
import { BaseError } from '@spartan/errors'
import type { Abi, Hex } from 'viem'
import type { NodeConfig } from '../../config.ts'
import { ConfigError } from '../../errors.ts'
import type { GpuEvidence } from '../../services/gpuEvidence.ts'
import type { Chain } from '../../services/ports.ts'
import type { ChainClients, ContractWrite } from './clients.ts'

/** What newer endorsements can mend. */
const MENDABLE = /^NVIDIA_(?!FWID_).*(MISSING|EXPIRED|UNKNOWN)$/

/** `bindGpu` of the registry, with the endorsements that it needs. */
export function createGpuBinding(
  clients: ChainClients,
  contracts: NodeConfig['chain']['contracts'],
): Pick<Chain, 'gpuEvidence' | 'bindGpu'> {
  return {
    gpuEvidence: async ({ report, certificates, driverRim, vbiosRim }) => {
      const ids = {
        driverRim: driverRim && nvidiaRimId(await readNvidiaRim(driverRim)),
        vbiosRim: nvidiaRimId(await readNvidiaRim(vbiosRim)),
      }
      return encodeNvidiaEvidence({ report, certificates, ...ids })
    },
    bindGpu: async ({ providerId, ...gpuEvidence }, endorsements, renews) => {
      const address = contracts.attestationRegistry
      const args = [providerId, gpuEvidence]
      const write = { address, abi: attestationRegistryAbi, functionName: 'bindGpu', args } satisfies ContractWrite
      const missing = await clients.simulate('binding a GPU', write).then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof BaseError && MENDABLE.test(error.code)) return error.code
          throw error
        },
      )
      if (missing !== undefined || renews) {
        // OCSP responses last for days, everything else for years.
        const onlyOcsp = missing === undefined || missing.includes('OCSP')
        for (const upload of await uploadsOf(contracts, endorsements))
          if (!onlyOcsp || upload.functionName === 'uploadOcsp')
            await clients.send(`uploading endorsements (${upload.functionName})`, upload)
      }
      return clients.send('binding a GPU', write)
    },
  }
}

async function uploadsOf(
  { nvidiaEndorsements, nvidiaRims }: NodeConfig['chain']['contracts'],
  { certificates, ocsp, rimOcsp, driverRim, vbiosRim }: GpuEvidence,
): Promise<readonly ContractWrite[]> {
  if (nvidiaEndorsements === undefined || nvidiaRims === undefined)
    throw new ConfigError('NODE_CONFIG_INVALID', {
      metaMessages: ['chain.contracts.nvidiaEndorsements, .nvidiaRims: missing'],
    })
  const to =
    (address: Hex, abi: Abi) =>
    ({ functionName, args }: NvidiaUpload): ContractWrite => ({ address, abi, functionName, args })
  const writes = (await nvidiaDeviceUploads(certificates, ocsp)).map(to(nvidiaEndorsements, nvidiaEndorsementsAbi))
  const seen = new Set<string>()
  for (const document of driverRim === undefined ? [vbiosRim] : [driverRim, vbiosRim]) {
    const uploads = await nvidiaRimUploads(await readNvidiaRim(document), rimOcsp)
    // Both manifests are signed below the same authorities.
    const fresh = uploads.filter((upload) => !seen.has(JSON.stringify(upload)))
    for (const upload of fresh) seen.add(JSON.stringify(upload))
    writes.push(...fresh.map(to(nvidiaRims, nvidiaRimsAbi)))
  }
  return writes
}
