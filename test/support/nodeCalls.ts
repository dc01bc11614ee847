import { attestationRegistryAbi, channelEscrowAbi, ledgerAbi } from '@spartan/abi'
import {
  createSessionKey,
  encapsulateRequest,
  encodeVoucherHeader,
  type InnerRequest,
  type InnerResponse,
  parseKeyConfig,
  parseReceiptHeader,
  type SessionKey,
  type SignedReceipt,
  voucherDigest,
} from '@spartan/protocol'
import type { Hex } from 'viem'
import { CHAIN_ID, type Role } from '../../scripts/demo/chain.ts'
import { actorOf } from './actor.ts'
import { openChannel as open } from './channel.ts'
import { fund } from './funding.ts'
import { type NodeWorld, PRICE_IN, PRICE_OUT } from './nodeWorld.ts'

/** What receipts and vouchers are signed for. */
export function escrowOf({ contracts }: NodeWorld) {
  return { chainId: BigInt(CHAIN_ID), address: contracts.ChannelEscrow }
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
  const { token, contracts, providerId } = world
  const payer = actorOf(world.rpcUrl, 'trader')
  await fund(payer, { token, ledger: contracts.Ledger }, deposit)
  const session = createSessionKey()
  const prices = { maxPricePerUnitIn: PRICE_IN, maxPricePerUnitOut: PRICE_OUT }
  const terms = { providerId, deposit, voucherSigner: session.signer, ...prices }
  const { channelId } = await open(payer, contracts.ChannelEscrow, terms)
  return { channelId, session }
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
      chainId: BigInt(CHAIN_ID),
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
  const escrow = escrowOf(world)
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
  const { client } = actorOf(world.rpcUrl, 'trader')
  const escrow = { address: world.contracts.ChannelEscrow, abi: channelEscrowAbi } as const
  return client.readContract({ ...escrow, functionName: 'channelOf', args: [channelId] })
}

/** Ledger balances of payer, asset owner and provider owner, token base units. */
export async function balances(world: NodeWorld) {
  const read = (role: Role) => {
    const { client, address } = actorOf(world.rpcUrl, role)
    const ledger = { address: world.contracts.Ledger, abi: ledgerAbi } as const
    return client.readContract({ ...ledger, functionName: 'balanceOf', args: [address, world.token] })
  }
  return {
    payer: await read('trader'),
    assetOwner: await read('assetOwner'),
    provider: await read('providerOwnerA'),
  }
}

/** What a channel has paid, one entry per payment, by its events. */
export async function settlements(world: NodeWorld, channelId: Hex) {
  const logs = await actorOf(world.rpcUrl, 'trader').client.getContractEvents({
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
  const call = { address: world.contracts.ChannelEscrow, abi: channelEscrowAbi, functionName, args }
  await actorOf(world.rpcUrl, 'trader').send(call)
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
  const escrow = escrowOf(world)
  const voucherSignature = await channel.session.signDigest(voucherDigest(escrow, voucher))
  await payerCalls(world, 'settleBatch', [[{ receipt, receiptSignature: signature, voucher, voucherSignature }]])
}

export async function revokeProvider(world: NodeWorld): Promise<void> {
  const call = { address: world.contracts.AttestationRegistry, abi: attestationRegistryAbi, functionName: 'revoke' }
  await actorOf(world.rpcUrl, 'providerOwnerA').send({ ...call, args: [world.providerId] })
}
