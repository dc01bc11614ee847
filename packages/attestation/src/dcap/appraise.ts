import type { ReasonCode } from '@spartan/errors'
import { PolicyRefusedError } from '../errors.ts'
import { toHex } from '../internal/bytes.ts'
import { includesHex, sameHex } from '../internal/hexText.ts'
import type { CommonClaims, TrustTier } from '../result.ts'
import type { DcapTrail } from './checks.ts'
import type { DcapEndorsementCheck } from './collateral.ts'
import type { DcapPolicy } from './policy.ts'
import { processorOf } from './product.ts'
import type { DcapTee } from './tcbInfo.ts'
import type { DcapVerification } from './verify.ts'

const refuse = (code: ReasonCode, ...metaMessages: string[]) => new PolicyRefusedError(code, { metaMessages })

const MISSING: Readonly<Record<DcapEndorsementCheck, ReasonCode>> = {
  'root-crl': 'DCAP_ROOT_CRL_MISSING',
  'pck-crl': 'DCAP_PCK_CRL_MISSING',
  'tcb-info': 'DCAP_TCB_INFO_MISSING',
  'qe-identity': 'DCAP_QE_IDENTITY_MISSING',
}

/** A quote can have been verified for a policy that skips more, or has a lower floor: refuses what this one does not let out. */
async function expectVerifiedFor(verified: DcapVerification, policy: DcapPolicy, trail: DcapTrail): Promise<void> {
  const { collateral, tcb, tcbEvaluationNumber } = verified
  const refuseAt = (id: Parameters<DcapTrail['run']>[0], code: ReasonCode, ...lines: readonly string[]) =>
    trail.run(id, () => Promise.reject(refuse(code, ...lines)), noValues)
  const open = collateral.missing.find((id) => !policy.dangerouslySkip.includes(id))
  if (open) await refuseAt(open, MISSING[open])
  const documents = collateral.tcbInfo ?? collateral.qeIdentity
  if (documents && !(tcbEvaluationNumber >= policy.minTcbEvaluationNumber)) {
    const lines = `required ${policy.minTcbEvaluationNumber}, got ${tcbEvaluationNumber}`
    await refuseAt('tcb-evaluation-number', 'DCAP_TCB_EVALUATION_NUMBER_TOO_LOW', lines)
  }
  if (collateral.tcbInfo && !tcb && !policy.dangerouslySkip.includes('tcb-evaluation')) {
    await refuseAt('tcb-status', 'DCAP_TCB_STATUS_NOT_ACCEPTED', 'status was not evaluated')
  }
}

const noValues = () => ({})

/** Checks the converged TCB status and its advisories. */
export async function checkTcbStatus(verified: DcapVerification, policy: DcapPolicy, trail: DcapTrail): Promise<void> {
  const { tcb } = verified
  await expectVerifiedFor(verified, policy, trail)
  if (!tcb) {
    trail.skip('tcb-status', 'not evaluated')
    return
  }
  await trail.run(
    'tcb-status',
    () => {
      if (tcb.status === 'Revoked') throw refuse('DCAP_TCB_REVOKED')
      if (!policy.acceptedTcbStatuses.includes(tcb.status)) {
        throw refuse('DCAP_TCB_STATUS_NOT_ACCEPTED', `status ${tcb.status}`, `advisories ${tcb.advisoryIds.join(' ')}`)
      }
      const accepted = policy.acceptedAdvisoryIds
      const open = accepted === 'any' ? [] : tcb.advisoryIds.filter((advisory) => !accepted.includes(advisory))
      if (open.length > 0) throw refuse('DCAP_ADVISORY_NOT_ACCEPTED', `advisories ${open.join(' ')}`)
    },
    () => ({ status: tcb.status, advisories: tcb.advisoryIds.join(' ') }),
  )
}

/** Checks the age of the oldest endorsement. */
export async function checkEndorsementAge(
  verified: DcapVerification,
  policy: DcapPolicy,
  trail: DcapTrail,
): Promise<void> {
  const max = policy.maxEndorsementAgeSeconds
  const age = ageOf(verified)
  if (max === 'any' || age === undefined) {
    const because = max === 'any' ? 'the policy accepts any age within validity' : 'no endorsement that is renewed'
    trail.skip('endorsement-age', because)
    return
  }
  await trail.run(
    'endorsement-age',
    () => {
      if (!(age <= max)) throw refuse('DCAP_ENDORSEMENTS_TOO_OLD', `${age} seconds, at most ${max}`)
    },
    () => ({ ageSeconds: `${age}`, atMostSeconds: `${max}` }),
  )
}

/** Checks who the platform is: QE vendor, family, product, PPID. */
export async function checkPlatform(
  { collateral: { platform }, quote }: DcapVerification,
  tee: DcapTee,
  policy: DcapPolicy,
  trail: DcapTrail,
): Promise<void> {
  const { ppid, fmspc } = platform
  const vendor = quote.header.qeVendorId
  const among = (list: readonly string[] | 'any', id: Uint8Array) => list === 'any' || includesHex(list, toHex(id))
  await trail.run(
    'platform',
    () => {
      if (!among(policy.allowedQeVendorIds, vendor))
        throw refuse('DCAP_QE_VENDOR_NOT_ACCEPTED', `vendor ${toHex(vendor)}`)
      if (!among(policy.allowedFmspcs, fmspc)) throw refuse('DCAP_FMSPC_NOT_ACCEPTED', `FMSPC ${toHex(fmspc)}`)
      if (policy.lowTrustProducts !== 'accept' && tierOf(tee, fmspc) === 'low') {
        throw refuse('DCAP_PRODUCT_NOT_ACCEPTED', `${productOf(tee, fmspc)}: trust tier low`)
      }
      if (!among(policy.allowedPlatformIds, ppid) || includesHex(policy.deniedPlatformIds, toHex(ppid))) {
        throw refuse('DCAP_PLATFORM_NOT_ACCEPTED', `PPID ${toHex(ppid)}`)
      }
    },
    () => ({
      ppid: toHex(ppid),
      fmspc: toHex(fmspc),
      product: productOf(tee, fmspc),
      qeVendorId: toHex(vendor),
    }),
  )
}

/** Checks REPORTDATA, whole: a prefix is not the value. */
export async function checkReportData(reportData: Uint8Array, policy: DcapPolicy, trail: DcapTrail): Promise<void> {
  const { reportData: wanted } = policy
  if (wanted === 'any') {
    trail.skip('report-data', 'the policy accepts any REPORTDATA')
    return
  }
  await trail.run(
    'report-data',
    () => {
      const got = toHex(reportData)
      if (!sameHex(wanted.expected, got)) {
        throw refuse('DCAP_REPORT_DATA_MISMATCH', `expected ${wanted.expected}`, `got ${got}`)
      }
    },
    () => ({ reportData: toHex(reportData) }),
  )
}

/** What SGX and TDX claims have in common. */
export interface DcapClaims extends CommonClaims {
  readonly quoteVersion: number
  /** The lower of TCB info's and QE identity's; 0 when both were skipped. */
  readonly tcbEvaluationNumber: number
  /** Unix seconds: fixes up to this date are in the platform's TCB level; undefined when it was not evaluated. */
  readonly tcbDate: number | undefined
  /** PPID, 16 bytes: the platform's own identity. On-chain its keccak256. */
  readonly platformId: Uint8Array
  /** 16 bytes: changes when the platform is registered anew; undefined under the Processor CA. */
  readonly platformInstanceId: Uint8Array | undefined
  /** FMSPC, 6 bytes: the platform family. */
  readonly fmspc: Uint8Array
}

/** The claims that every DCAP quote gives. */
export function dcapClaimsOf(
  verified: DcapVerification,
  tee: DcapTee,
): Omit<DcapClaims, 'tee' | 'measurements' | 'reportData'> {
  const { quote, collateral, tcb } = verified
  const { platform, simulated } = collateral
  return {
    product: productOf(tee, platform.fmspc),
    evidenceId: verified.evidenceId,
    quoteVersion: quote.header.version,
    trustTier: simulated ? 'simulated' : tierOf(tee, platform.fmspc),
    simulated,
    tcbStatus: tcb?.status ?? 'Unknown',
    advisoryIds: tcb?.advisoryIds ?? [],
    tcbDate: tcb?.tcbDate,
    tcbEvaluationNumber: verified.tcbEvaluationNumber,
    platformId: platform.ppid,
    platformInstanceId: platform.platformInstanceId,
    fmspc: platform.fmspc,
    endorsementAgeSeconds: ageOf(verified),
    earliestExpiry: collateral.earliestExpiry,
  }
}

const productOf = (tee: DcapTee, fmspc: Uint8Array) =>
  `Intel ${tee === 'tdx' ? 'TDX' : 'SGX'}, ${processorOf(fmspc).name}`

/** TDX needs a processor with DDR5; SGX on any other, or on an unknown one, is `low`. */
const tierOf = (tee: DcapTee, fmspc: Uint8Array): Exclude<TrustTier, 'simulated'> =>
  tee === 'tdx' || processorOf(fmspc).memory === 'DDR5' ? 'standard' : 'low'

const ageOf = ({ at, collateral: { oldestIssue } }: DcapVerification) =>
  oldestIssue === undefined ? undefined : at - oldestIssue
