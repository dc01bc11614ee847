import { BaseError } from '@spartan/errors'
import { type NodeConfig, publicUrlOf } from '../config.ts'
import type { ProviderRecord } from '../services/ports.ts'
import { connectNode } from '../startNode.ts'
import type { Output } from './output.ts'

async function readyAt(url: string): Promise<{ readonly reachable: boolean; readonly reasons: readonly string[] }> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3000) })
    const body = (await response.json()) as { readonly reasons?: readonly string[] }
    return { reachable: true, reasons: body.reasons ?? [] }
  } catch {
    return { reachable: false, reasons: [] }
  }
}

/** `spartan node status`: what the registry says, and what the running node says about itself. */
export async function nodeStatus(config: NodeConfig, output: Output): Promise<void> {
  const { chain, operator, providerId } = await connectNode(config)
  const status = await chain.providerStatus(providerId)
  const record = await chain.providerRecord(providerId).catch((error): ProviderRecord | undefined => {
    if (error instanceof BaseError && error.code === 'REGISTRY_PROVIDER_UNKNOWN') return undefined
    throw error
  })
  const url = publicUrlOf(config)
  const node = await readyAt(`http://${config.listen.host}:${config.listen.port}`)
  const serving = node.reachable && node.reasons.length === 0
  const lines = [
    `Provider   ${providerId}`,
    `Operator   ${operator}, owner ${config.owner}`,
    `Registry   ${status}${record === undefined ? '' : `, epoch ${record.epoch}, active until ${new Date(record.activeUntil * 1000).toISOString()}`}`,
    `Node       ${url}: ${serving ? 'serving' : node.reachable ? `not serving (${node.reasons.join(', ')})` : 'not running here'}`,
  ]
  output.result({ providerId, operator, owner: config.owner, status, record, url, serving, ...node }, lines.join('\n'))
}
