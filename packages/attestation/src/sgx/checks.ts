import { DCAP_CHECKS, DCAP_POLICY_CHECKS } from '../dcap/checks.ts'
import type { CheckTable } from '../result.ts'

/** Every check of SGX evidence, in the order in which it runs. */
export const SGX_CHECKS = [
  ...DCAP_CHECKS,
  ['tcb-levels', 'Platform and quoting enclave have a TCB level'],
  ['enclave-attributes', 'The enclave runs without debug mode'],
  ...DCAP_POLICY_CHECKS,
] as const satisfies CheckTable<string>

/** Name of a check of SGX evidence. */
export type SgxCheckId = (typeof SGX_CHECKS)[number][0]
