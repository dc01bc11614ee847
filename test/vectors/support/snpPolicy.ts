import { ANY_SNP_PRODUCT, type SnpPolicy, type SnpTcb, vectorsSnpPolicy } from '@spartan/attestation/snp'
import type { SnpVector } from './snpVectors.ts'

/** The `vectors` preset with what the entry's own policy replaces. Throws at a key that it does not know. */
export function snpPolicyOf(vector: SnpVector): SnpPolicy {
  const {
    allow_debug: allowDebug,
    allow_migrate_ma: allowMigration,
    allow_vlek: allowVlek,
    csp_ids: cspIds,
    max_vmpl: maxVmpl,
    min_tcb: minTcb,
    require_alias_check: requireAliasCheck,
    // A CRL that is given is always checked; no entry asks for one and lacks it.
    require_fresh_crl: _requireFreshCrl,
    ...unknown
  } = vector.expected.policy ?? {}
  refuseUnknown(unknown)
  return {
    ...vectorsSnpPolicy({ measurements: 'any', reportData: 'any', minTcb: ANY_SNP_PRODUCT, vtpm: 'any' }),
    dangerouslySkip: vector.endorsements.crl ? [] : ['crl'],
    ...(allowDebug === true && { debug: 'accept' as const }),
    ...(allowMigration === false && { migrationAgent: 'refuse' as const }),
    ...(allowVlek === false && { vlek: 'refuse' as const }),
    ...(Array.isArray(cspIds) && { vlek: { cspIds: cspIds as readonly string[] } }),
    ...(typeof maxVmpl === 'number' && { maxVmpl }),
    ...(requireAliasCheck === true && { aliasCheck: 'require' as const }),
    ...(minTcb !== undefined && { minTcb: perProduct(minTcb as Readonly<Record<string, number>>) }),
  }
}

function perProduct(minimum: Readonly<Record<string, number>>): SnpPolicy['minTcb'] {
  const { bl = 0, tee = 0, snp = 0, ucode = 0, fmc = 0, ...unknown } = minimum
  refuseUnknown(unknown)
  const tcb: SnpTcb = { bootLoader: bl, tee, snp, microcode: ucode, fmc }
  return { Milan: tcb, Genoa: tcb, Turin: tcb }
}

function refuseUnknown(keys: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(keys)
  if (names.length > 0) throw new Error(`policy keys without a meaning here: ${names.join(', ')}`)
}
