import {
  attestationRegistryAbi,
  productNames,
  TCB_STATUSES,
  type TcbStatusName,
  TEE_KINDS,
  type TeeKind,
  TRUST_TIERS,
  type TrustTierName,
} from '@spartan/abi'
import type { Address, ContractFunctionReturnType, Hex, PublicClient } from 'viem'

export type ProviderRecord = ContractFunctionReturnType<typeof attestationRegistryAbi, 'view', 'recordOf'>
type GpuRecord = ContractFunctionReturnType<typeof attestationRegistryAbi, 'view', 'gpusOf'>[number]

/** A GPU or switch that is bound to a provider's current keyset. */
export interface ProviderGpu {
  readonly platformId: Hex
  readonly tier: TrustTierName
  /** Unix seconds. A GPU has no grace: after it, it counts for nothing. */
  readonly validUntil: number
  readonly simulated: boolean
  /** `GH100`; undefined where the endpoint does not search events that far back. */
  readonly product: string | undefined
}

/** What the registry's record of a provider says, in words. */
export interface ProviderStanding {
  readonly tee: TeeKind
  /** What its evidence is worth against whoever owns the machine, least first: Simulated, Low, Standard. */
  readonly tier: TrustTierName
  readonly tcbStatus: TcbStatusName
  readonly simulated: boolean
  /** Intel: FMSPC; AMD: product line. Undefined where the endpoint does not search events that far back. */
  readonly product: string | undefined
  readonly gpus: readonly ProviderGpu[]
  /** Unix seconds: until then new channels are opened. */
  readonly activeUntil: number
  /** Unix seconds: from `activeUntil` until then it is in grace, and open channels alone are served. */
  readonly validUntil: number
  /** Seconds between the two; zero: no grace. */
  readonly graceSeconds: number
}

/** Products by platform id, as {@link readProducts} gives them. */
export type Products = ReadonlyMap<Hex, string>

/** Puts a record into words. */
export function standingOf(record: ProviderRecord, gpus: readonly GpuRecord[], products: Products): ProviderStanding {
  const [activeUntil, validUntil] = [Number(record.activeUntil), Number(record.validUntil)]
  return {
    tee: TEE_KINDS[record.teeKind] ?? 'None',
    tier: TRUST_TIERS[record.tier] ?? 'None',
    tcbStatus: TCB_STATUSES[record.tcbStatus] ?? 'Unknown',
    simulated: record.simulated,
    product: products.get(record.platformId),
    gpus: gpus.map(({ platformId, tier, validUntil: end, simulated }) => ({
      platformId,
      tier: TRUST_TIERS[tier] ?? 'None',
      validUntil: end,
      simulated,
      product: products.get(platformId),
    })),
    activeUntil,
    validUntil,
    graceSeconds: Math.max(0, validUntil - activeUntil),
  }
}

/** Whether a tier is at least another. */
export function meetsTier(tier: TrustTierName, least: TrustTierName): boolean {
  return TRUST_TIERS.indexOf(tier) >= TRUST_TIERS.indexOf(least)
}

/**
 * Products of a provider's platform and GPUs, which stand in the registry's events alone. They are words for people: what they are
 * worth is the tier, which stands in the record.
 *
 * @returns By platform id. Empty where the endpoint does not search events that far back.
 */
export async function readProducts(
  client: PublicClient,
  registry: Address,
  providerId: Hex,
  { epoch, teeKind }: Pick<ProviderRecord, 'epoch' | 'teeKind'>,
): Promise<Products> {
  const search = { address: registry, abi: attestationRegistryAbi, args: { providerId, epoch }, fromBlock: 0n } as const
  try {
    const [registered, bound] = await Promise.all([
      client.getContractEvents({ ...search, eventName: 'ProviderRegistered', strict: true }),
      client.getContractEvents({ ...search, eventName: 'GpuBound', strict: true }),
    ])
    return productNames(teeKind, registered, bound)
  } catch {
    return new Map()
  }
}
