import { ccaAdapter } from './cca.ts'
import { sgxAdapter, tdxAdapter } from './dcap.ts'
import { nitroAdapter } from './nitro.ts'
import { nvidiaAdapter } from './nvidia.ts'
import { snpAdapter } from './snp.ts'
import type { OnchainAdapter } from './types.ts'

/** Every family of published evidence that contracts judge. */
export const ADAPTERS: readonly OnchainAdapter[] = [
  tdxAdapter,
  sgxAdapter,
  ccaAdapter,
  nitroAdapter,
  nvidiaAdapter,
  snpAdapter,
]
