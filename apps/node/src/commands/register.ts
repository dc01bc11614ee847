import { setTimeout as sleep } from 'node:timers/promises'
import { runningNode } from '../adapters/store/lock.ts'
import { createAttester } from '../adapters/tee/attester.ts'
import { configDigest, type NodeConfig, publicUrlOf } from '../config.ts'
import { AttesterError, ChainError, messageOf } from '../errors.ts'
import { assertClientsAccept } from '../services/clientPolicy.ts'
import { wallClockSeconds } from '../services/clock.ts'
import { createKeyset, currentEpoch, measuredWorkload, registrationCall } from '../services/keysets.ts'
import type { Attester } from '../services/ports.ts'
import { connectNode } from '../startNode.ts'
import type { Output } from './output.ts'

export interface RegisterOptions {
  /** Checks and simulates; sends no transaction and no signal. */
  readonly dryRun: boolean
  /** How long the running node may take. */
  readonly waitSeconds?: number
}

/** Longer than a few blocks with all uploads of endorsements, and than one failed attempt with its pause. */
const WAIT_SECONDS = 120
const LOOK_MS = 1000

type Connected = Awaited<ReturnType<typeof connectNode>>

/**
 * `spartan node register`: has the running node of this data directory register anew, and waits until the registry shows the
 * new epoch as Active.
 *
 * Keys of a registration are born in the process that serves and never leave it. So when no node runs, this does everything
 * short of registering: it uploads the endorsements that the store lacks and proves, by a simulated call with throw-away
 * keys, that the registry would accept this machine now; `spartan node serve` completes the registration.
 *
 * In both cases clients with the default policy must accept this machine too.
 * Failures: `NODE_CLIENT_POLICY_NOT_MET`, the reason the contract would give, `CLI_REGISTRATION_NOT_SEEN`.
 */
export async function registerNode(config: NodeConfig, options: RegisterOptions, output: Output): Promise<void> {
  const node = await connectNode(config)
  const attester = createAttester(config)
  const { tcbStatus, simulated } = await assertClientsAccept(attester, wallClockSeconds())
  output.note(`Clients with the default policy accept this machine: ${tcbStatus}${simulated ? ', simulated' : ''}`)
  const running = runningNode(config.dataDir)
  if (running === undefined || options.dryRun) await prepare(config, node, attester, { ...options, running }, output)
  else await renewRunning(config, node, attester, { ...options, running }, output)
}

async function prepare(
  config: NodeConfig,
  { chain, operator, providerId }: Connected,
  attester: Attester,
  { dryRun, running }: { readonly dryRun: boolean; readonly running: number | undefined },
  output: Output,
): Promise<void> {
  const { quote } = await attester.issue(new Uint8Array(64))
  const workloadId = await measuredWorkload(chain, quote)
  const uploads = dryRun ? [] : await chain.uploadEndorsements(quote, await attester.endorsements())
  for (const hash of uploads) output.note(`Uploaded endorsements in ${hash}`)
  const nextEpoch = await simulate(config, { chain, operator, providerId }, attester)
  const next =
    running === undefined
      ? 'Nothing is registered yet: `spartan node serve` completes the registration, because its keys are born there.'
      : `Nothing was sent: without --dry-run, the running node (process ${running}) would register anew.`
  output.result(
    { ok: true, registered: false, providerId, workloadId, nextEpoch, uploads, process: running },
    [
      `Provider ${providerId}, workload ${workloadId}`,
      `Endorsements uploaded: ${uploads.length}`,
      `The registry would accept this machine now, as epoch ${nextEpoch}.`,
      next,
    ].join('\n'),
  )
}

/** Throws the reason why the registry would refuse; returns the epoch that it would give. */
async function simulate(
  config: NodeConfig,
  { chain, operator, providerId }: Pick<Connected, 'chain' | 'operator' | 'providerId'>,
  attester: Attester,
): Promise<bigint> {
  const { quote } = await attester.issue(new Uint8Array(64))
  const workloadId = await measuredWorkload(chain, quote)
  const { owner } = config
  const { lifetimeSeconds } = config.keys
  const options = { chain, attester, owner, operator, providerId, configDigest: configDigest(config), lifetimeSeconds }
  const keyset = await createKeyset(options, workloadId, await chain.head())
  await chain.simulateRegister(await registrationCall(keyset, publicUrlOf(config)))
  return keyset.keyset.epoch
}

async function renewRunning(
  config: NodeConfig,
  node: Connected,
  attester: Attester,
  { running: pid, waitSeconds = WAIT_SECONDS }: { readonly running: number; readonly waitSeconds?: number },
  output: Output,
): Promise<void> {
  const { chain, providerId } = node
  const before = await currentEpoch(chain, providerId)
  askToRegister(pid)
  output.note(`Asked the running node (process ${pid}) to register anew; the registry has epoch ${before}.`)
  const deadline = performance.now() + waitSeconds * 1000
  for (let looks = 1; ; looks += 1) {
    const [epoch, status] = await Promise.all([currentEpoch(chain, providerId), chain.providerStatus(providerId)])
    if (epoch > before && status === 'Active') {
      const text = `Registered: provider ${providerId}, epoch ${epoch}, Active`
      output.result({ ok: true, registered: true, providerId, epoch, status, process: pid }, text)
      return
    }
    const seen = `the registry has epoch ${epoch}, ${status}`
    if (runningNode(config.dataDir) !== pid) throw notSeen(seen, `process ${pid} has ended`)
    if (performance.now() > deadline) throw notSeen(seen, await objectionNow(config, node, attester))
    if (looks % 10 === 0) output.note(`Waiting: ${seen}`)
    await sleep(LOOK_MS)
  }
}

/** SIGHUP, on which `serve` renews keys and registration. */
function askToRegister(pid: number): void {
  try {
    process.kill(pid, 'SIGHUP')
  } catch (cause) {
    throw notSeen(`process ${pid} cannot be asked: ${messageOf(cause)}`)
  }
}

async function objectionNow(config: NodeConfig, node: Connected, attester: Attester): Promise<string> {
  try {
    await simulate(config, node, attester)
    return 'the registry would accept this machine; does the node run with --no-register?'
  } catch (error) {
    if (!(error instanceof ChainError || error instanceof AttesterError)) throw error
    return `the registry would refuse this machine: ${error.code}: ${messageOf(error)}`
  }
}

function notSeen(...metaMessages: string[]): ChainError {
  return new ChainError('CLI_REGISTRATION_NOT_SEEN', { metaMessages })
}
