/** The `vectors` preset of Intel's TEEs with what an entry's own `policy` replaces (README of the vectors). */
import {
  type DcapEndorsements,
  type DcapPolicy,
  type DcapSkippable,
  type SgxPolicy,
  type TcbStatus,
  type TdxPolicy,
  type TdxReference,
  vectorsSgxPolicy,
  vectorsTdxPolicy,
} from '@spartan/attestation'

/** `policy` of a manifest entry, as far as SGX and TDX need it. A key without a meaning here is an error. */
export interface VectorPolicy {
  readonly accepted_tcb_statuses?: readonly TcbStatus[]
  readonly min_tcb_evaluation_data_number?: number
  readonly min_tee_tcb_svn?: string
  readonly tcb_evaluation?: 'skip'
  readonly require_sept_ve_disable?: boolean
  /** CRLs are never accepted outside of their window, whatever stands here. */
  readonly require_fresh_crl?: boolean
  readonly allow_debug?: boolean
  readonly allow_service_td?: boolean
  readonly expected?: Readonly<Record<string, string>> & { readonly mr_seam_any_of?: readonly string[] }
}

const KEYS = new Set([
  'accepted_tcb_statuses',
  'min_tcb_evaluation_data_number',
  'min_tee_tcb_svn',
  'tcb_evaluation',
  'require_sept_ve_disable',
  'require_fresh_crl',
  'allow_debug',
  'allow_service_td',
  'expected',
])

/** Key of `expected` → field of a TD reference. */
const TD_FIELDS: Readonly<Record<string, keyof TdxReference>> = {
  mrtd: 'mrTd',
  rtmr0: 'rtmr0',
  rtmr1: 'rtmr1',
  rtmr2: 'rtmr2',
  rtmr3: 'rtmr3',
  mr_config_id: 'mrConfigId',
  mr_owner: 'mrOwner',
  mr_owner_config: 'mrOwnerConfig',
  td_attributes: 'tdAttributes',
  xfam: 'xfam',
  mr_signer_seam: 'mrSignerSeam',
  seam_attributes: 'seamAttributes',
}
const ANY_TD: TdxReference = {
  mrSeam: 'any',
  mrSignerSeam: 'any',
  seamAttributes: 'any',
  mrTd: 'any',
  mrConfigId: 'any',
  mrOwner: 'any',
  mrOwnerConfig: 'any',
  rtmr0: 'any',
  rtmr1: 'any',
  rtmr2: 'any',
  rtmr3: 'any',
  tdAttributes: 'any',
  xfam: 'any',
}

/** The checks whose endorsement an entry does not carry: named one by one, never implied. */
export function missingEndorsements(endorsements: Partial<DcapEndorsements>): readonly DcapSkippable[] {
  return [
    ...(endorsements.rootCaCrl ? [] : (['root-crl'] as const)),
    ...(endorsements.pckCrl ? [] : (['pck-crl'] as const)),
    ...(endorsements.tcbInfo ? [] : (['tcb-info'] as const)),
    ...(endorsements.qeIdentity ? [] : (['qe-identity'] as const)),
  ]
}

/** Policy of a TDX entry. */
export function tdxPolicyOf(policy: VectorPolicy, missing: readonly DcapSkippable[]): TdxPolicy {
  const measurements = tdMeasurements(policy.expected ?? {})
  return {
    ...vectorsTdxPolicy({ measurements, reportData: 'any' }),
    ...commonOf(policy, missing),
    ...(policy.require_sept_ve_disable === true && { septVeDisable: 'require' as const }),
    ...(policy.allow_service_td === false && { serviceTd: 'refuse' as const }),
    ...(policy.min_tee_tcb_svn !== undefined && { minTeeTcbSvn: policy.min_tee_tcb_svn }),
  }
}

/** Policy of an SGX entry. */
export function sgxPolicyOf(policy: VectorPolicy, missing: readonly DcapSkippable[]): SgxPolicy {
  return { ...vectorsSgxPolicy({ measurements: 'any', reportData: 'any' }), ...commonOf(policy, missing) }
}

function commonOf(policy: VectorPolicy, missing: readonly DcapSkippable[]): Partial<DcapPolicy> {
  const unknown = Object.keys(policy).filter((key) => !KEYS.has(key))
  if (unknown.length > 0) throw new Error(`policy keys without a meaning here: ${unknown.join(', ')}`)
  const { expected = {} } = policy
  const floor = policy.min_tcb_evaluation_data_number
  return {
    dangerouslySkip: [...missing, ...(policy.tcb_evaluation === 'skip' ? (['tcb-evaluation'] as const) : [])],
    ...(policy.accepted_tcb_statuses && { acceptedTcbStatuses: policy.accepted_tcb_statuses }),
    ...(floor !== undefined && { minTcbEvaluationNumber: floor }),
    ...(policy.allow_debug === true && { debug: 'accept' as const }),
    ...(expected.fmspc && { allowedFmspcs: [expected.fmspc] }),
    ...(expected.qe_vendor_id && { allowedQeVendorIds: [expected.qe_vendor_id] }),
    ...(expected.report_data && { reportData: { expected: expected.report_data } }),
  }
}

/** One reference for each MRSEAM that is accepted; `any` where nothing of the TD is expected. */
function tdMeasurements(expected: NonNullable<VectorPolicy['expected']>): TdxPolicy['measurements'] {
  const { mr_seam_any_of: seams = ['any'], ...values } = expected
  const fields = Object.entries(values).flatMap(([key, value]) => {
    const field = TD_FIELDS[key]
    return field ? [[field, value] as const] : []
  })
  if (fields.length === 0 && seams[0] === 'any') return 'any'
  const reference = { ...ANY_TD, ...Object.fromEntries(fields) }
  return { references: seams.map((mrSeam) => ({ ...reference, mrSeam })) }
}
