import {
  allErrorsAbi,
  appraisalErrorsAbi,
  CLAIM_FLAGS,
  type ClaimFlag,
  enumNumber,
  nvidiaTcb,
  TCB_STATUSES,
  TEE_KINDS,
  type TeeKind,
  TRUST_TIERS,
  type TrustTierName,
} from '@spartan/abi'
import { BaseError, codeOfSolidityError, type Invalidation, isReasonCode, reasonOf } from '@spartan/errors'
import { type Address, type Hex, stringToHex, toFunctionSelector } from 'viem'

/** AMD's product lines, each with its own order of SVNs in `Claims.tcb`. */
export const SNP_PRODUCTS = ['Milan', 'Genoa', 'Turin'] as const
export type SnpProduct = (typeof SNP_PRODUCTS)[number]

/** The appraisal policy of a deployment: what may differ between chains. */
export interface PolicyOptions {
  /** Bit i set: TcbStatus i accepted. Default UpToDate and SWHardeningNeeded. */
  readonly acceptedTcbStatuses?: bigint | undefined
  readonly minTcbEvaluationNumber?: number | undefined
  /**
   * Least TCB of each AMD product line, 8 bytes in the wire order of the product. Lines that are left out are not accepted: AMD
   * publishes no TCB status, so there is nothing else to judge by.
   */
  readonly snpMinTcb?: Readonly<Partial<Record<SnpProduct, Hex>>> | undefined
}

/** Bit i set: TcbStatus i accepted. */
const DEFAULT_TCB_STATUSES = (['UpToDate', 'SWHardeningNeeded'] as const).reduce(
  (bits, status) => bits | (1n << BigInt(enumNumber(TCB_STATUSES, status))),
  0n,
)
/** Areas of the reason codes that a kind's verifier and its store can give. */
const AREAS: Readonly<Record<Exclude<TeeKind, 'None'>, string>> = {
  Tdx: 'DCAP_',
  Sgx: 'DCAP_',
  SevSnp: 'SNP_',
  Cca: 'CCA_',
  Nitro: 'NITRO_',
  NvidiaGpu: 'NVIDIA_',
}
/** Several times what a verification takes, thousands of gas. */
const VERIFICATION_KGAS = 6_000
/** Milan's root seed can be read out in software; see `TrustTier` in packages/attestation. */
const SNP_TIERS = { Milan: 'Low', Genoa: 'Standard', Turin: 'Standard' } as const satisfies Record<
  string,
  TrustTierName
>

/** Chips of GPUs as their certificates name them. One that is not listed has the kind's tier and no floor. */
const NVIDIA_CHIPS = ['GH100', 'GB100', 'GB20X'] as const
/** First branch whose reports carry the firmware identity, as in `marketplaceNvidiaPolicy`. */
const NVIDIA_MIN_DRIVER = '550'

const tier = (name: TrustTierName) => enumNumber(TRUST_TIERS, name)
const flags = (...names: readonly ClaimFlag[]) =>
  names.reduce((bits, name) => bits | (1 << enumNumber(CLAIM_FLAGS, name)), 0)

/** Custom errors that the policy itself gives: their weight is written in the contract. */
const OF_POLICY: ReadonlySet<string> = new Set(appraisalErrorsAbi.map(({ name }) => name))

/**
 * Selectors of the custom errors whose rows in the table of reason codes say that `invalidate` weighs them so.
 *
 * @param area - Beginning of the codes, `DCAP_`.
 */
export function errorsWeighed(area: string, invalidation: Invalidation): readonly Hex[] {
  return allErrorsAbi
    .filter(({ name }) => {
      const code = codeOfSolidityError(name)
      const known = code.startsWith(area) && !OF_POLICY.has(name) && isReasonCode(code)
      return known && reasonOf(code).invalidation === invalidation
    })
    .map((error) => toFunctionSelector(`${error.name}(${error.inputs.map((input) => input.type).join(',')})`))
}

/** Panic(uint256) and Error(string): a fault of the verifier, which says nothing about the evidence. */
const COMPILER_ERRORS = ['0x4e487b71', '0x08c379a0'] as const satisfies readonly Hex[]

/**
 * First version of a kind's module, with what its errors mean to the registry.
 *
 * @throws {BaseError} `DEPLOY_OPTIONS_INVALID` while a row of the kind's errors does not say: an error in neither list revokes.
 */
export function moduleSetting(kind: Exclude<TeeKind, 'None'>, verifier: Address) {
  const open = allErrorsAbi.find(({ name }) => {
    const code = codeOfSolidityError(name)
    return code.startsWith(AREAS[kind]) && !OF_POLICY.has(name) && isReasonCode(code) && !reasonOf(code).invalidation
  })
  if (open)
    throw new BaseError('DEPLOY_OPTIONS_INVALID', { metaMessages: [`${open.name} has no weight for invalidate`] })
  return {
    kind: enumNumber(TEE_KINDS, kind),
    verifier,
    verificationKgas: VERIFICATION_KGAS,
    inconclusiveErrors: [
      ...errorsWeighed(AREAS[kind], 'inconclusive'),
      ...errorsWeighed('CRYPTO_', 'inconclusive'),
      ...COMPILER_ERRORS,
    ],
    outdatedErrors: errorsWeighed(AREAS[kind], 'outdated'),
  }
}

/**
 * Rules per TEE kind, as `marketplace…Policy` of packages/attestation: no debugging, no migration, no shared key. A product without a
 * rule has the kind's tier; SGX is `Low` unless governance lists the processor (DDR5) by its FMSPC.
 */
export function kindRules(options: PolicyOptions) {
  const rule = (kind: Exclude<TeeKind, 'None'>, defaultTier: TrustTierName, deniedFlags: number) => ({
    kind: enumNumber(TEE_KINDS, kind),
    policy: {
      acceptedTcbStatuses: AREAS[kind] === 'DCAP_' ? Number(options.acceptedTcbStatuses ?? DEFAULT_TCB_STATUSES) : 0,
      minTcbEvaluationNumber: AREAS[kind] === 'DCAP_' ? (options.minTcbEvaluationNumber ?? 0) : 0,
      deniedFlags,
      defaultTier: tier(defaultTier),
      allowListOnly: false,
    },
  })
  return [
    rule('Tdx', 'Standard', flags('DEBUG', 'MIGRATABLE')),
    rule('Sgx', 'Low', flags('DEBUG')),
    rule(
      'SevSnp',
      'None',
      flags('DEBUG', 'MIGRATABLE', 'SHARED_KEY', 'CXL_ALLOWED', 'NO_ALIAS_CHECK', 'LOW_PRIVILEGE'),
    ),
    rule('Cca', 'Standard', flags('DEBUG')),
    rule('Nitro', 'Standard', flags('DEBUG')),
    rule('NvidiaGpu', 'Standard', flags('DEBUG')),
  ]
}

/** Rules per product: AMD's lines for which a minimum TCB is given, NVIDIA's chips with the oldest driver; an NVSwitch is no GPU. */
export function productRules({ snpMinTcb = {} }: PolicyOptions) {
  const rule = (kind: 'SevSnp' | 'NvidiaGpu', product: string, policy: { tier: TrustTierName; minTcb: Hex }) => ({
    kind: enumNumber(TEE_KINDS, kind),
    product: stringToHex(product, { size: 32 }),
    policy: { tier: tier(policy.tier), refused: policy.tier === 'None', allowListOnly: false, minTcb: policy.minTcb },
  })
  const lines = SNP_PRODUCTS.flatMap((product) => {
    const minTcb = snpMinTcb[product]
    return minTcb === undefined ? [] : [rule('SevSnp', product, { tier: SNP_TIERS[product], minTcb })]
  })
  const minTcb = nvidiaTcb({ driverVersion: NVIDIA_MIN_DRIVER })
  const chips = NVIDIA_CHIPS.map((chip) => rule('NvidiaGpu', chip, { tier: 'Standard', minTcb }))
  return [...lines, ...chips, rule('NvidiaGpu', 'LS10', { tier: 'None', minTcb: '0x0000000000000000' })]
}
