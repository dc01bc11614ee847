import type { Reason } from '../reason.ts'

export const ASSET_REASONS = {
  ASSET_UNKNOWN: {
    what: 'There is no asset with this id.',
    action: 'Read the listings again.',
    retry: 'refetch',
  },
  ASSET_VERSION_UNKNOWN: {
    what: 'The asset has no such version.',
    action: 'Use the latest version.',
    retry: 'refetch',
  },
  ASSET_VERSION_RETIRED: {
    what: 'The owner withdrew this version of the asset.',
    action: 'Use the latest version.',
    retry: 'refetch',
  },
  ASSET_TIER_TOO_LOW: {
    what: 'The trust tier of the provider is lower than the asset asks for.',
    action: 'Choose a provider on a machine of a higher tier.',
    retry: 'never',
  },
  ASSET_WORKLOAD_NOT_ACCEPTED: {
    what: 'The asset does not accept the workload or the TEE kind of this provider.',
    action: 'Choose another provider.',
    retry: 'never',
  },
  ASSET_CALLER_NOT_OWNER: {
    what: 'Only the owner of the asset may do this.',
    action: 'Send from the owner.',
    retry: 'never',
  },
  ASSET_NAME_INVALID: {
    what: 'The name of the asset is empty or too long.',
    action: 'Use 1 to 64 bytes.',
    retry: 'never',
  },
  ASSET_MANIFEST_INVALID: {
    what: 'Manifest hash, content root or manifest URI is missing, or the URI is too long.',
    action: 'Pass all three; the URI has at most 512 bytes.',
    retry: 'never',
  },
  ASSET_TOKEN_MISSING: {
    what: 'The terms name no token.',
    action: 'Name the ERC-20 in which the asset is paid.',
    retry: 'never',
  },
  ASSET_OWNER_SHARE_TOO_HIGH: {
    what: 'The share of the owner is above the maximum.',
    action: 'Choose a lower share.',
    retry: 'never',
  },
  ASSET_TEE_KINDS_INVALID: {
    what: 'The accepted TEE kinds are empty or contain "none".',
    action: 'Accept at least one TEE kind.',
    retry: 'never',
  },
  ASSET_WORKLOADS_INVALID: {
    what: 'The list of accepted workloads is empty or too long.',
    action: 'Accept 1 to 16 workloads.',
    retry: 'never',
  },
  ASSET_BROKER_NOT_APPROVED: {
    what: 'The caller is neither the owner of the asset nor its approved broker.',
    action: 'Have the owner approve this broker.',
    retry: 'never',
  },
  ASSET_KEY_EPOCH_NOT_CURRENT: {
    what: 'The key epoch is not the current one.',
    action: 'Seal the content key of the current epoch.',
    retry: 'refetch',
  },
  ASSET_KEYSET_NOT_CURRENT: {
    what: 'The keyset is not the registered one of this provider.',
    action: 'Read the keyset from the registry and seal to it.',
    retry: 'refetch',
  },
  ASSET_PROVIDER_CANNOT_SERVE: {
    what: 'The provider may not receive the key of this asset now.',
    action: 'Read the reason in the error; release once the provider may serve.',
    retry: 'later',
  },
  ASSET_SEALED_KEY_INVALID: {
    what: 'The sealed key is empty or too long.',
    action: 'Seal the content key with HPKE.',
    retry: 'never',
  },
} as const satisfies Record<string, Reason>
