import { createAttester } from '../adapters/tee/attester.ts'
import { configDigest, type NodeConfig, publicUrlOf } from '../config.ts'
import { createKeyset, measuredWorkload, registrationCall } from '../services/keysets.ts'
import { connectNode } from '../startNode.ts'
import type { Output } from './output.ts'

/**
 * `spartan node register`: uploads the endorsements that the store lacks and proves, by a simulated call with throw-away
 * keys, that `register` would accept this machine now. Nothing is registered: the keys of a registration live only in
 * the process that serves, so `spartan node serve` registers itself.
 *
 * With `dryRun` nothing is uploaded either, and a store that lacks endorsements makes the simulation fail.
 * Failures: the reason the contract would give.
 */
export async function prepareRegistration(config: NodeConfig, dryRun: boolean, output: Output): Promise<void> {
  const { chain, operator, providerId } = await connectNode(config)
  const attester = createAttester(config.tee)
  const { quote } = await attester.issue(new Uint8Array(64))
  const workloadId = await measuredWorkload(chain, quote)
  const uploads = dryRun ? [] : await chain.uploadEndorsements(quote, await attester.endorsements())
  const keyset = await createKeyset(
    {
      chain,
      attester,
      owner: config.owner,
      operator,
      providerId,
      configDigest: configDigest(config),
      lifetimeSeconds: config.keys.lifetimeSeconds,
    },
    workloadId,
    await chain.head(),
  )
  await chain.simulateRegister(await registrationCall(keyset, publicUrlOf(config)))
  const { epoch } = keyset.keyset
  output.result(
    { providerId, workloadId, nextEpoch: epoch, uploads, ok: true },
    [
      `Provider ${providerId}, workload ${workloadId}, next epoch ${epoch}`,
      `Endorsements uploaded: ${uploads.length}`,
      'The registry would accept this machine now. `spartan node serve` registers its own keys.',
    ].join('\n'),
  )
}
