import { CCA_REASON_RULES } from './cca.ts'
import { DCAP_REASON_RULES } from './dcap.ts'
import { NITRO_REASON_RULES } from './nitro.ts'
import { NVIDIA_REASON_RULES } from './nvidia.ts'
import type { ReasonRule } from './rules.ts'
import { SNP_REASON_RULES } from './snp.ts'

/** Reviewed rules by the folder of an entry's id. */
const RULES: Readonly<Record<string, readonly ReasonRule[]>> = {
  tdx: DCAP_REASON_RULES,
  sgx: DCAP_REASON_RULES,
  cca: CCA_REASON_RULES,
  nitro: NITRO_REASON_RULES,
  'nvidia-gpu': NVIDIA_REASON_RULES,
  'sev-snp': SNP_REASON_RULES,
}

/** Rules of a family; none where nobody has reviewed any. */
export function rulesOf(family: string): readonly ReasonRule[] {
  return RULES[family] ?? []
}
