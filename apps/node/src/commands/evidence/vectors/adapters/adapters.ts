import { CannotCheckError } from '../../../../errors.ts'
import type { Adapter } from '../judgement.ts'
import type { VectorEntry } from '../manifest.ts'
import { ccaAdapter, ccaClaimsAdapter } from './cca.ts'
import { sgxAdapter, tdxAdapter } from './dcap.ts'
import { nitroAdapter, nitroChainAdapter } from './nitro.ts'
import { nvidiaAdapter, rimAdapter } from './nvidia.ts'
import { rootsAdapter } from './roots.ts'
import { snpAdapter } from './snp.ts'

interface Row {
  readonly family: RegExp
  readonly name: RegExp
  readonly adapter: Adapter
}

/** Who judges what, by the folder and the beginning of the name; the first row that fits. Source: README of the vectors. */
const ADAPTERS: readonly Row[] = [
  { family: /^/, name: /^_roots$/, adapter: rootsAdapter },
  { family: /^cca$/, name: /^claims-/, adapter: ccaClaimsAdapter },
  { family: /^cca$/, name: /^/, adapter: ccaAdapter },
  { family: /^nitro$/, name: /^certs-/, adapter: nitroChainAdapter },
  { family: /^nitro$/, name: /^/, adapter: nitroAdapter },
  { family: /^nvidia/, name: /^(neg-)?rim-/, adapter: rimAdapter },
  { family: /^nvidia/, name: /^/, adapter: nvidiaAdapter },
  { family: /^sev-snp$/, name: /^/, adapter: snpAdapter },
  { family: /^sgx$/, name: /^/, adapter: sgxAdapter },
  { family: /^tdx$/, name: /^/, adapter: tdxAdapter },
]

/**
 * Who judges an entry.
 *
 * @throws {CannotCheckError} EVIDENCE_KIND_UNSUPPORTED.
 */
export function adapterOf({ family, name }: VectorEntry): Adapter {
  const row = ADAPTERS.find((candidate) => candidate.family.test(family) && candidate.name.test(name))
  if (row) return row.adapter
  throw new CannotCheckError('EVIDENCE_KIND_UNSUPPORTED', { metaMessages: [`${family}/${name}`] })
}
