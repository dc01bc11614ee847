import type { Address, Hex } from 'viem'

/** EIP-712 domains. Each contract verifies signatures under its own address. */
export const REGISTRY_DOMAIN_NAME = 'Spartan AttestationRegistry'
export const CHANNEL_DOMAIN_NAME = 'Spartan ChannelEscrow'
export const DOMAIN_VERSION = '1'

/** Domain of the contract that checks the signature: the registry for Keyset, Register, RegisterFor and BindGpu, the escrow for the rest. */
export function eip712Domain(
  name: typeof REGISTRY_DOMAIN_NAME | typeof CHANNEL_DOMAIN_NAME,
  chainId: bigint,
  verifyingContract: Address,
) {
  return { name, version: DOMAIN_VERSION, chainId: Number(chainId), verifyingContract } as const
}

export const KEYSET_TYPES = {
  Keyset: [
    { name: 'chainId', type: 'uint256' },
    { name: 'registry', type: 'address' },
    { name: 'owner', type: 'address' },
    { name: 'operator', type: 'address' },
    { name: 'epoch', type: 'uint64' },
    { name: 'receiptSigner', type: 'bytes' },
    { name: 'hpkeKeyDigest', type: 'bytes32' },
    { name: 'tlsSpkiDigest', type: 'bytes32' },
    { name: 'workloadId', type: 'bytes32' },
    { name: 'configDigest', type: 'bytes32' },
    { name: 'notAfter', type: 'uint64' },
  ],
} as const

export const REGISTER_TYPES = {
  Register: [
    { name: 'keysetDigest', type: 'bytes32' },
    { name: 'challenge', type: 'bytes32' },
  ],
} as const

export const REGISTER_FOR_TYPES = {
  RegisterFor: [
    { name: 'keysetDigest', type: 'bytes32' },
    { name: 'challenge', type: 'bytes32' },
    { name: 'endpoint', type: 'string' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint64' },
  ],
} as const

export const BIND_GPU_TYPES = {
  BindGpu: [
    { name: 'keysetDigest', type: 'bytes32' },
    { name: 'challenge', type: 'bytes32' },
    { name: 'evidenceHash', type: 'bytes32' },
  ],
} as const

export const RECEIPT_TYPES = {
  Receipt: [
    { name: 'providerId', type: 'bytes32' },
    { name: 'keysetEpoch', type: 'uint64' },
    { name: 'channelId', type: 'bytes32' },
    { name: 'seq', type: 'uint64' },
    { name: 'requestHash', type: 'bytes32' },
    { name: 'responseHash', type: 'bytes32' },
    { name: 'assetId', type: 'uint256' },
    { name: 'assetVersion', type: 'uint32' },
    { name: 'modelRoot', type: 'bytes32' },
    { name: 'dataRoot', type: 'bytes32' },
    { name: 'status', type: 'uint8' },
    { name: 'unitsIn', type: 'uint64' },
    { name: 'unitsOut', type: 'uint64' },
    { name: 'fee', type: 'uint128' },
    { name: 'cumulativeFee', type: 'uint128' },
    { name: 'budgetCounter', type: 'uint64' },
    { name: 'startedAt', type: 'uint64' },
    { name: 'finishedAt', type: 'uint64' },
    { name: 'previousReceipt', type: 'bytes32' },
  ],
} as const

export const VOUCHER_TYPES = {
  Voucher: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'cumulativeMax', type: 'uint128' },
    { name: 'seq', type: 'uint64' },
    { name: 'notAfter', type: 'uint64' },
  ],
} as const

export const COOPERATIVE_CLOSE_TYPES = {
  CooperativeClose: [
    { name: 'channelId', type: 'bytes32' },
    { name: 'finalCumulative', type: 'uint128' },
  ],
} as const

/** Keys of one node for one epoch. Field meanings: contracts/types/ProtocolTypes.sol. */
export interface Keyset {
  readonly chainId: bigint
  readonly registry: Address
  readonly owner: Address
  readonly operator: Address
  readonly epoch: bigint
  readonly receiptSigner: Hex
  readonly hpkeKeyDigest: Hex
  readonly tlsSpkiDigest: Hex
  readonly workloadId: Hex
  readonly configDigest: Hex
  readonly notAfter: bigint
}

export const RECEIPT_STATUS = { complete: 0, partial: 1, refused: 2 } as const

/** One request's receipt. `unitsIn`, `unitsOut` and `cumulativeFee` are sums over the channel; `fee` is this request's. */
export interface Receipt {
  readonly providerId: Hex
  readonly keysetEpoch: bigint
  readonly channelId: Hex
  readonly seq: bigint
  readonly requestHash: Hex
  readonly responseHash: Hex
  readonly assetId: bigint
  readonly assetVersion: number
  readonly modelRoot: Hex
  readonly dataRoot: Hex
  readonly status: number
  readonly unitsIn: bigint
  readonly unitsOut: bigint
  readonly fee: bigint
  readonly cumulativeFee: bigint
  readonly budgetCounter: bigint
  readonly startedAt: bigint
  readonly finishedAt: bigint
  readonly previousReceipt: Hex
}

export interface Voucher {
  readonly channelId: Hex
  readonly cumulativeMax: bigint
  readonly seq: bigint
  readonly notAfter: bigint
}
