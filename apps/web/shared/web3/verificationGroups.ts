import type { Check } from '../ui/CheckList.tsx'

/** Steps that answer one question together. */
export interface CheckGroup {
  readonly title: string
  readonly checks: readonly Check[]
}

/** What the SDK compares with the registry (`PROVIDER_CHECKS`). */
const PROVIDER_GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['The keys are the registered ones', ['registered', 'keyset', 'keyset-valid', 'encryption-key']],
  ['The evidence is fresh and bound to them', ['challenge', 'evidence', 'simulated', 'binding']],
  ['It runs what was registered', ['measurement', 'workload', 'platform']],
]

/** What the verifier reads in the evidence itself (`CHECKS` of the attestation package). */
const EVIDENCE_GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['Certificates and revocations', ['root', 'root-crl', 'pck-ca', 'pck-crl', 'pck', 'tcb-signer']],
  ['Vendor’s endorsements', ['tcb-info', 'qe-identity', 'tcb-evaluation-number', 'endorsement-age']],
  ['Signatures, down to the quote', ['quote-format', 'qe-report', 'attestation-key', 'quote-signature', 'qe-match']],
  [
    'State of platform and workload',
    ['tcb-levels', 'td-attributes', 'tcb-status', 'platform', 'measurement', 'report-data'],
  ],
]

function split(table: typeof PROVIDER_GROUPS, checks: readonly Check[], rest: string): CheckGroup[] {
  const groups = table.map(([title, ids]) => ({ title, checks: checks.filter(({ id }) => ids.includes(id)) }))
  const named = new Set(table.flatMap(([, ids]) => ids))
  // A step that this table does not know yet is shown all the same.
  const others = checks.filter(({ id }) => !named.has(id))
  return [...groups, { title: rest, checks: others }].filter((group) => group.checks.length > 0)
}

/** Sorts every step of a verification into groups; none is left out. */
export function groupChecks(checks: readonly Check[], evidenceChecks: readonly Check[]): readonly CheckGroup[] {
  return [
    ...split(PROVIDER_GROUPS, checks, 'Other steps'),
    ...split(EVIDENCE_GROUPS, evidenceChecks, 'Other steps inside the evidence'),
  ]
}
