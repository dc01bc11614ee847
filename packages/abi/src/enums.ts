/**
 * Names of the contracts' enums, in the order of their numbers: the ABI carries the numbers only. A test compares every list
 * with its Solidity source.
 */

export const TEE_KINDS = ['None', 'Tdx', 'Sgx', 'SevSnp', 'Cca', 'Nitro', 'NvidiaGpu'] as const
export type TeeKind = (typeof TEE_KINDS)[number]

/** Intel's spelling. */
export const TCB_STATUSES = [
  'Unknown',
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'TDRelaunchAdvised',
  'TDRelaunchAdvisedConfigurationNeeded',
  'Revoked',
] as const
export type TcbStatusName = (typeof TCB_STATUSES)[number]

/** What accepted evidence is worth against whoever owns the machine, lowest first; names of the contracts, values of packages/attestation in lower case. */
export const TRUST_TIERS = ['None', 'Simulated', 'Low', 'Standard'] as const
export type TrustTierName = (typeof TRUST_TIERS)[number]

/** Answer of `AttestationRegistry.statusOf`. */
export const PROVIDER_STATUSES = ['None', 'Active', 'Grace', 'Expired', 'Revoked', 'Draining'] as const
export type ProviderStatus = (typeof PROVIDER_STATUSES)[number]

/** Of a reference value. */
export const WORKLOAD_STATUSES = ['None', 'Proposed', 'Active', 'Revoked'] as const
export type WorkloadStatus = (typeof WORKLOAD_STATUSES)[number]

export const CHANNEL_STATUSES = ['None', 'Open', 'Closing', 'Closed'] as const
export type ChannelStatus = (typeof CHANNEL_STATUSES)[number]

export const ASSET_KINDS = ['Model', 'Dataset', 'SignalFeed'] as const
export type AssetKind = (typeof ASSET_KINDS)[number]

/** Bits of `Claims.flags`, lowest first: what evidence says of its guest or platform that a policy may refuse. */
export const CLAIM_FLAGS = [
  'DEBUG',
  'MIGRATABLE',
  'SHARED_KEY',
  'SMT_ALLOWED',
  'NO_ALIAS_CHECK',
  'PROVISIONAL_FIRMWARE',
  'LAUNCHED_BELOW_TCB',
  'CXL_ALLOWED',
  'PAGE_SWAP_ALLOWED',
  'MULTI_SOCKET',
  'NO_AES_256_XTS',
  'RAPL_ON',
  'CIPHERTEXT_VISIBLE',
  'LOW_PRIVILEGE',
] as const
export type ClaimFlag = (typeof CLAIM_FLAGS)[number]

/** Number by which the contracts know a member: `enumNumber(TEE_KINDS, 'Tdx')` is 1. */
export function enumNumber<const Names extends readonly string[]>(names: Names, name: Names[number]): number {
  return names.indexOf(name)
}
