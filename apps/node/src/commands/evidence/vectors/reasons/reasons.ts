import { CCA_REASON_RULES, CCA_VECTOR_REASONS } from './cca.ts'
import { DCAP_REASON_RULES, DCAP_VECTOR_REASONS } from './dcap.ts'
import { NITRO_REASON_RULES, NITRO_VECTOR_REASONS } from './nitro.ts'
import { NVIDIA_REASON_RULES, NVIDIA_VECTOR_REASONS } from './nvidia.ts'
import type { ReasonTable } from './rules.ts'
import { SNP_REASON_RULES, SNP_VECTOR_REASONS } from './snp.ts'

const DCAP: ReasonTable = { texts: DCAP_VECTOR_REASONS, rules: DCAP_REASON_RULES }

/** Reviewed reasons by the folder of an entry's id. */
export const REASON_TABLES: Readonly<Record<string, ReasonTable>> = {
  tdx: DCAP,
  sgx: DCAP,
  'sev-snp': { texts: SNP_VECTOR_REASONS, rules: SNP_REASON_RULES },
  cca: { texts: CCA_VECTOR_REASONS, rules: CCA_REASON_RULES },
  nitro: { texts: NITRO_VECTOR_REASONS, rules: NITRO_REASON_RULES },
  'nvidia-gpu': { texts: NVIDIA_VECTOR_REASONS, rules: NVIDIA_REASON_RULES },
}

/** Reasons of a family; none where nobody has reviewed any. */
export function reasonsOf(family: string): ReasonTable {
  return REASON_TABLES[family] ?? { texts: {}, rules: [] }
}
