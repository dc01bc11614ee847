import {
  AMD_ROOTS,
  ANY_SNP_PRODUCT,
  type SnpEndorsements,
  type SnpPolicy,
  type SnpReference,
  type SnpTcb,
  type SnpTrustAnchor,
  vectorsSnpPolicy,
  verifySnpEvidence,
} from '@spartan/attestation'
import { certificatesOf, fileLike, requiredFile, requiredTime } from '../files.ts'
import { type Adapter, judgementOf } from '../judgement.ts'
import type { VectorEntry } from '../manifest.ts'
import { type PolicyKeys, policyKeysOf } from '../policyKeys.ts'

/** SEV-SNP reports. Where an entry has Azure's wrapping as well, both have to hold; quotes of the vTPM are not evidence of SNP. */
export const snpAdapter: Adapter = {
  endorsementChecks: ['crl'],
  judge: async (entry, without) => {
    const { crl, ...rest } = endorsementsOf(entry)
    const endorsements: Partial<SnpEndorsements> = crl && !without.includes('crl') ? { ...rest, crl } : rest
    // An entry that demands a fresh CRL is not to be judged without one, unless its check is taken away for a second look.
    const skips = !endorsements.crl && (without.includes('crl') || !policyKeysOf(entry).flag('require_fresh_crl'))
    const skipped: SnpPolicy['dangerouslySkip'] = skips ? ['crl'] : []
    const common = {
      endorsements,
      trustAnchors: anchorsOf(entry),
      at: requiredTime(entry),
      policy: { ...policyOf(entry), dangerouslySkip: skipped },
    }
    const wrapped = entry.file('hcl_report.bin')
    const outer = wrapped && (await verifySnpEvidence({ ...common, evidence: wrapped }))
    if (outer?.verdict === 'refused') return judgementOf(outer, skipped)
    return judgementOf(await verifySnpEvidence({ ...common, evidence: requiredFile(entry, 'report.bin') }), skipped)
  },
}

function policyOf(entry: VectorEntry): SnpPolicy {
  const keys = policyKeysOf(entry)
  const cspIds = keys.texts('csp_ids')
  const maxVmpl = keys.number('max_vmpl')
  const flags = {
    debug: keys.flag('allow_debug'),
    migration: keys.flag('allow_migrate_ma'),
    vlek: keys.flag('allow_vlek'),
    aliasCheck: keys.flag('require_alias_check'),
  }
  // A CRL that is given is always checked; the adapter does not skip it where this key asks for one.
  keys.flag('require_fresh_crl')
  const { minTcb, measurements, reportData } = expectedOf(keys)
  keys.done()
  return {
    ...vectorsSnpPolicy({ measurements, reportData, minTcb, vtpm: 'any' }),
    ...(flags.debug === true && { debug: 'accept' as const }),
    ...(flags.migration === false && { migrationAgent: 'refuse' as const }),
    ...(cspIds && { vlek: { cspIds } }),
    ...(flags.vlek === false && { vlek: 'refuse' as const }),
    ...(maxVmpl !== undefined && { maxVmpl }),
    ...(flags.aliasCheck === true && { aliasCheck: 'require' as const }),
  }
}

function expectedOf(keys: PolicyKeys): Pick<SnpPolicy, 'measurements' | 'reportData' | 'minTcb'> {
  const expected = keys.inner('expected')
  const reference: SnpReference = {
    measurement: expected.text('measurement') ?? 'any',
    hostData: expected.text('host_data') ?? 'any',
    idKeyDigest: expected.text('id_key_digest') ?? 'any',
    authorKeyDigest: expected.text('author_key_digest') ?? 'any',
    familyId: 'any',
    imageId: 'any',
  }
  const reportData = expected.text('report_data')
  return {
    measurements: { references: [reference] },
    reportData: reportData === undefined ? 'any' : { expected: reportData },
    minTcb: minTcbOf(keys),
  }
}

function minTcbOf(keys: PolicyKeys): SnpPolicy['minTcb'] {
  const minimum = keys.inner('min_tcb')
  const parts = ['bl', 'tee', 'snp', 'ucode', 'fmc'].map((name) => minimum.number(name))
  if (parts.every((part) => part === undefined)) return ANY_SNP_PRODUCT
  const [bootLoader = 0, tee = 0, snp = 0, microcode = 0, fmc = 0] = parts
  const tcb: SnpTcb = { bootLoader, tee, snp, microcode, fmc }
  return { Milan: tcb, Genoa: tcb, Turin: tcb }
}

function endorsementsOf(entry: VectorEntry): Partial<SnpEndorsements> {
  const certificate = (pattern: RegExp) => certificatesOf(fileLike(entry, pattern))[0]
  const [vek, intermediate] = [certificate(/^v[cl]ek\./), certificate(/(^|_)asv?k\./)]
  const [root, crl] = [certificate(/(^|_)ark\./), entry.file('crl.der')]
  return { ...(vek && { vek }), ...(intermediate && { intermediate }), ...(root && { root }), ...(crl && { crl }) }
}

/** AMD's own roots, unless the entry brings the root of a test PKI. */
function anchorsOf(entry: VectorEntry): readonly SnpTrustAnchor[] {
  const [certificate] = certificatesOf(entry.file('trusted_root.pem'))
  return certificate ? [{ certificate, simulated: true }] : AMD_ROOTS
}
