import { DCAP_CHECKS, DCAP_POLICY_CHECKS } from '../dcap/checks.ts'
import type { CheckTable } from '../result.ts'

/** Every check of TDX evidence, in the order in which it runs. */
export const TDX_CHECKS = [
  ...DCAP_CHECKS,
  ['tcb-levels', 'Platform, TDX module and quoting enclave have a TCB level'],
  ['td-attributes', 'The TD runs without debug mode or reserved attributes'],
  ['service-td', 'No service TD is bound to the TD, or an allowed one'],
  ['tee-tcb-svn', 'The TDX module and loader are not older than required'],
  ...DCAP_POLICY_CHECKS,
] as const satisfies CheckTable<string>

/** Name of a check of TDX evidence. */
export type TdxCheckId = (typeof TDX_CHECKS)[number][0]
