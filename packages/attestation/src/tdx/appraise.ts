import type { ReasonCode } from '@spartan/errors'
import { PolicyRefusedError } from '../errors.ts'
import { toBigInt, toHex } from '../internal/bytes.ts'
import { createTrail, refusedBy, type Trail } from '../internal/trail.ts'
import type { ExpectedMeasurements, TdxPolicy, TdxReference } from '../policy.ts'
import type { AttestationResult, TdxClaims, TdxMeasurements, Verified } from '../result.ts'
import { TDX_CHECKS, type TdxCheckId } from './checks.ts'
import { TD_ATTRIBUTES } from './constants.ts'
import { tdxMeasurementPreimage } from './parse.ts'
import type { TdxVerification } from './verify.ts'

/**
 * Appraises verified TDX evidence against a policy. Never throws for a refusal: the result says why.
 *
 * Proves: what the policy asks for, at the time of the verification. Does not prove: freshness, unless the policy expects
 * a REPORTDATA that contains a challenge of the caller's own.
 */
export async function appraiseTdx(
  verified: Verified<TdxVerification>,
  policy: TdxPolicy,
): Promise<AttestationResult<TdxClaims>> {
  const trail = createTrail(TDX_CHECKS, verified.checks)
  try {
    await checkAttributes(verified, policy, trail)
    await checkTcbStatus(verified, policy, trail)
    await checkEndorsementAge(verified, policy, trail)
    await checkPlatform(verified, policy, trail)
    await checkMeasurement(verified, policy.measurements, trail)
    await checkReportData(verified, policy, trail)
  } catch (error) {
    return refusedBy(error, trail)
  }
  return { verdict: 'accepted', claims: claimsOf(verified), checks: trail.outcomes() }
}

const refuse = (code: ReasonCode, ...metaMessages: string[]) => new PolicyRefusedError(code, { metaMessages })

async function checkAttributes({ quote }: TdxVerification, policy: TdxPolicy, trail: Trail<TdxCheckId>): Promise<void> {
  const { tdAttributes, xfam } = quote.report.measurements
  const bits = toBigInt(Uint8Array.from(tdAttributes).reverse())
  await trail.run(
    'td-attributes',
    () => {
      if (policy.debug === 'refuse' && (bits & TD_ATTRIBUTES.debug) !== 0n) throw refuse('DCAP_TD_DEBUG')
      if ((bits & TD_ATTRIBUTES.reserved) !== 0n) {
        throw refuse('DCAP_TD_ATTRIBUTES_RESERVED', `attributes ${toHex(tdAttributes)}`)
      }
      if (policy.septVeDisable === 'require' && (bits & TD_ATTRIBUTES.septVeDisable) === 0n) {
        throw refuse('DCAP_SEPT_VE_DISABLE_CLEAR', `attributes ${toHex(tdAttributes)}`)
      }
    },
    () => ({ tdAttributes: toHex(tdAttributes), xfam: toHex(xfam) }),
  )
}

async function checkTcbStatus({ tcb }: TdxVerification, policy: TdxPolicy, trail: Trail<TdxCheckId>): Promise<void> {
  if (!tcb) {
    trail.skip('tcb-status', 'no TCB info')
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

async function checkEndorsementAge(
  verified: TdxVerification,
  policy: TdxPolicy,
  trail: Trail<TdxCheckId>,
): Promise<void> {
  const max = policy.maxEndorsementAgeSeconds
  if (max === 'any') {
    trail.skip('endorsement-age', 'the policy accepts any age within validity')
    return
  }
  const age = ageOf(verified)
  await trail.run(
    'endorsement-age',
    () => {
      if (age > max) throw refuse('DCAP_ENDORSEMENTS_TOO_OLD', `${age} seconds, at most ${max}`)
    },
    () => ({ ageSeconds: `${age}`, atMostSeconds: `${max}` }),
  )
}

async function checkPlatform(
  { collateral }: TdxVerification,
  policy: TdxPolicy,
  trail: Trail<TdxCheckId>,
): Promise<void> {
  const { ppid } = collateral.platform
  const id = toHex(ppid)
  await trail.run(
    'platform',
    () => {
      const allowed = policy.allowedPlatformIds === 'any' || includesHex(policy.allowedPlatformIds, id)
      if (!allowed || includesHex(policy.deniedPlatformIds, id)) {
        throw refuse('DCAP_PLATFORM_NOT_ACCEPTED', `PPID ${id}`)
      }
    },
    () => ({ ppid: id, fmspc: toHex(collateral.platform.fmspc) }),
  )
}

async function checkMeasurement(
  { quote }: TdxVerification,
  expected: ExpectedMeasurements,
  trail: Trail<TdxCheckId>,
): Promise<void> {
  if (expected === 'any') {
    trail.skip('measurement', 'the policy accepts any measurement')
    return
  }
  const { measurements } = quote.report
  await trail.run(
    'measurement',
    () => {
      const preimage = tdxMeasurementPreimage(quote)
      const found =
        'references' in expected
          ? expected.references.some((reference) => matches(reference, measurements))
          : includesHex(expected.digests, expected.digest(preimage))
      if (!found) throw refuse('DCAP_MEASUREMENT_NOT_ACCEPTED', `MRTD ${toHex(measurements.mrTd)}`)
    },
    () => Object.fromEntries(Object.entries(measurements).map(([name, value]) => [name, toHex(value)])),
  )
}

async function checkReportData({ quote }: TdxVerification, policy: TdxPolicy, trail: Trail<TdxCheckId>): Promise<void> {
  const { reportData: expected } = policy
  if (expected === 'any') {
    trail.skip('report-data', 'the policy accepts any REPORTDATA')
    return
  }
  const got = toHex(quote.report.reportData)
  await trail.run(
    'report-data',
    () => {
      if (!sameHex(expected.expected, got)) {
        throw refuse('DCAP_REPORT_DATA_MISMATCH', `expected ${expected.expected}`, `got ${got}`)
      }
    },
    () => ({ reportData: got }),
  )
}

const plain = (hex: string) => hex.toLowerCase().replace(/^0x/, '')
const sameHex = (left: string, right: string) => plain(left) === plain(right)
const includesHex = (list: readonly string[], hex: string) => list.some((entry) => sameHex(entry, hex))

function matches(reference: TdxReference, measurements: TdxMeasurements): boolean {
  const fields = Object.keys(measurements) as (keyof TdxMeasurements)[]
  return fields.every((field) => reference[field] === 'any' || sameHex(reference[field], toHex(measurements[field])))
}

const ageOf = ({ at, collateral }: TdxVerification) => at - (collateral.oldestIssue ?? at)

function claimsOf(verified: TdxVerification): TdxClaims {
  const { quote, collateral, tcb } = verified
  return {
    tee: 'tdx',
    product: 'Intel TDX',
    evidenceId: verified.evidenceId,
    quoteVersion: quote.header.version,
    trustTier: collateral.simulated ? 'simulated' : 'standard',
    simulated: collateral.simulated,
    tcbStatus: tcb?.status ?? 'Unknown',
    advisoryIds: tcb?.advisoryIds ?? [],
    tcbEvaluationNumber: verified.tcbEvaluationNumber,
    platformId: collateral.platform.ppid,
    fmspc: collateral.platform.fmspc,
    measurements: quote.report.measurements,
    measurementPreimage: tdxMeasurementPreimage(quote),
    reportData: quote.report.reportData,
    endorsementAgeSeconds: ageOf(verified),
    earliestExpiry: collateral.earliestExpiry,
  }
}
