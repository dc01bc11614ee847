import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { attestationRegistryAbi } from '@spartan/abi'
import { providerId } from '@spartan/protocol'
import { formatEther, type Hex, zeroAddress } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import type { ChainClients } from '../adapters/chain/clients.ts'
import { connectChain } from '../adapters/chain/clients.ts'
import { runningNode } from '../adapters/store/lock.ts'
import { createAttester } from '../adapters/tee/attester.ts'
import { type NodeConfig, readKeyFile } from '../config.ts'
import { ChainError, ConfigError, messageOf, UsageError } from '../errors.ts'
import { assertClientsAccept } from '../services/clientPolicy.ts'
import { wallClockSeconds } from '../services/clock.ts'
import type { Output } from './output.ts'

/** Outcome of one precondition. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
  /** What to do when it is not met. */
  readonly next: string
}

type Run = () => Promise<string> | string

const HEALTH_TIMEOUT_MS = 3000
/** Enough for a few registrations at 100 gwei, wei. */
const MINIMUM_FUNDS_WEI = 10n ** 16n

async function check(name: string, next: string, run: Run): Promise<Check> {
  try {
    return { name, ok: true, detail: await run(), next }
  } catch (error) {
    return { name, ok: false, detail: messageOf(error), next }
  }
}

function refuse(detail: string): never {
  throw new UsageError('CLI_CHECK_FAILED', { details: detail, metaMessages: [detail] })
}

/** Free, or taken by the node of this very configuration: doctor is often run beside it. */
async function checkPort(config: NodeConfig): Promise<string> {
  const { host, port } = config.listen
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
  if (free) return `${host}:${port} is free`
  const operator = privateKeyToAddress(readKeyFile(config.operatorKeyFile)).toLowerCase() as Hex
  const mine = providerId(config.owner, operator)
  if ((await providerAt(`http://${host}:${port}/healthz`)) !== mine)
    throw new ConfigError('NODE_PORT_TAKEN', { metaMessages: [`${host}:${port}`] })
  const process = runningNode(config.dataDir)
  return `${host}:${port} is this node itself${process === undefined ? '' : `, process ${process}`}`
}

/** Provider id that a node says it has; undefined for anything that is no node. */
async function providerAt(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS), redirect: 'error' })
    return ((await response.json()) as { readonly providerId?: unknown } | null)?.providerId
  } catch {
    return undefined
  }
}

function machineChecks(config: NodeConfig): Promise<Check>[] {
  return [
    check('data directory', `Make ${config.dataDir} writable for this user.`, () => {
      mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
      accessSync(config.dataDir, constants.W_OK)
      return config.dataDir
    }),
    check('operator key', `Put a 0x-prefixed key into ${config.operatorKeyFile}, mode 0600.`, () => {
      readKeyFile(config.operatorKeyFile)
      return config.operatorKeyFile
    }),
    check('port', 'Stop the other process or change listen.port.', () => checkPort(config)),
    check('TEE', 'Run inside a TDX guest with configfs-tsm, or start the simulator of a local world.', async () => {
      const { quote } = await createAttester(config).issue(new Uint8Array(64))
      return `${config.tee.kind}: quote of ${quote.length} bytes`
    }),
    check('endorsements', 'Check tee.endorsements or tee.endorsementsFile, or the simulator.', async () => {
      const { tcbInfo } = await createAttester(config).endorsements()
      return `TCB info of ${tcbInfo.body.length} characters`
    }),
    check(
      'client policy',
      'Follow the reason: newer endorsements, newer firmware, or other TD attributes.',
      async () => {
        const claims = await assertClientsAccept(createAttester(config), wallClockSeconds())
        const simulated = claims.simulated ? ', simulated: only clients that allow simulation by name' : ''
        return `clients accept this machine by default: ${claims.tcbStatus}${simulated}`
      },
    ),
  ]
}

function chainChecks(config: NodeConfig, clients: ChainClients): Promise<Check>[] {
  const { contracts, maxClockSkewSeconds, maxHeadAgeSeconds } = config.chain
  const operator = clients.account.address
  return [
    ...Object.entries(contracts).map(([name, address = zeroAddress]) =>
      check(`contract ${name}`, `Correct chain.contracts.${name}.`, async () => {
        const code = await clients.public.getCode({ address })
        return code === undefined || code === '0x' ? refuse(`no code at ${address}`) : address
      }),
    ),
    check('clock', 'Synchronise the clock of the machine, or wait for the chain endpoint.', async () => {
      const { timestamp } = await clients.public.getBlock()
      const age = wallClockSeconds() - Number(timestamp)
      return age > maxHeadAgeSeconds || -age > maxClockSkewSeconds
        ? refuse(`the newest block is ${age} s old`)
        : `the newest block is ${age} s old`
    }),
    check('funds', `Send some gas to the operator ${operator}.`, async () => {
      const balance = await clients.public.getBalance({ address: operator })
      const text = `${formatEther(balance)} at ${operator}`
      return balance < MINIMUM_FUNDS_WEI ? refuse(text) : text
    }),
    check('operator approved', `Have the owner ${config.owner} call approveOperator(${operator}, true).`, async () => {
      if (operator.toLowerCase() === config.owner) return 'owner and operator are one'
      const approved = await clients.public.readContract({
        address: contracts.attestationRegistry,
        abi: attestationRegistryAbi,
        functionName: 'isOperatorApproved',
        args: [config.owner, operator],
      })
      if (!approved) throw new ChainError('NODE_OPERATOR_NOT_APPROVED')
      return 'approved on-chain'
    }),
  ]
}

/** Checks every precondition of `serve`. Never throws: what cannot be checked has failed. */
export async function runChecks(config: NodeConfig): Promise<readonly Check[]> {
  const machine = await Promise.all(machineChecks(config))
  const { rpcUrl, chainId } = config.chain
  const connected = await check('chain', 'Check chain.rpcUrl and chain.chainId.', () => `chain ${chainId}`)
  try {
    const clients = await connectChain({ rpcUrl, chainId, privateKey: readKeyFile(config.operatorKeyFile) })
    return [...machine, connected, ...(await Promise.all(chainChecks(config, clients)))]
  } catch (error) {
    return [...machine, { ...connected, ok: false, detail: messageOf(error) }]
  }
}

/** `spartan node doctor`. Failure: `CLI_CHECK_FAILED` after printing every check. */
export async function doctor(config: NodeConfig, output: Output): Promise<void> {
  const checks = await runChecks(config)
  const lines = checks.map(({ ok, name, detail, next }) =>
    ok ? `ok    ${name}: ${detail}` : `fail  ${name}: ${detail}\n      next: ${next}`,
  )
  const ok = checks.every((one) => one.ok)
  output.result({ ok, checks }, lines.join('\n'))
  if (!ok) {
    const failed = checks.filter((one) => !one.ok).map((one) => one.name)
    throw new ConfigError('CLI_CHECK_FAILED', { metaMessages: [failed.join(', ')] })
  }
}
