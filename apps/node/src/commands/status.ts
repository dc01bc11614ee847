import { type ProviderStatus, TCB_STATUSES, TEE_KINDS, TRUST_TIERS } from '@spartan/abi'
import { BaseError, type ReasonCode, reasonOf } from '@spartan/errors'
import type { Hex } from 'viem'
import { type NodeConfig, publicUrlOf } from '../config.ts'
import { wallClockSeconds } from '../services/clock.ts'
import type { BoundGpu, Chain, ProviderRecord } from '../services/ports.ts'
import { connectNode } from '../startNode.ts'
import type { Output } from './output.ts'
import { nextStepFor, spanText } from './statusText.ts'

interface NodeAnswer {
  readonly reachable: boolean
  readonly reasons: readonly string[]
}

async function readyAt(url: string): Promise<NodeAnswer> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3000) })
    const body = (await response.json()) as { readonly reasons?: readonly string[] }
    return { reachable: true, reasons: body.reasons ?? [] }
  } catch {
    return { reachable: false, reasons: [] }
  }
}

/** What the registry holds of this provider. */
interface Attested {
  readonly record: ProviderRecord
  readonly product: string | undefined
  readonly gpus: readonly (BoundGpu & { readonly product: string | undefined })[]
}

async function attestedOf(chain: Chain, providerId: Hex): Promise<Attested | undefined> {
  try {
    const record = await chain.providerRecord(providerId)
    const [gpus, products] = await Promise.all([chain.gpus(providerId), chain.products(providerId, record)])
    const named = gpus.map((gpu) => ({ ...gpu, product: products.get(gpu.platformId) }))
    return { record, product: products.get(record.platformId), gpus: named }
  } catch (error) {
    if (error instanceof BaseError && error.code === 'REGISTRY_PROVIDER_UNKNOWN') return undefined
    throw error
  }
}

/** `spartan node status`: what the registry says, what the running node says about itself, and what to do. */
export async function nodeStatus(config: NodeConfig, output: Output): Promise<void> {
  const { chain, operator, providerId } = await connectNode(config)
  const { asset, owner } = config
  const [status, attested, objection, node] = await Promise.all([
    chain.providerStatus(providerId),
    attestedOf(chain, providerId),
    chain.objectionTo(providerId, BigInt(asset.id), asset.version),
    readyAt(`http://${config.listen.host}:${config.listen.port}`),
  ])
  // A registry of zeros stands for no record at all.
  const known = status === 'None' ? undefined : attested
  const url = publicUrlOf(config)
  const serving = node.reachable && node.reasons.length === 0
  const now = wallClockSeconds()
  const next = nextStepFor({
    status,
    record: known?.record,
    objection,
    running: node.reachable,
    reasons: node.reasons,
    now,
  })
  const lines = [
    `Provider   ${providerId}`,
    `Operator   ${operator}, owner ${owner}`,
    ...registryLines(status, known, now),
    `Asset      ${asset.id} version ${asset.version}: ${objection === undefined ? 'may be served' : describeReason(objection)}`,
    `Node       ${url}: ${serving ? 'serving' : node.reachable ? `not serving (${node.reasons.join(', ')})` : 'not running here'}`,
    `Next       ${next}`,
  ]
  const result = { providerId, operator, owner, status, ...jsonOf(known), objection, url, serving, ...node, next }
  output.result(result, lines.join('\n'))
}

function registryLines(status: ProviderStatus, attested: Attested | undefined, now: number): string[] {
  if (attested === undefined) return [`Registry   ${status}`]
  const { record, product, gpus } = attested
  const tier = (value: number, simulated: boolean) =>
    `tier ${TRUST_TIERS[value]}${simulated ? ' (proves nothing about hardware)' : ''}`
  const until = (seconds: number) => `${new Date(seconds * 1000).toISOString()} (${spanText(seconds - now)})`
  return [
    `Registry   ${status}, epoch ${record.epoch}`,
    `TEE        ${TEE_KINDS[record.teeKind]}${product === undefined ? '' : ` ${product}`}, ${tier(record.tier, record.simulated)}, TCB ${TCB_STATUSES[record.tcbStatus]}`,
    `Active     until ${until(record.activeUntil)}`,
    record.validUntil > record.activeUntil
      ? `Grace      until ${until(record.validUntil)}: open channels finish, new ones are refused`
      : 'Grace      none: the result ends at once',
    `Keys       until ${until(record.notAfter)}`,
    ...gpus.map(
      (gpu) =>
        `GPU        ${gpu.product ?? gpu.platformId}, ${tier(gpu.tier, gpu.simulated)}, valid until ${until(gpu.validUntil)}`,
    ),
  ]
}

function describeReason(code: ReasonCode): string {
  return `${code}: ${reasonOf(code).what}`
}

function jsonOf(attested: Attested | undefined) {
  if (attested === undefined) return {}
  const { record, product, gpus } = attested
  return {
    record,
    tee: TEE_KINDS[record.teeKind],
    product,
    tier: TRUST_TIERS[record.tier],
    tcbStatus: TCB_STATUSES[record.tcbStatus],
    gpus: gpus.map((gpu) => ({ ...gpu, tier: TRUST_TIERS[gpu.tier] })),
  }
}
