import { TCB_STATUSES, TRUST_TIERS } from '@spartan/abi'
import { BaseError } from '@spartan/errors'
import { askNode } from '../adapters/control/socket.ts'
import { runningNode } from '../adapters/store/lock.ts'
import type { NodeConfig } from '../config.ts'
import type { ProviderRecord, RenewalPreview } from '../services/ports.ts'
import { connectNode } from '../startNode.ts'
import type { Output } from './output.ts'

export interface RenewOptions {
  /** Asks what a renewal would do; sends no transaction. */
  readonly dryRun: boolean
}

/**
 * `spartan node renew`: has the running node renew its registered result now, under the same keys. The node does the same by itself
 * before the result runs out.
 *
 * Failures: `CLI_NODE_NOT_RUNNING`, `CLI_NODE_UNREACHABLE`, `NODE_RENEWAL_NOTHING_GAINED`, `NODE_RENEWAL_PENDING`, the reason of the
 * registry.
 */
export async function renewNode(config: NodeConfig, { dryRun }: RenewOptions, output: Output): Promise<void> {
  const { chain, providerId } = await connectNode(config)
  const pid = runningNode(config.dataDir)
  if (dryRun) {
    const preview = (await askNode(config.dataDir, 'GET', '/renewal')) as RenewalPreview
    const before = await chain.providerRecord(providerId)
    output.result(
      { ok: true, renewed: false, providerId, ...resultOf(before), wouldBe: resultOf(preview), process: pid },
      [
        `Now        ${describe(before)}`,
        `Renewed    ${describe(preview)}`,
        'Nothing was sent. Newer endorsements, which a renewal brings first, are not counted.',
      ].join('\n'),
    )
    return
  }
  const epoch = (await chain.providerRecord(providerId)).epoch
  const before = await chain.evidenceHash(providerId, epoch)
  output.note(`Asking the running node${pid === undefined ? '' : ` (process ${pid})`} to renew epoch ${epoch}.`)
  const transactionHash = await askToRenew(config.dataDir, async () => {
    const after = await chain.evidenceHash(providerId, epoch)
    return after !== before
  })
  const [record, status] = await Promise.all([chain.providerRecord(providerId), chain.providerStatus(providerId)])
  output.result(
    {
      ok: true,
      renewed: true,
      providerId,
      epoch: record.epoch,
      status,
      ...resultOf(record),
      transactionHash,
      process: pid,
    },
    `Renewed: provider ${providerId}, epoch ${record.epoch}, ${status}, ${describe(record)}`,
  )
}

/** Transaction of the renewal; undefined when the node's answer was lost but the registry has it. */
async function askToRenew(dataDir: string, isRenewed: () => Promise<boolean>): Promise<string | undefined> {
  try {
    const answer = (await askNode(dataDir, 'POST', '/renewal')) as { readonly transactionHash?: string }
    return answer.transactionHash
  } catch (error) {
    if (error instanceof BaseError && error.code === 'CLI_NODE_UNREACHABLE' && (await isRenewed())) return undefined
    throw error
  }
}

type Result = Pick<ProviderRecord, 'activeUntil' | 'tier' | 'tcbStatus' | 'moduleVersion'> & {
  readonly validUntil?: number
}

function resultOf({ activeUntil, validUntil, tier, tcbStatus, moduleVersion }: Result) {
  return { activeUntil, validUntil, tier: TRUST_TIERS[tier], tcbStatus: TCB_STATUSES[tcbStatus], moduleVersion }
}

function describe({ activeUntil, tier, tcbStatus }: Result): string {
  return `active until ${new Date(activeUntil * 1000).toISOString()}, tier ${TRUST_TIERS[tier]}, TCB ${TCB_STATUSES[tcbStatus]}`
}
