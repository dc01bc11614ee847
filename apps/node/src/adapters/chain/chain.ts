import {
  assetRegistryAbi,
  attestationRegistryAbi,
  CHANNEL_STATUSES,
  channelEscrowAbi,
  encodeTdxEvidence,
  enumNumber,
  keyReleasesAbi,
  PROVIDER_STATUSES,
  reasonFromBytes32,
  referenceValuesAbi,
  TEE_KINDS,
  WORKLOAD_STATUSES,
} from '@spartan/abi'
import { type Hex, hexToBytes, isHex, parseEventLogs } from 'viem'
import type { NodeConfig } from '../../config.ts'
import type {
  Chain,
  Channel,
  ProviderRecord,
  RegistrationCall,
  SettleItem,
  SettleResult,
} from '../../services/ports.ts'
import type { ChainClients, ContractWrite } from './clients.ts'
import { guardedCall } from './contractCall.ts'
import { createEndorsementUploads } from './endorsementUpload.ts'
import { createGpuBinding } from './gpuBinding.ts'
import { createRenewals } from './renewals.ts'
import { createStandingReads } from './standing.ts'

/** The contracts of one deployment, read and written through one RPC endpoint and one operator account. */
export function createChain(clients: ChainClients, contracts: NodeConfig['chain']['contracts']): Chain {
  return {
    chainId: clients.chainId,
    registry: contracts.attestationRegistry,
    escrow: contracts.channelEscrow,
    keyReleases: contracts.keyReleases,
    head: () =>
      guardedCall('reading the newest block', async () => {
        const { number, parentHash, timestamp } = await clients.public.getBlock({ blockTag: 'latest' })
        return { number, parentHash, timestamp: Number(timestamp) }
      }),
    ...registryReads(clients, contracts),
    ...assetReads(clients, contracts),
    ...createEndorsementUploads(clients, contracts.endorsementStore),
    ...createRenewals(clients, contracts.attestationRegistry),
    ...createGpuBinding(clients, contracts),
    ...createStandingReads(clients, contracts.attestationRegistry),
    register: (call) => clients.send('registering', registerWrite(contracts.attestationRegistry, call)),
    simulateRegister: (call) => clients.simulate('registering', registerWrite(contracts.attestationRegistry, call)),
    channel: (channelId) => readChannel(clients, contracts.channelEscrow, channelId),
    protocolShareBps: () =>
      guardedCall('reading the share of the protocol', () =>
        clients.public.readContract({
          address: contracts.channelEscrow,
          abi: channelEscrowAbi,
          functionName: 'PROTOCOL_SHARE_BPS',
        }),
      ),
    previewSettle: (items) =>
      guardedCall('previewing a settlement', async () => {
        const [reasons] = await clients.public.readContract({
          address: contracts.channelEscrow,
          abi: channelEscrowAbi,
          functionName: 'previewSettle',
          args: [items],
        })
        return reasons.map((reason) => reasonFromBytes32(reason))
      }),
    settle: (items) => settle(clients, contracts.channelEscrow, items),
  }
}

type Contracts = NodeConfig['chain']['contracts']

function registryReads(
  clients: ChainClients,
  contracts: Contracts,
): Pick<Chain, 'providerStatus' | 'providerRecord' | 'workloadOf'> {
  const registry = { address: contracts.attestationRegistry, abi: attestationRegistryAbi } as const
  return {
    providerStatus: (providerId) =>
      guardedCall('reading the provider status', async () => {
        const status = await clients.public.readContract({ ...registry, functionName: 'statusOf', args: [providerId] })
        return PROVIDER_STATUSES[status] ?? 'None'
      }),
    providerRecord: (providerId) =>
      guardedCall('reading the provider record', async () => {
        const record = await clients.public.readContract({ ...registry, functionName: 'recordOf', args: [providerId] })
        const { registeredAt, attestedAt, activeUntil, validUntil, notAfter } = record
        return {
          ...record,
          registeredAt: Number(registeredAt),
          attestedAt: Number(attestedAt),
          activeUntil: Number(activeUntil),
          validUntil: Number(validUntil),
          notAfter: Number(notAfter),
        } satisfies ProviderRecord
      }),
    workloadOf: (measurement) =>
      guardedCall('reading the reference value', async () => {
        const workload = await clients.public.readContract({
          address: contracts.referenceValues,
          abi: referenceValuesAbi,
          functionName: 'workloadOf',
          args: [measurement],
        })
        // The contract itself turns a proposal active once its timelock has passed.
        return WORKLOAD_STATUSES[workload.status] === 'Active' ? workload.workloadId : undefined
      }),
  }
}

function assetReads(clients: ChainClients, contracts: Contracts): Pick<Chain, 'assetVersion' | 'sealedKey'> {
  return {
    assetVersion: (assetId, version) =>
      guardedCall('reading the asset', async () => {
        const found = await clients.public.readContract({
          address: contracts.assetRegistry,
          abi: assetRegistryAbi,
          functionName: 'versionOf',
          args: [assetId, version],
        })
        return { ...found, ownerShareBps: found.terms.ownerShareBps }
      }),
    sealedKey: (assetId, keyEpoch, keysetDigest) =>
      guardedCall('reading the sealed key', async () => {
        const sealed = await clients.public.readContract({
          address: contracts.keyReleases,
          abi: keyReleasesAbi,
          functionName: 'sealedKeyOf',
          args: [assetId, keyEpoch, keysetDigest],
        })
        return isHex(sealed) && sealed.length > 2 ? hexToBytes(sealed) : undefined
      }),
  }
}

function registerWrite(address: Hex, call: RegistrationCall): ContractWrite {
  return {
    address,
    abi: attestationRegistryAbi,
    functionName: 'register',
    args: [
      {
        keyset: call.keyset,
        teeKind: enumNumber(TEE_KINDS, 'Tdx'),
        evidence: encodeTdxEvidence(call.quote).evidence,
        challengeBlock: call.challengeBlock,
        possessionSignature: call.possessionSignature,
        endpoint: call.endpoint,
      },
    ],
  }
}

function readChannel(clients: ChainClients, address: Hex, channelId: Hex): Promise<Channel> {
  return guardedCall('reading a channel', async () => {
    const channel = await clients.public.readContract({
      address,
      abi: channelEscrowAbi,
      functionName: 'channelOf',
      args: [channelId],
    })
    return {
      ...channel,
      status: CHANNEL_STATUSES[channel.status] ?? 'None',
      openedAt: Number(channel.openedAt),
      expiresAt: Number(channel.expiresAt),
      closeRequestedAt: Number(channel.closeRequestedAt),
    }
  })
}

async function settle(clients: ChainClients, address: Hex, items: readonly SettleItem[]): Promise<SettleResult> {
  const transactionHash = await clients.send('settling', {
    address,
    abi: channelEscrowAbi,
    functionName: 'settleBatch',
    args: [items],
  })
  return guardedCall('reading the settlement', async () => {
    const { logs } = await clients.public.getTransactionReceipt({ hash: transactionHash })
    const ours = logs.filter((log) => log.address.toLowerCase() === address.toLowerCase())
    const events = parseEventLogs({
      abi: channelEscrowAbi,
      eventName: ['ChannelSettled', 'SettleItemSkipped'],
      logs: ours,
    })
    const reasons = items.map(({ receipt }) => {
      const event = events.find(({ args }) => args.channelId === receipt.channelId && args.seq === receipt.seq)
      if (event?.eventName === 'ChannelSettled') return undefined
      return event === undefined ? 'NODE_CHAIN_TRANSACTION_REVERTED' : reasonFromBytes32(event.args.reason)
    })
    return { transactionHash, reasons }
  })
}
