import { MalformedEvidenceError } from '../errors.ts'
import { ANY_SNP_PRODUCT, type SnpPolicy, type SnpTcb } from '../snp/index.ts'
import type { EvidenceKind } from './kinds.ts'
import type { PolicyOf } from './policy.ts'

/** Minimum TCB of SEV-SNP for every product, or none. */
export type SnpTcbMinimum = SnpTcb | 'any'

/** What a relying party expects beside a policy; what is undefined stays as the policy says. */
export interface ExpectedEvidence {
  /**
   * What the attester bound, hex: REPORTDATA of TDX, SGX and SNP and the realm challenge of CCA (64 bytes), user data of Nitro.
   */
  readonly reportData?: string | undefined
  /** Hex: nonce of NVIDIA (32 bytes) and of Nitro. */
  readonly nonce?: string | undefined
  /** Measurements in hex by their name in the policy of the kind; those that are not named may be any. */
  readonly measurements?: Readonly<Record<string, string>> | undefined
  /** Platforms that are allowed, as the policy of the kind writes them. */
  readonly platformIds?: readonly string[] | undefined
  /** Minimum TCB of SEV-SNP for every product; `any` accepts reports whose status nobody can tell. */
  readonly snpMinTcb?: SnpTcbMinimum | undefined
}

/** A policy of any kind as a plain object. */
type Document = Readonly<Record<string, unknown>>

/** Where each kind has its values. Undefined: the kind has no such value. */
interface Places {
  readonly reportData: string | undefined
  readonly nonce: string | undefined
  readonly measurements: ((named: Readonly<Record<string, string>>) => Document) | undefined
  readonly platformIds: boolean
}

const TD_FIELDS = [
  'mrSeam',
  'mrSignerSeam',
  'seamAttributes',
  'mrTd',
  'mrConfigId',
  'mrOwner',
  'mrOwnerConfig',
] as const
const RTMR_FIELDS = ['rtmr0', 'rtmr1', 'rtmr2', 'rtmr3', 'tdAttributes', 'xfam'] as const
const SGX_FIELDS = [
  'mrEnclave',
  'mrSigner',
  'configId',
  'isvFamilyId',
  'isvExtProdId',
  'attributes',
  'miscSelect',
] as const
const SNP_FIELDS = ['measurement', 'hostData', 'idKeyDigest', 'authorKeyDigest', 'familyId', 'imageId'] as const
const REALM_FIELDS = ['rim', 'rem0', 'rem1', 'rem2', 'rem3'] as const
const NITRO_FIELDS = ['pcr0', 'pcr1', 'pcr2', 'pcr3', 'pcr4', 'pcr8'] as const

const PLACES: Readonly<Record<EvidenceKind, Places>> = {
  tdx: {
    reportData: 'reportData',
    nonce: undefined,
    measurements: (named) => ({ measurements: { references: [pick([...TD_FIELDS, ...RTMR_FIELDS], named)] } }),
    platformIds: true,
  },
  sgx: {
    reportData: 'reportData',
    nonce: undefined,
    measurements: (named) => ({
      measurements: { references: [{ ...pick(SGX_FIELDS, named), isvProdId: 'any', minIsvSvn: 0, minConfigSvn: 0 }] },
    }),
    platformIds: true,
  },
  snp: {
    reportData: 'reportData',
    nonce: undefined,
    measurements: (named) => ({ measurements: { references: [pick(SNP_FIELDS, named)] } }),
    platformIds: true,
  },
  cca: {
    reportData: 'challenge',
    nonce: undefined,
    measurements: (named) => {
      const { rim, rem0, rem1, rem2, rem3 } = pick(REALM_FIELDS, named)
      return { realms: [{ initialMeasurement: rim, extensibleMeasurements: [rem0, rem1, rem2, rem3] }] }
    },
    platformIds: true,
  },
  nvidia: { reportData: undefined, nonce: 'nonce', measurements: undefined, platformIds: true },
  nitro: {
    reportData: 'userData',
    nonce: 'nonce',
    measurements: (named) => ({ pcrs: [{ ...pick(NITRO_FIELDS, named), others: {} }] }),
    platformIds: false,
  },
}

/** Every field, `any` where it is not named. */
function pick<const F extends string>(
  fields: readonly F[],
  named: Readonly<Record<string, string>>,
): Record<F, string> {
  const unknown = Object.keys(named).find((name) => !fields.some((field) => field === name))
  if (unknown !== undefined) fail(`a measurement named ${fields.join(', ')}`, unknown)
  return Object.fromEntries(fields.map((field) => [field, named[field] ?? 'any'])) as Record<F, string>
}

function fail(expected: string, got: string): never {
  throw new MalformedEvidenceError('EVIDENCE_EXPECTATION_UNKNOWN', { offset: 0, expected, got })
}

/**
 * Puts what is expected into the policy of one kind.
 *
 * @throws {MalformedEvidenceError} EVIDENCE_EXPECTATION_UNKNOWN when the kind has no such value.
 */
export function withExpected<K extends EvidenceKind>(
  kind: K,
  policy: PolicyOf[K],
  expected: ExpectedEvidence,
): PolicyOf[K] {
  const places = PLACES[kind]
  const { reportData, nonce, measurements, platformIds, snpMinTcb } = expected
  const value = (name: 'reportData' | 'nonce', wanted: string | undefined): Document => {
    const place = places[name]
    if (wanted === undefined) return {}
    return place === undefined ? fail(`no ${name} for ${kind}`, wanted) : { [place]: { expected: wanted } }
  }
  if (measurements && !places.measurements) fail(`no measurements for ${kind}`, Object.keys(measurements).join(', '))
  if (platformIds && !places.platformIds) fail(`no platform ids for ${kind}`, platformIds.join(', '))
  if (snpMinTcb !== undefined && kind !== 'snp') fail(`no minimum TCB for ${kind}`, 'one')
  const changed: Document = {
    ...policy,
    ...value('reportData', reportData),
    ...value('nonce', nonce),
    ...(measurements && places.measurements?.(measurements)),
    ...(platformIds && { allowedPlatformIds: platformIds }),
    ...(snpMinTcb !== undefined && minTcbFields(snpMinTcb, policy as SnpPolicy)),
  }
  return changed as unknown as PolicyOf[K]
}

function minTcbFields(minimum: SnpTcbMinimum, policy: SnpPolicy): Document {
  if (minimum !== 'any') return { minTcb: { Milan: minimum, Genoa: minimum, Turin: minimum } }
  const { acceptedTcbStatuses } = policy
  return { minTcb: ANY_SNP_PRODUCT, acceptedTcbStatuses: [...new Set([...acceptedTcbStatuses, 'Unknown'])] }
}
