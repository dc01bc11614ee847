import type { ReasonCode } from '@spartan/errors'
import { checkEndorsementAge, checkPlatform, checkReportData, checkTcbStatus, dcapClaimsOf } from '../dcap/appraise.ts'
import { PolicyRefusedError } from '../errors.ts'
import { isZero, toHex } from '../internal/bytes.ts'
import { includesHex, plainHex, sameHex } from '../internal/hexText.ts'
import { acceptedBy, createTrail, refusedBy, type Trail } from '../internal/trail.ts'
import type { AttestationResult, Verified } from '../result.ts'
import { TDX_CHECKS, type TdxCheckId } from './checks.ts'
import type { TdxClaims, TdxMeasurements } from './claims.ts'
import { TD_ATTRIBUTES, XFAM_FIXED_ONE } from './constants.ts'
import { type TdReport, tdxMeasurementPreimage } from './parse.ts'
import type { TdxPolicy, TdxReference } from './policy.ts'
import type { TdxVerification } from './verify.ts'

/** Hash functions that a policy may name and that this package does not carry. */
export interface AppraisalHashes {
  /** Hex of the keccak256 of a measurement preimage; needed where the policy has `measurements.keccak256`. */
  readonly keccak256?: (preimage: Uint8Array) => string
}

/**
 * Appraises verified TDX evidence against a policy. Never throws for a refusal: the result says why.
 *
 * Proves: what the policy asks for, at the time of the verification. Does not prove: freshness, unless the policy expects
 * a REPORTDATA that contains a challenge of the caller's own.
 */
export async function appraiseTdx(
  verified: Verified<TdxVerification>,
  policy: TdxPolicy,
  hashes: AppraisalHashes = {},
): Promise<AttestationResult<TdxClaims>> {
  return runTdxAppraisal(verified, policy, hashes, createTrail(TDX_CHECKS, verified.checks))
}

/** The appraisal itself, on a trail of the caller. */
export async function runTdxAppraisal(
  verified: Verified<TdxVerification>,
  policy: TdxPolicy,
  hashes: AppraisalHashes,
  trail: Trail<TdxCheckId>,
): Promise<AttestationResult<TdxClaims>> {
  const { report } = verified.quote
  try {
    await checkAttributes(report, policy, trail)
    await checkServiceTd(report, policy, trail)
    await checkTeeTcbSvn(report, policy, trail)
    await checkTcbStatus(verified, policy, trail)
    await checkEndorsementAge(verified, policy, trail)
    await checkPlatform(verified, 'tdx', policy, trail)
    await checkMeasurement(verified, policy, hashes, trail)
    await checkReportData(report.reportData, policy, trail)
  } catch (error) {
    return refusedBy(error, trail)
  }
  return acceptedBy(claimsOf(verified), trail)
}

const refuse = (code: ReasonCode, ...metaMessages: string[]) => new PolicyRefusedError(code, { metaMessages })

async function checkAttributes(
  { measurements: { tdAttributes, xfam } }: TdReport,
  policy: TdxPolicy,
  trail: Trail<TdxCheckId>,
): Promise<void> {
  const bits = littleEndian(tdAttributes)
  await trail.run(
    'td-attributes',
    () => {
      if (policy.debug !== 'accept' && (bits & TD_ATTRIBUTES.debug) !== 0n) throw refuse('DCAP_TD_DEBUG')
      if ((bits & TD_ATTRIBUTES.reserved) !== 0n) {
        throw refuse('DCAP_TD_ATTRIBUTES_RESERVED', `attributes ${toHex(tdAttributes)}`)
      }
      if (policy.septVeDisable !== 'any' && (bits & TD_ATTRIBUTES.septVeDisable) === 0n) {
        throw refuse('DCAP_SEPT_VE_DISABLE_CLEAR', `attributes ${toHex(tdAttributes)}`)
      }
      if (((xfam[0] ?? 0) & XFAM_FIXED_ONE) !== XFAM_FIXED_ONE) throw refuse('DCAP_XFAM_INVALID', `XFAM ${toHex(xfam)}`)
    },
    () => ({ tdAttributes: toHex(tdAttributes), xfam: toHex(xfam) }),
  )
}

function littleEndian(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true)
}

async function checkServiceTd({ mrServiceTd }: TdReport, policy: TdxPolicy, trail: Trail<TdxCheckId>): Promise<void> {
  if (policy.serviceTd === 'any') {
    trail.skip('service-td', 'the policy accepts any service TD')
    return
  }
  const { serviceTd } = policy
  await trail.run(
    'service-td',
    () => {
      if (!mrServiceTd || isZero(mrServiceTd)) return
      const hash = toHex(mrServiceTd)
      const allowed = serviceTd !== 'refuse' && includesHex(serviceTd.allowed, hash)
      if (!allowed) throw refuse('DCAP_SERVICE_TD_NOT_ACCEPTED', `MRSERVICETD ${hash}`)
    },
    () => ({ mrServiceTd: mrServiceTd ? toHex(mrServiceTd) : 'none: TD 1.0' }),
  )
}

async function checkTeeTcbSvn({ teeTcbSvn }: TdReport, policy: TdxPolicy, trail: Trail<TdxCheckId>): Promise<void> {
  const { minTeeTcbSvn } = policy
  if (minTeeTcbSvn === 'any') {
    trail.skip('tee-tcb-svn', 'the policy accepts any TEE_TCB_SVN')
    return
  }
  await trail.run(
    'tee-tcb-svn',
    () => {
      const wanted = plainHex(minTeeTcbSvn)
      // A floor that is no 16 bytes of hex is reached by nothing.
      const wellFormed = /^[0-9a-f]{32}$/.test(wanted)
      const reached = teeTcbSvn.every(
        (svn, index) => svn >= Number.parseInt(wanted.slice(2 * index, 2 * index + 2), 16),
      )
      if (!wellFormed || !reached) {
        throw refuse('DCAP_TEE_TCB_SVN_TOO_LOW', `required ${minTeeTcbSvn}`, `got ${toHex(teeTcbSvn)}`)
      }
    },
    () => ({ teeTcbSvn: toHex(teeTcbSvn), required: minTeeTcbSvn }),
  )
}

async function checkMeasurement(
  { quote }: TdxVerification,
  policy: TdxPolicy,
  { keccak256 }: AppraisalHashes,
  trail: Trail<TdxCheckId>,
): Promise<void> {
  const expected = policy.measurements
  if (expected === 'any') {
    trail.skip('measurement', 'the policy accepts any measurement')
    return
  }
  const { measurements } = quote.report
  await trail.run(
    'measurement',
    () => {
      if ('references' in expected) {
        const different = expected.references.map((reference) => differences(reference, measurements))
        if (!different.some((fields) => fields.length === 0)) throw refuseMeasurement(measurements, different)
        return
      }
      // Without the hash function nothing can be compared, and nothing is accepted.
      const found = keccak256 !== undefined && includesHex(expected.keccak256, keccak256(tdxMeasurementPreimage(quote)))
      if (!found) throw refuseMeasurement(measurements, [])
    },
    () => Object.fromEntries(Object.entries(measurements).map(([name, value]) => [name, toHex(value)])),
  )
}

function refuseMeasurement(measurements: TdxMeasurements, different: readonly (readonly string[])[]) {
  const [nearest] = [...different].sort((left, right) => left.length - right.length)
  const lines = nearest ? [`the nearest reference differs in ${nearest.join(', ')}`] : []
  return refuse('DCAP_MEASUREMENT_NOT_ACCEPTED', `MRTD ${toHex(measurements.mrTd)}`, ...lines)
}

function differences(reference: TdxReference, measurements: TdxMeasurements): readonly string[] {
  const fields = Object.keys(measurements) as (keyof TdxMeasurements)[]
  return fields.filter((field) => reference[field] !== 'any' && !sameHex(reference[field], toHex(measurements[field])))
}

function claimsOf(verified: TdxVerification): TdxClaims {
  const { report } = verified.quote
  const { teeTcbSvn, teeTcbSvn2, mrServiceTd, measurements, reportData } = report
  const measurementPreimage = tdxMeasurementPreimage(verified.quote)
  const common = dcapClaimsOf(verified, 'tdx')
  return { ...common, tee: 'tdx', measurements, measurementPreimage, reportData, teeTcbSvn, teeTcbSvn2, mrServiceTd }
}
