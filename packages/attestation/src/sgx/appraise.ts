import type { ReasonCode } from '@spartan/errors'
import { checkEndorsementAge, checkPlatform, checkReportData, checkTcbStatus, dcapClaimsOf } from '../dcap/appraise.ts'
import type { EnclaveReport } from '../dcap/enclaveReport.ts'
import { PolicyRefusedError } from '../errors.ts'
import { toHex } from '../internal/bytes.ts'
import { sameHex } from '../internal/hexText.ts'
import { acceptedBy, createTrail, refusedBy, type Trail } from '../internal/trail.ts'
import type { AttestationResult, Verified } from '../result.ts'
import { SGX_CHECKS, type SgxCheckId } from './checks.ts'
import type { SgxClaims, SgxMeasurements } from './claims.ts'
import { ENCLAVE_DEBUG } from './constants.ts'
import { sgxMeasurementPreimage } from './parse.ts'
import type { SgxPolicy, SgxReference } from './policy.ts'
import type { SgxVerification } from './verify.ts'

/**
 * Appraises verified SGX evidence against a policy. Never throws for a refusal: the result says why.
 *
 * Proves: what the policy asks for, at the time of the verification. Does not prove: freshness, unless the policy expects
 * report data that contain a challenge of the caller's own.
 */
export async function appraiseSgx(
  verified: Verified<SgxVerification>,
  policy: SgxPolicy,
): Promise<AttestationResult<SgxClaims>> {
  return runSgxAppraisal(verified, policy, createTrail(SGX_CHECKS, verified.checks))
}

/** The appraisal itself, on a trail of the caller. */
export async function runSgxAppraisal(
  verified: Verified<SgxVerification>,
  policy: SgxPolicy,
  trail: Trail<SgxCheckId>,
): Promise<AttestationResult<SgxClaims>> {
  const { report } = verified.quote
  try {
    await checkAttributes(report, policy, trail)
    await checkTcbStatus(verified, policy, trail)
    await checkEndorsementAge(verified, policy, trail)
    await checkPlatform(verified, 'sgx', policy, trail)
    await checkMeasurement(report, policy, trail)
    await checkReportData(report.reportData, policy, trail)
  } catch (error) {
    return refusedBy(error, trail)
  }
  return acceptedBy(claimsOf(verified), trail)
}

const refuse = (code: ReasonCode, ...metaMessages: string[]) => new PolicyRefusedError(code, { metaMessages })

async function checkAttributes(
  { attributes }: EnclaveReport,
  policy: SgxPolicy,
  trail: Trail<SgxCheckId>,
): Promise<void> {
  await trail.run(
    'enclave-attributes',
    () => {
      if (policy.debug !== 'accept' && ((attributes[0] ?? 0) & ENCLAVE_DEBUG) !== 0) {
        throw refuse('DCAP_ENCLAVE_DEBUG', `attributes ${toHex(attributes)}`)
      }
    },
    () => ({ attributes: toHex(attributes) }),
  )
}

async function checkMeasurement(report: EnclaveReport, policy: SgxPolicy, trail: Trail<SgxCheckId>): Promise<void> {
  const expected = policy.measurements
  if (expected === 'any') {
    trail.skip('measurement', 'the policy accepts any enclave')
    return
  }
  const measurements = measurementsOf(report)
  await trail.run(
    'measurement',
    () => {
      const different = expected.references.map((reference) => differences(reference, report, measurements))
      if (different.some((fields) => fields.length === 0)) return
      const [nearest] = different.sort((left, right) => left.length - right.length)
      const lines = nearest ? [`the nearest reference differs in ${nearest.join(', ')}`] : []
      throw refuse('DCAP_MEASUREMENT_NOT_ACCEPTED', `MRENCLAVE ${toHex(report.mrEnclave)}`, ...lines)
    },
    () => ({
      ...Object.fromEntries(Object.entries(measurements).map(([name, value]) => [name, toHex(value)])),
      isvProdId: `${report.isvProdId}`,
      isvSvn: `${report.isvSvn}`,
      configSvn: `${report.configSvn}`,
    }),
  )
}

function differences(
  reference: SgxReference,
  { isvProdId, isvSvn, configSvn }: EnclaveReport,
  measurements: SgxMeasurements,
): string[] {
  const fields = Object.keys(measurements) as (keyof SgxMeasurements)[]
  return [
    ...fields.filter((field) => reference[field] !== 'any' && !sameHex(reference[field], toHex(measurements[field]))),
    ...(reference.isvProdId === 'any' || reference.isvProdId === isvProdId ? [] : ['isvProdId']),
    // Not "lower than": a floor that is no number is reached by nothing.
    ...(isvSvn >= reference.minIsvSvn ? [] : ['isvSvn']),
    ...(configSvn >= reference.minConfigSvn ? [] : ['configSvn']),
  ]
}

function claimsOf(verified: SgxVerification): SgxClaims {
  const { report } = verified.quote
  const { isvProdId, isvSvn, configSvn, reportData } = report
  const common = dcapClaimsOf(verified, 'sgx')
  const measurements = measurementsOf(report)
  const measurementPreimage = sgxMeasurementPreimage(verified.quote)
  return { ...common, tee: 'sgx', measurements, measurementPreimage, reportData, isvProdId, isvSvn, configSvn }
}

function measurementsOf(report: EnclaveReport): SgxMeasurements {
  const { mrEnclave, mrSigner, configId, isvFamilyId, isvExtProdId, attributes, miscSelect } = report
  return { mrEnclave, mrSigner, configId, isvFamilyId, isvExtProdId, attributes, miscSelect }
}
