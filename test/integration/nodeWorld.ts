import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  assetRegistryAbi,
  attestationRegistryAbi,
  channelEscrowAbi,
  ledgerAbi,
  referenceValuesAbi,
  tdxMeasurement,
  testTokenAbi,
} from '@spartan/abi'
import {
  createSessionKey,
  encapsulateRequest,
  encodeVoucherHeader,
  type InnerRequest,
  type InnerResponse,
  parseKeyConfig,
  parseReceiptHeader,
  providerId,
  type SessionKey,
  type SignedReceipt,
  voucherDigest,
} from '@spartan/protocol'
import { bytesToHex, type Hex, keccak256, parseEventLogs, stringToHex, zeroHash } from 'viem'
import { runProgram } from '../../apps/node/src/program.ts'
import { clientsFor, startChain, worldAccounts } from '../../scripts/demo/chain.ts'
import { createWorldSimulator, quoteFor, serveSimulator } from '../../scripts/demo/simulatorServer.ts'
import { type DeployedWorld, deployWorld } from '../../scripts/deploy/deploy.ts'

/** Roles by position of the development accounts. */
const DEPLOYER = 0
const ASSET_OWNER = 1
const PROVIDER_OWNER = 2
const OPERATOR = 3
const PAYER = 6

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

function clients(world: Pick<NodeWorld, 'rpcUrl'>, index: number) {
  const { publicClient, walletClient, account } = clientsFor(world.rpcUrl, index)
  const write = async (call: Parameters<typeof walletClient.writeContract>[0]) => {
    const hash = await walletClient.writeContract(call)
    return await publicClient.waitForTransactionReceipt({ hash })
  }
  return { publicClient, walletClient, account, write }
}

/** Brings everything up but the node. `portBase` to `portBase` + 2 are used. */
export async function createNodeWorld(portBase: number): Promise<NodeWorld> {
  const dir = mkdtempSync(join(tmpdir(), 'spartan-node-'))
  const chain = await startChain(portBase)
  const root = await createWorldSimulator(['machine'])
  const simulator = await serveSimulator(root, portBase + 1)
  const { rpcUrl } = chain
  const deployer = clients({ rpcUrl }, DEPLOYER)
  const simulationRoot = bytesToHex(root.publicKey)
  const { publicClient, walletClient } = deployer
  const contracts = await deployWorld({ publicClient, walletClient, devMode: true, simulationRootKey: simulationRoot })
  const workloadId = keccak256(stringToHex('spartan-node'))
  await deployer.write({
    address: contracts.ReferenceValues,
    abi: referenceValuesAbi,
    functionName: 'propose',
    args: [tdxMeasurement(await quoteFor(root, 'machine', new Uint8Array(64))), workloadId, zeroHash, zeroHash],
  } as never)

  const files = writeInputs(dir, contracts)
  const owner = clients({ rpcUrl }, PROVIDER_OWNER)
  const operator = clients({ rpcUrl }, OPERATOR).account.address
  await owner.write({
    address: contracts.AttestationRegistry,
    abi: attestationRegistryAbi,
    functionName: 'approveOperator',
    args: [operator, true],
  } as never)
  await publish(rpcUrl, dir, files, contracts, workloadId)
  const nodePort = portBase + 2
  await initNode(rpcUrl, dir, files, owner.account.address, simulator.url, nodePort)
  return {
    rpcUrl,
    dir,
    configFile: join(dir, 'node', 'config.json'),
    nodePort,
    contracts,
    providerId: providerId(owner.account.address, operator),
    simulationRoot,
    operatorKey: worldAccounts()[OPERATOR]?.privateKey ?? '0x',
    close: async () => {
      await simulator.close()
      await chain.close()
    },
  }
}

interface Inputs {
  readonly deployment: string
  readonly assetOwnerKey: string
  readonly operatorKey: string
}

function writeInputs(dir: string, contracts: DeployedWorld): Inputs {
  const accounts = worldAccounts()
  const key = (index: number, name: string) => {
    const path = join(dir, name)
    writeFileSync(path, `${accounts[index]?.privateKey}\n`, { mode: 0o600 })
    return path
  }
  const deployment = join(dir, 'deployment.json')
  writeFileSync(deployment, JSON.stringify({ contracts }))
  return { deployment, assetOwnerKey: key(ASSET_OWNER, 'assetOwner.key'), operatorKey: key(OPERATOR, 'operator.key') }
}

async function mustRun(...argv: string[]): Promise<void> {
  const { code, err } = await spartan(...argv)
  if (code !== 0) throw new Error(`spartan ${argv.join(' ')}: ${code} ${err}`)
}

function chainArguments(rpcUrl: string, deployment: string): string[] {
  return ['--rpc-url', rpcUrl, '--chain-id', '31337', '--deployment', deployment]
}

async function publish(rpcUrl: string, dir: string, files: Inputs, contracts: DeployedWorld, workloadId: Hex) {
  const models = new URL('../../models/trend/', import.meta.url).pathname
  await mustRun(
    ...['asset', 'publish', ...chainArguments(rpcUrl, files.deployment), '--key-file', files.assetOwnerKey],
    ...['--model', join(models, 'trend.onnx'), '--description', join(models, 'model.json')],
    ...['--name', 'trend', '--licence', 'Apache-2.0', '--out', join(dir, 'sealed')],
    ...['--owner-file', join(dir, 'owner.json'), '--token', contracts.TestToken ?? '', '--owner-share-bps', '5000'],
    ...['--price-in', `${PRICE_IN}`, '--price-out', `${PRICE_OUT}`, '--workload', workloadId, '--json'],
  )
}

async function initNode(rpcUrl: string, dir: string, files: Inputs, owner: Hex, simulatorUrl: string, port: number) {
  await mustRun(
    ...['node', 'init', ...chainArguments(rpcUrl, files.deployment), '--data-dir', join(dir, 'node')],
    ...['--owner', owner, '--tee', 'simulator', '--simulator-url', simulatorUrl, '--platform', 'machine'],
    ...['--asset-id', '1', '--port', `${port}`, '--operator-key-file', files.operatorKey, '--json'],
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

/** Waits for a condition, at most 60 s. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`waited too long: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

export async function readyz(world: NodeWorld): Promise<{ status: number; reasons: string[] }> {
  const response = await fetch(`http://127.0.0.1:${world.nodePort}/readyz`)
  return { status: response.status, reasons: ((await response.json()) as { reasons: string[] }).reasons }
}

/** A channel of the payer, with everything to sign vouchers for it. */
export interface TestChannel {
  readonly channelId: Hex
  readonly session: SessionKey
}

/** Deposits and opens a channel. */
export async function openChannel(world: NodeWorld, deposit: bigint): Promise<TestChannel> {
  const payer = clients(world, PAYER)
  const { TestToken, Ledger, ChannelEscrow } = world.contracts
  const token = TestToken ?? '0x'
  await payer.write({
    address: token,
    abi: testTokenAbi,
    functionName: 'faucet',
    args: [payer.account.address, deposit],
  } as never)
  await payer.write({ address: token, abi: testTokenAbi, functionName: 'approve', args: [Ledger, deposit] } as never)
  await payer.write({ address: Ledger, abi: ledgerAbi, functionName: 'deposit', args: [token, deposit] } as never)
  const session = createSessionKey()
  const { timestamp } = await payer.publicClient.getBlock()
  const receipt = await payer.write({
    address: ChannelEscrow,
    abi: channelEscrowAbi,
    functionName: 'open',
    args: [
      {
        providerId: world.providerId,
        assetId: 1n,
        assetVersion: 1,
        deposit,
        voucherSigner: session.signer,
        closeDelaySeconds: 3600,
        expiresAt: timestamp + 86_400n,
        salt: session.signer.padEnd(66, '0') as Hex,
        maxPricePerUnitIn: PRICE_IN,
        maxPricePerUnitOut: PRICE_OUT,
      },
    ],
  } as never)
  const [opened] = parseEventLogs({ abi: channelEscrowAbi, eventName: 'ChannelOpened', logs: receipt.logs })
  if (opened === undefined) throw new Error('the channel did not open')
  return { channelId: opened.args.channelId, session }
}

/** 257 closes that rise by `step`, as a request body. */
export function trendBody(step = 1): Uint8Array {
  const closes = Array.from({ length: 257 }, (_, i) => 20_000 + i * step)
  const inputs = [{ name: 'closes', shape: [1, 257], datatype: 'FP64', data: closes }]
  return new TextEncoder().encode(JSON.stringify({ inputs }))
}

/** Encrypts a request to the node's current key. */
export async function encapsulate(world: NodeWorld, request: InnerRequest) {
  const base = `http://127.0.0.1:${world.nodePort}`
  const keys = parseKeyConfig(new Uint8Array(await (await fetch(`${base}/v1/ohttp-keys`)).arrayBuffer()))
  const attestation = (await (await fetch(`${base}/v1/attestation`)).json()) as { keyset: { epoch: string } }
  return encapsulateRequest({
    publicKey: keys[0].publicKey,
    keyId: keys[0].keyId,
    context: {
      chainId: 31_337n,
      registry: world.contracts.AttestationRegistry,
      providerId: world.providerId,
      epoch: BigInt(attestation.keyset.epoch),
    },
    request,
  })
}

/** Posts an encrypted message. */
export function post(world: NodeWorld, message: Uint8Array): Promise<Response> {
  return fetch(`http://127.0.0.1:${world.nodePort}/v1/ohttp`, {
    method: 'POST',
    headers: { 'content-type': 'message/ohttp-req' },
    body: new Uint8Array(message),
  })
}

export interface InferRequest {
  readonly seq: bigint
  readonly cumulativeMax: bigint
  readonly body?: Uint8Array
  readonly session?: SessionKey
  readonly channelId?: Hex
  readonly notAfter?: bigint
}

/** The inner request of a paid inference. */
export async function paidRequest(world: NodeWorld, channel: TestChannel, ask: InferRequest): Promise<InnerRequest> {
  const voucher = {
    channelId: ask.channelId ?? channel.channelId,
    cumulativeMax: ask.cumulativeMax,
    seq: ask.seq,
    notAfter: ask.notAfter ?? BigInt(Math.floor(Date.now() / 1000) + 7200),
  }
  const escrow = { chainId: 31_337n, address: world.contracts.ChannelEscrow }
  const signature = await (ask.session ?? channel.session).signDigest(voucherDigest(escrow, voucher))
  return {
    method: 'POST',
    path: '/v2/models/trend/infer',
    headers: {
      'content-type': 'application/json',
      'spartan-channel': voucher.channelId,
      'spartan-voucher': encodeVoucherHeader({ voucher, signature }),
    },
    body: ask.body ?? trendBody(),
  }
}

/** Sends a request and opens the answer. */
export async function send(world: NodeWorld, request: InnerRequest): Promise<InnerResponse> {
  const { message, open } = await encapsulate(world, request)
  const response = await post(world, message)
  if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${await response.text()}`)
  return open(new Uint8Array(await response.arrayBuffer()))
}

/** One paid inference; throws unless it is answered. */
export async function infer(
  world: NodeWorld,
  channel: TestChannel,
  ask: InferRequest,
): Promise<{ body: string; receipt: SignedReceipt }> {
  const response = await send(world, await paidRequest(world, channel, ask))
  const body = new TextDecoder().decode(response.body)
  if (response.status !== 200) throw new Error(`inner ${response.status}: ${body}`)
  return { body, receipt: parseReceiptHeader(response.headers['spartan-receipt']) }
}

/** Reason code of a refusal. */
export async function refusal(world: NodeWorld, channel: TestChannel, ask: InferRequest): Promise<string> {
  const response = await send(world, await paidRequest(world, channel, ask))
  return (JSON.parse(new TextDecoder().decode(response.body)) as { code: string }).code
}

export async function channelOnChain(world: NodeWorld, channelId: Hex) {
  const { publicClient } = clients(world, PAYER)
  return publicClient.readContract({
    address: world.contracts.ChannelEscrow,
    abi: channelEscrowAbi,
    functionName: 'channelOf',
    args: [channelId],
  })
}

/** Ledger balances of payer, asset owner and provider owner, token base units. */
export async function balances(world: NodeWorld) {
  const { publicClient } = clients(world, PAYER)
  const accounts = worldAccounts()
  const read = (index: number) =>
    publicClient.readContract({
      address: world.contracts.Ledger,
      abi: ledgerAbi,
      functionName: 'balanceOf',
      args: [accounts[index]?.address ?? '0x', world.contracts.TestToken ?? '0x'],
    })
  return { payer: await read(PAYER), assetOwner: await read(ASSET_OWNER), provider: await read(PROVIDER_OWNER) }
}

/** What a channel has paid, one entry per payment, by its events. */
export async function settlements(world: NodeWorld, channelId: Hex) {
  const { publicClient } = clients(world, PAYER)
  const logs = await publicClient.getContractEvents({
    address: world.contracts.ChannelEscrow,
    abi: channelEscrowAbi,
    eventName: 'ChannelSettled',
    args: { channelId },
    fromBlock: 0n,
  })
  return logs.map(({ args }) => args)
}

/** Sends a transaction to the escrow as the payer; throws when it reverts. */
export async function payerCalls(world: NodeWorld, functionName: string, args: readonly unknown[]): Promise<void> {
  const payer = clients(world, PAYER)
  const address = world.contracts.ChannelEscrow
  const receipt = await payer.write({ address, abi: channelEscrowAbi, functionName, args } as never)
  if (receipt.status !== 'success') throw new Error(`${functionName} reverted`)
}

/** The payer settles the newest receipt himself, with a voucher over `cumulativeMax` only. */
export async function settleOneUnit(
  world: NodeWorld,
  channel: TestChannel,
  { receipt, signature }: SignedReceipt,
  cumulativeMax: bigint,
): Promise<void> {
  const { channelId, seq, finishedAt } = receipt
  const voucher = { channelId, cumulativeMax, seq, notAfter: finishedAt }
  const escrow = { chainId: 31_337n, address: world.contracts.ChannelEscrow }
  const voucherSignature = await channel.session.signDigest(voucherDigest(escrow, voucher))
  await payerCalls(world, 'settleBatch', [[{ receipt, receiptSignature: signature, voucher, voucherSignature }]])
}

export async function assetCount(world: NodeWorld): Promise<bigint> {
  const { publicClient } = clients(world, PAYER)
  return publicClient.readContract({
    address: world.contracts.AssetRegistry,
    abi: assetRegistryAbi,
    functionName: 'assetCount',
  })
}

export async function revokeProvider(world: NodeWorld): Promise<void> {
  const owner = clients(world, PROVIDER_OWNER)
  await owner.write({
    address: world.contracts.AttestationRegistry,
    abi: attestationRegistryAbi,
    functionName: 'revoke',
    args: [world.providerId],
  } as never)
}
