import { marketplaceCcaPolicy, strictCcaPolicy, vectorsCcaPolicy } from '../cca/index.ts'
import { marketplaceNitroPolicy, strictNitroPolicy, vectorsNitroPolicy } from '../nitro/index.ts'
import { marketplaceNvidiaPolicy, strictNvidiaPolicy, vectorsNvidiaPolicy } from '../nvidia/index.ts'
import { marketplaceSgxPolicy, strictSgxPolicy, vectorsSgxPolicy } from '../sgx/index.ts'
import { ANY_SNP_PRODUCT, marketplaceSnpPolicy, strictSnpPolicy, vectorsSnpPolicy } from '../snp/index.ts'
import { marketplaceTdxPolicy, strictTdxPolicy, vectorsTdxPolicy } from '../tdx/index.ts'
import type { EvidencePolicy } from './policy.ts'

/** Names of the presets. */
export const POLICY_PRESETS = ['strict', 'marketplace', 'vectors'] as const

/** Name of a preset. */
export type PolicyPreset = (typeof POLICY_PRESETS)[number]

const DCAP = { measurements: 'any', reportData: 'any' } as const
const SNP = { measurements: 'any', reportData: 'any', minTcb: ANY_SNP_PRODUCT, vtpm: 'any' } as const
const CCA = { platforms: 'any', realms: 'any', personalizationValue: 'any', challenge: 'any' } as const
const NVIDIA = { nonce: 'any' } as const
const NITRO = { pcrs: 'any', publicKey: 'any', userData: 'any', nonce: 'any' } as const

/**
 * The presets of every TEE in one document. `strict`: nothing known to be broken, endorsements of the day. `marketplace`: what the
 * marketplace asks of providers. `vectors`: what published test vectors are judged by, not for production.
 *
 * What only the relying party knows is left open: measurements, what was bound, devices. A preset alone proves a genuine platform,
 * not a workload; name the rest by {@link withExpected} or in a document of your own. Two presets cannot accept before that:
 * `strict` and `marketplace` want the minimum TCB of SEV-SNP, which AMD does not publish, and `strict` wants NVIDIA devices by name.
 */
export function presetPolicy(preset: PolicyPreset): EvidencePolicy {
  const format = 'spartan-evidence-policy/1'
  switch (preset) {
    case 'strict':
      return {
        format,
        tdx: strictTdxPolicy(DCAP),
        sgx: strictSgxPolicy(DCAP),
        snp: strictSnpPolicy(SNP),
        cca: strictCcaPolicy(CCA),
        nvidia: strictNvidiaPolicy({ ...NVIDIA, allowedPlatformIds: [] }),
        nitro: strictNitroPolicy(NITRO),
      }
    case 'marketplace':
      return {
        format,
        tdx: marketplaceTdxPolicy(DCAP),
        sgx: marketplaceSgxPolicy(DCAP),
        snp: marketplaceSnpPolicy(SNP),
        cca: marketplaceCcaPolicy(CCA),
        nvidia: marketplaceNvidiaPolicy(NVIDIA),
        nitro: marketplaceNitroPolicy(NITRO),
      }
    case 'vectors':
      return {
        format,
        tdx: vectorsTdxPolicy(DCAP),
        sgx: vectorsSgxPolicy(DCAP),
        snp: vectorsSnpPolicy(SNP),
        cca: vectorsCcaPolicy(CCA),
        nvidia: vectorsNvidiaPolicy(NVIDIA),
        nitro: vectorsNitroPolicy(NITRO),
      }
  }
}
