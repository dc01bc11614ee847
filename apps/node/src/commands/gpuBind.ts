import { TRUST_TIERS } from '@spartan/abi'
import { askNode } from '../adapters/control/socket.ts'
import type { NodeConfig } from '../config.ts'
import { ConfigError } from '../errors.ts'
import type { GpuBinding } from '../services/gpus.ts'
import { connectNode } from '../startNode.ts'
import type { Output } from './output.ts'

/**
 * `spartan node gpu bind`: has the running node bind every GPU of its configuration now. It does so by itself after each registration
 * and before a GPU's result ends.
 *
 * Failures: `CLI_NODE_NOT_RUNNING`, `CLI_NODE_UNREACHABLE`, `NODE_GPU_EVIDENCE_UNAVAILABLE`, `NODE_GPU_REFUSED`, the reason of the registry.
 */
export async function bindGpus(config: NodeConfig, output: Output): Promise<void> {
  if (config.gpus.length === 0)
    throw new ConfigError('NODE_CONFIG_INVALID', { metaMessages: ['gpus: none is configured'] })
  const { chain, providerId } = await connectNode(config)
  const bindings = (await askNode(config.dataDir, 'POST', '/gpus')) as readonly GpuBinding[]
  const products = await chain.products(providerId, await chain.providerRecord(providerId))
  const gpus = bindings.map(({ source, gpu, transactionHash }) => {
    return { ...gpu, source, transactionHash, tier: TRUST_TIERS[gpu.tier], product: products.get(gpu.platformId) }
  })
  const lines = gpus.map(
    ({ platformId, product, tier, validUntil }) =>
      `Bound ${product ?? 'GPU'} ${platformId}: tier ${tier}, valid until ${new Date(validUntil * 1000).toISOString()}`,
  )
  output.result({ ok: true, providerId, gpus }, lines.join('\n'))
}
