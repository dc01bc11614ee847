import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { providerId } from '@spartan/protocol'
import { type Address, bytesToHex, type Hex } from 'viem'
import { runProgram } from '../../apps/node/src/program.ts'
import { accountOf, CHAIN_ID, type Role } from '../../scripts/demo/chain.ts'
import { serveSimulator } from '../../scripts/demo/simulatorServer.ts'
import type { DeployedWorld } from '../../scripts/deploy/deploy.ts'
import { actorOf } from './actor.ts'
import { type Ground, PLATFORM, startGround } from './ground.ts'
import { freePorts } from './ports.ts'
import { approveOperator } from './registration.ts'

export const PRICE_IN = 10n
export const PRICE_OUT = 1000n
const MODEL_INPUTS = 257n
const MODEL_OUTPUTS = 4n
export const FEE = PRICE_IN * MODEL_INPUTS + PRICE_OUT * MODEL_OUTPUTS

/** Chain, contracts, simulator and a published model: everything around one node, none of it mocked. */
export interface NodeWorld {
  readonly rpcUrl: string
  readonly dir: string
  readonly configFile: string
  readonly nodePort: number
  readonly contracts: DeployedWorld
  readonly token: Address
  readonly providerId: Hex
  readonly simulationRoot: Hex
  readonly operatorKey: Hex
  close(): Promise<void>
}

/** Runs one `spartan` command in this process. */
export async function spartan(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const host = {
    env: {},
    stdout: (text: string) => {
      out += text
    },
    stderr: (text: string) => {
      err += text
    },
  }
  const code = await runProgram(argv, host)
  return { code, out, err }
}

/** Brings everything up but the node. */
export async function createNodeWorld(options: { readonly gpu?: boolean } = {}): Promise<NodeWorld> {
  const portBase = await freePorts(3)
  const dir = mkdtempSync(join(tmpdir(), 'spartan-node-'))
  const ground = await startGround(portBase, options)
  const { rpcUrl, contracts, token } = ground
  const simulator = await serveSimulator(ground.root, portBase + 1, ground.gpu)
  const files = writeInputs(dir, contracts)
  const owner = actorOf(rpcUrl, 'providerOwnerA')
  const operator = accountOf('operatorA')
  await approveOperator(owner, contracts.AttestationRegistry, operator.address)
  await publish(ground, dir, files)
  const nodePort = portBase + 2
  const gpu = options.gpu ? ['--gpu', `${simulator.url}/gpu`] : []
  await initNode(rpcUrl, dir, files, [
    ...gpu,
    '--owner',
    owner.address,
    '--simulator-url',
    simulator.url,
    '--port',
    `${nodePort}`,
  ])
  return {
    rpcUrl,
    dir,
    configFile: join(dir, 'node', 'config.json'),
    nodePort,
    contracts,
    token,
    providerId: providerId(owner.address, operator.address),
    simulationRoot: bytesToHex(ground.root.publicKey),
    operatorKey: operator.privateKey,
    close: async () => {
      await simulator.close()
      await ground.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

interface Inputs {
  readonly deployment: string
  readonly assetOwnerKey: string
  readonly operatorKey: string
}

function writeInputs(dir: string, contracts: DeployedWorld): Inputs {
  const key = (role: Role) => {
    const path = join(dir, `${role}.key`)
    writeFileSync(path, `${accountOf(role).privateKey}\n`, { mode: 0o600 })
    return path
  }
  const deployment = join(dir, 'deployment.json')
  writeFileSync(deployment, JSON.stringify({ contracts }))
  return { deployment, assetOwnerKey: key('assetOwner'), operatorKey: key('operatorA') }
}

async function mustRun(...argv: string[]): Promise<void> {
  const { code, err } = await spartan(...argv)
  if (code !== 0) throw new Error(`spartan ${argv.join(' ')}: ${code} ${err}`)
}

function chainArguments(rpcUrl: string, deployment: string): string[] {
  return ['--rpc-url', rpcUrl, '--chain-id', `${CHAIN_ID}`, '--deployment', deployment]
}

async function publish({ rpcUrl, token, workloadId }: Ground, dir: string, files: Inputs) {
  const models = new URL('../../models/trend/', import.meta.url).pathname
  await mustRun(
    ...['asset', 'publish', ...chainArguments(rpcUrl, files.deployment), '--key-file', files.assetOwnerKey],
    ...['--model', join(models, 'trend.onnx'), '--description', join(models, 'model.json')],
    ...['--name', 'trend', '--licence', 'Apache-2.0', '--out', join(dir, 'sealed')],
    ...['--owner-file', join(dir, 'owner.json'), '--token', token, '--owner-share-bps', '5000'],
    ...['--price-in', `${PRICE_IN}`, '--price-out', `${PRICE_OUT}`, '--workload', workloadId, '--json'],
  )
}

async function initNode(rpcUrl: string, dir: string, files: Inputs, more: readonly string[]) {
  await mustRun(
    ...['node', 'init', ...chainArguments(rpcUrl, files.deployment), '--data-dir', join(dir, 'node')],
    ...['--tee', 'simulator', '--platform', PLATFORM, '--asset-id', '1'],
    ...['--operator-key-file', files.operatorKey, '--json', ...more],
  )
  const file = join(dir, 'node', 'config.json')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  // Blocks of a chain under test come faster than seconds pass; looks follow each other quickly.
  config.chain.maxClockSkewSeconds = 3600
  config.chain.pollSeconds = 1
  config.asset.allowFiles = true
  config.settlement = { valueThreshold: '1000000000000', maxAgeSeconds: 600_000, pollSeconds: 1 }
  writeFileSync(file, JSON.stringify(config))
}

/** `spartan broker once`. */
export function brokerOnce(world: NodeWorld, ...more: string[]) {
  return spartan(
    ...['broker', 'once', ...chainArguments(world.rpcUrl, join(world.dir, 'deployment.json')), '--json'],
    ...['--key-file', join(world.dir, 'assetOwner.key'), '--owner-file', join(world.dir, 'owner.json')],
    ...['--simulation-root', world.simulationRoot, ...more],
  )
}
