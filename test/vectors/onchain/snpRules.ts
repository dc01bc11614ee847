import { CLAIM_FLAGS, type ClaimFlag, enumNumber, snpProductTag, TEE_KINDS, TRUST_TIERS } from '@spartan/abi'
import type { SnpPolicy, SnpTcb } from '@spartan/attestation/snp'
import { bytesToHex, type Hex } from 'viem'
import { SNP_PRODUCTS, type SnpProduct } from '../../../scripts/deploy/policy.ts'

/** Rules of an EvidenceRouter. */
export interface SnpRules {
  readonly kindRule: { readonly kind: number; readonly policy: KindPolicy }
  readonly productRules: readonly { readonly kind: number; readonly product: Hex; readonly policy: ProductPolicy }[]
}
interface KindPolicy {
  readonly acceptedTcbStatuses: number
  readonly minTcbEvaluationNumber: number
  readonly deniedFlags: number
  readonly defaultTier: number
  readonly allowListOnly: boolean
}
interface ProductPolicy {
  readonly tier: number
  readonly refused: boolean
  readonly allowListOnly: boolean
  readonly minTcb: Hex
}

const KIND = enumNumber(TEE_KINDS, 'SevSnp')
const [NONE, STANDARD] = [enumNumber(TRUST_TIERS, 'None'), enumNumber(TRUST_TIERS, 'Standard')]

/**
 * The rules on-chain that say what the library's policy says. Where a policy takes a VLEK of any cloud provider and has a minimum TCB, no
 * VLEK is let through: a minimum is a rule of a product, and each provider is one.
 *
 * @throws {Error} The policy has something that no rule can say.
 */
export function snpRulesOf(policy: SnpPolicy): SnpRules {
  requireSayable(policy)
  const { vlek, minTcb } = policy
  const anyMinimum = SNP_PRODUCTS.some((line) => minTcb[line] !== 'any')
  const anyProvider = vlek !== 'refuse' && vlek.cspIds === 'any'
  const cspIds = vlek === 'refuse' || vlek.cspIds === 'any' ? [] : vlek.cspIds
  const productRules = policy.products.flatMap((line) => {
    const rule = { tier: STANDARD, refused: false, allowListOnly: false, minTcb: snpTcbBytes(minTcb[line], line) }
    const tags = [snpProductTag(line), ...cspIds.map((cspId) => snpProductTag(line, cspId))]
    return tags.map((product) => ({ kind: KIND, product, policy: rule }))
  })
  const kindPolicy = {
    acceptedTcbStatuses: 0,
    minTcbEvaluationNumber: 0,
    deniedFlags: deniedFlagsOf(policy),
    defaultTier: anyProvider && !anyMinimum ? STANDARD : NONE,
    allowListOnly: policy.allowedPlatformIds !== 'any',
  }
  return { kindRule: { kind: KIND, policy: kindPolicy }, productRules }
}

/** TCB_VERSION in the wire order of the product; zeros for `any`. */
export function snpTcbBytes(tcb: SnpTcb | 'any', product: SnpProduct): Hex {
  if (tcb === 'any') return `0x${'00'.repeat(8)}`
  const { bootLoader, tee, snp, microcode, fmc } = tcb
  const isTurin = product === 'Turin'
  return bytesToHex(
    Uint8Array.from(
      isTurin ? [fmc, bootLoader, tee, snp, 0, 0, 0, microcode] : [bootLoader, tee, 0, 0, 0, 0, snp, microcode],
    ),
  )
}

function deniedFlagsOf(policy: SnpPolicy): number {
  const denied: Readonly<Record<ClaimFlag, boolean>> = {
    DEBUG: policy.debug !== 'accept',
    MIGRATABLE: policy.migrationAgent !== 'accept',
    SHARED_KEY: policy.vlek === 'refuse',
    SMT_ALLOWED: policy.smt !== 'accept',
    NO_ALIAS_CHECK: policy.aliasCheck !== 'any',
    PROVISIONAL_FIRMWARE: policy.provisionalFirmware !== 'accept',
    LAUNCHED_BELOW_TCB: false,
    CXL_ALLOWED: policy.cxl !== 'accept',
    PAGE_SWAP_ALLOWED: policy.pageSwap !== 'accept',
    MULTI_SOCKET: policy.singleSocket !== 'any',
    NO_AES_256_XTS: policy.aes256Xts !== 'any',
    RAPL_ON: policy.rapl !== 'accept',
    CIPHERTEXT_VISIBLE: policy.ciphertextHiding !== 'any',
    LOW_PRIVILEGE: policy.maxVmpl === 0,
  }
  return CLAIM_FLAGS.reduce((bits, name, index) => bits | (denied[name] ? 1 << index : 0), 0)
}

function requireSayable(policy: SnpPolicy): void {
  const unsaid = {
    products: policy.products.length < SNP_PRODUCTS.length,
    maxVmpl: policy.maxVmpl !== 0 && policy.maxVmpl !== 3,
    minLaunchTcb: SNP_PRODUCTS.some((line) => policy.minLaunchTcb[line] !== 'any'),
    minFirmware: SNP_PRODUCTS.some((line) => policy.minFirmware[line] !== 'any'),
    mitigations: policy.mitigations !== '00',
    maxEndorsementAgeSeconds: policy.maxEndorsementAgeSeconds !== 'any',
    minAbi: policy.minAbi !== 'any',
    platforms: policy.allowedPlatformIds !== 'any' || policy.deniedPlatformIds.length > 0,
    measurements: policy.measurements !== 'any',
    reportData: policy.reportData !== 'any',
  }
  const names = Object.entries(unsaid).flatMap(([name, isUnsaid]) => (isUnsaid ? [name] : []))
  if (names.length > 0) throw new Error(`no rule on-chain says ${names.join(', ')}`)
}
