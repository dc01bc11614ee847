import type { ReasonCode } from '@spartan/errors'
import { PolicyRefusedError } from '../errors.ts'
import { toHex } from '../internal/bytes.ts'
import { includesHex, plainHex, sameHex } from '../internal/hexText.ts'
import { createTrail, refusedBy, type Trail } from '../internal/trail.ts'
import type { AttestationResult, TcbStatus, Verified } from '../result.ts'
import { SNP_CHECKS, type SnpCheckId } from './checks.ts'
import { claimsOf, type SnpClaims } from './claims.ts'
import { REPORT } from './constants.ts'
import type { SnpFirmwareVersion } from './parse.ts'
import type { SnpPolicy, SnpReference } from './policy.ts'
import { componentBelow, PRODUCT_TRAITS, showTcb } from './product.ts'
import type { SnpVerification } from './verify.ts'

/**
 * Appraises verified SEV-SNP evidence against a policy. Never throws for a refusal: the result says why.
 *
 * Proves: what the policy asks for, at the time of the verification. Does not prove: freshness, unless the policy expects
 * a REPORTDATA (or a challenge of the vTPM quote) that contains a challenge of the caller's own.
 */
export async function appraiseSnp(
  verified: Verified<SnpVerification>,
  policy: SnpPolicy,
): Promise<AttestationResult<SnpClaims>> {
  return appraiseOn(verified, policy, createTrail(SNP_CHECKS, verified.checks))
}

/** The appraisal itself, on the trail of the verification. */
export async function appraiseOn(
  verified: Verified<SnpVerification>,
  policy: SnpPolicy,
  trail: Trail<SnpCheckId>,
): Promise<AttestationResult<SnpClaims>> {
  try {
    await checkGuest(verified, policy, trail)
    const tcbStatus = await checkFirmware(verified, policy, trail)
    await checkEndorser(verified, policy, trail)
    await checkExpected(verified, policy, trail)
    return { verdict: 'accepted', claims: claimsOf(verified, tcbStatus), checks: trail.outcomes() }
  } catch (error) {
    return refusedBy(error, trail)
  }
}

const refuse = (code: ReasonCode, ...metaMessages: string[]) => new PolicyRefusedError(code, { metaMessages })
const noValues = () => ({})

async function checkGuest({ report, product }: SnpVerification, policy: SnpPolicy, trail: Trail<SnpCheckId>) {
  const { guestPolicy, platformInfo, vmpl } = report
  await trail.run(
    'vmpl',
    () => {
      if (!(vmpl <= policy.maxVmpl)) throw refuse('SNP_VMPL_TOO_HIGH', `highest ${policy.maxVmpl}, got ${vmpl}`)
    },
    () => ({ vmpl: `${vmpl}` }),
  )
  await trail.run(
    'guest-policy',
    () => {
      const failed = guestPolicyFault(guestPolicy, policy)
      if (failed) throw refuse(failed, `guest policy 0x${toHex(Uint8Array.from(guestPolicy.bytes).reverse())}`)
    },
    () => ({ bytes: toHex(guestPolicy.bytes), abi: `${guestPolicy.abiMajor}.${guestPolicy.abiMinor}` }),
  )
  await trail.run(
    'platform-info',
    () => {
      const hiding = policy.ciphertextHiding
      const available = hiding === 'require' || PRODUCT_TRAITS[product].ciphertextHiding
      const hidden = platformInfo.ciphertextHiding || guestPolicy.ciphertextHiding
      if (hiding !== 'any' && available && !hidden) throw refuse('SNP_CIPHERTEXT_HIDING_OFF')
      if (policy.rapl !== 'accept' && !platformInfo.raplDisabled && !guestPolicy.raplDisabled) {
        throw refuse('SNP_RAPL_ON')
      }
    },
    () => ({ bytes: toHex(platformInfo.bytes) }),
  )
  if (policy.aliasCheck === 'any') trail.skip('alias-check', 'the policy does not ask for it')
  else {
    await trail.run(
      'alias-check',
      () => {
        if (!platformInfo.aliasCheckComplete) throw refuse('SNP_ALIAS_CHECK_INCOMPLETE')
      },
      noValues,
    )
  }
}

function guestPolicyFault(guest: SnpVerification['report']['guestPolicy'], policy: SnpPolicy): ReasonCode | undefined {
  const { minAbi } = policy
  if (policy.debug !== 'accept' && guest.debugAllowed) return 'SNP_DEBUG_ALLOWED'
  if (policy.migrationAgent !== 'accept' && guest.migrationAgentAllowed) return 'SNP_MIGRATION_AGENT_ALLOWED'
  if (policy.smt !== 'accept' && guest.smtAllowed) return 'SNP_SMT_ALLOWED'
  if (policy.cxl !== 'accept' && guest.cxlAllowed) return 'SNP_CXL_ALLOWED'
  if (policy.pageSwap !== 'accept' && !guest.pageSwapDisabled) return 'SNP_PAGE_SWAP_ALLOWED'
  if (policy.singleSocket !== 'any' && !guest.singleSocket) return 'SNP_SINGLE_SOCKET_NOT_REQUIRED'
  if (policy.aes256Xts !== 'any' && !guest.aes256Xts) return 'SNP_AES256_XTS_NOT_REQUIRED'
  if (minAbi !== 'any' && (guest.abiMajor - minAbi.major || guest.abiMinor - minAbi.minor) < 0) return 'SNP_ABI_TOO_LOW'
  return undefined
}

async function checkFirmware(verified: SnpVerification, policy: SnpPolicy, trail: Trail<SnpCheckId>) {
  const { report, product, tcbs } = verified
  await trail.run(
    'firmware',
    () => expectFirmware(verified, policy),
    () => ({ current: showVersion(report.currentVersion), committed: showVersion(report.committedVersion) }),
  )
  const status = await trail.run(
    'tcb-status',
    () => {
      const launch = policy.minLaunchTcb[product]
      const launchedBelow = launch === 'any' ? undefined : componentBelow(tcbs.launch, launch)
      if (launchedBelow) throw refuse('SNP_LAUNCH_TCB_BELOW_MINIMUM', launchedBelow, `launch ${showTcb(tcbs.launch)}`)
      const found = tcbStatusOf(verified, policy)
      if (policy.acceptedTcbStatuses.includes(found)) return found
      const minimum = policy.minTcb[product]
      const required = minimum === 'any' ? 'no minimum is given' : `minimum ${showTcb(minimum)}`
      throw refuse('SNP_TCB_BELOW_MINIMUM', `status ${found}`, required, `reported ${showTcb(tcbs.reported)}`)
    },
    (found) => ({ status: found, reported: showTcb(tcbs.reported) }),
  )
  await checkMitigations(verified, policy, trail)
  return status
}

function tcbStatusOf({ product, tcbs }: SnpVerification, { minTcb }: SnpPolicy): 'UpToDate' | 'OutOfDate' | 'Unknown' {
  const minimum = minTcb[product]
  if (minimum === 'any') return 'Unknown'
  return componentBelow(tcbs.reported, minimum) ? 'OutOfDate' : 'UpToDate'
}

/** Statuses that this TEE can have. */
export type SnpTcbStatus = Extract<TcbStatus, 'UpToDate' | 'OutOfDate'> | 'Unknown'

const showVersion = ({ major, minor, build }: SnpFirmwareVersion) => `${major}.${minor}.${build}`
const compareVersions = (left: SnpFirmwareVersion, right: SnpFirmwareVersion) =>
  left.major - right.major || left.minor - right.minor || left.build - right.build

function expectFirmware({ report, product, tcbs }: SnpVerification, policy: SnpPolicy): void {
  const { currentVersion, committedVersion } = report
  if (policy.provisionalFirmware !== 'accept') {
    const uncommitted = componentBelow(tcbs.committed, tcbs.current)
    const launchedAbove = componentBelow(tcbs.current, tcbs.launch)
    if (uncommitted || launchedAbove || compareVersions(currentVersion, committedVersion) !== 0) {
      const versions = `current ${showVersion(currentVersion)}, committed ${showVersion(committedVersion)}`
      throw refuse('SNP_FIRMWARE_PROVISIONAL', versions)
    }
  }
  const minimum = policy.minFirmware[product]
  if (minimum !== 'any' && compareVersions(committedVersion, minimum) < 0) {
    throw refuse('SNP_FIRMWARE_TOO_OLD', `minimum ${showVersion(minimum)}, committed ${showVersion(committedVersion)}`)
  }
}

async function checkMitigations({ report }: SnpVerification, policy: SnpPolicy, trail: Trail<SnpCheckId>) {
  const required = BigInt(`0x0${plainHex(policy.mitigations)}`)
  if (required === 0n) {
    trail.skip('mitigations', 'the policy does not ask for any')
    return
  }
  const { launchMitigationVector: launch = 0n, currentMitigationVector: current = 0n } = report
  await trail.run(
    'mitigations',
    () => {
      if ((launch & current & required) === required) return
      throw refuse('SNP_MITIGATIONS_MISSING', `required 0x${required.toString(16)}`)
    },
    () => ({ launch: `0x${launch.toString(16)}`, current: `0x${current.toString(16)}` }),
  )
}

async function checkEndorser(
  { chain, product, chipId, at }: SnpVerification,
  policy: SnpPolicy,
  trail: Trail<SnpCheckId>,
): Promise<void> {
  // A chain can have been verified for a policy that skips the CRL.
  if (!chain.crl && !policy.dangerouslySkip.includes('crl')) {
    await trail.run('crl', () => Promise.reject(refuse('SNP_CRL_MISSING')), noValues)
  }
  const age = chain.crl && at - chain.crl.thisUpdate
  const maxAge = policy.maxEndorsementAgeSeconds
  if (maxAge === 'any' || age === undefined) {
    trail.skip('endorsement-age', maxAge === 'any' ? 'the policy accepts any age' : 'no CRL')
  } else {
    await trail.run(
      'endorsement-age',
      () => {
        if (!(age <= maxAge)) throw refuse('SNP_CRL_TOO_OLD', `${age} s old, at most ${maxAge} s accepted`)
      },
      () => ({ seconds: `${age}` }),
    )
  }
  await trail.run(
    'product-line',
    () => {
      if (!policy.products.includes(product)) throw refuse('SNP_PRODUCT_NOT_ALLOWED', product)
    },
    () => ({ product }),
  )
  await trail.run(
    'endorsement-key',
    () => expectKeyKind(chain.vek, policy),
    () => ({ kind: chain.vek.kind.toUpperCase(), ...(chain.vek.cspId !== undefined && { cspId: chain.vek.cspId }) }),
  )
  const id = chipId && toHex(chipId)
  await trail.run(
    'platform',
    () => {
      if (id !== undefined && includesChip(policy.deniedPlatformIds, id)) throw refuse('SNP_PLATFORM_DENIED', id)
      const allowed = policy.allowedPlatformIds
      if (allowed !== 'any' && (id === undefined || !includesChip(allowed, id))) {
        throw refuse('SNP_PLATFORM_NOT_ALLOWED', id ?? 'the chip is hidden')
      }
    },
    () => ({ chipId: id ?? 'hidden' }),
  )
}

function expectKeyKind({ kind, cspId }: SnpVerification['chain']['vek'], { vlek }: SnpPolicy): void {
  if (kind === 'vcek') return
  if (vlek === 'refuse') throw refuse('SNP_VLEK_NOT_ALLOWED')
  if (vlek.cspIds === 'any' || (cspId !== undefined && vlek.cspIds.includes(cspId))) return
  throw refuse('SNP_CSP_NOT_ALLOWED', `CSP_ID ${JSON.stringify(cspId)}`)
}

async function checkExpected(verified: SnpVerification, policy: SnpPolicy, trail: Trail<SnpCheckId>): Promise<void> {
  const { report } = verified
  const { measurements, reportData } = policy
  if (measurements === 'any') trail.skip('measurement', 'the policy accepts any measurement')
  else {
    await trail.run(
      'measurement',
      () => {
        if (measurements.references.some((reference) => matches(reference, report))) return
        throw refuse('SNP_MEASUREMENT_MISMATCH', `measurement ${toHex(report.measurement)}`)
      },
      () => ({ measurement: toHex(report.measurement), hostData: toHex(report.hostData) }),
    )
  }
  if (reportData === 'any') trail.skip('report-data', 'the policy accepts any REPORTDATA')
  else {
    const got = toHex(report.reportData)
    await trail.run(
      'report-data',
      () => {
        if (!sameHex(reportData.expected, got)) {
          throw refuse('SNP_REPORT_DATA_MISMATCH', `expected ${reportData.expected}`, `got ${got}`)
        }
      },
      () => ({ reportData: got }),
    )
  }
  await checkVtpm(verified, policy, trail)
}

async function checkVtpm({ vtpm }: SnpVerification, policy: SnpPolicy, trail: Trail<SnpCheckId>): Promise<void> {
  const expected = policy.vtpm
  if (expected === 'any') {
    trail.skip('vtpm', 'the policy does not ask for a quote')
    return
  }
  await trail.run(
    'vtpm',
    () => {
      if (!vtpm) throw refuse('SNP_VTPM_QUOTE_MISSING')
      const challenge = toHex(vtpm.challenge)
      if (expected.challenge !== 'any' && !sameHex(expected.challenge, challenge)) {
        throw refuse('SNP_VTPM_CHALLENGE_MISMATCH', `expected ${expected.challenge}`, `got ${challenge}`)
      }
      for (const [register, accepted] of Object.entries(expected.pcrs)) {
        const value = vtpm.pcrs.get(Number(register))
        if (!value) throw refuse('SNP_VTPM_PCR_MISSING', `register ${register}`)
        const hex = toHex(value)
        if (!includesHex(accepted, hex)) throw refuse('SNP_VTPM_PCR_MISMATCH', `register ${register}: ${hex}`)
      }
    },
    () => ({ registers: Object.keys(expected.pcrs).join(' ') }),
  )
}

/** A chip of Turin has 8 bytes; CHIP_ID in the report has them with 56 zeros behind. Lists may hold either. */
const includesChip = (list: readonly string[], id: string) =>
  list.some((entry) => sameHex(entry, id) || sameHex(entry, id.padEnd(CHIP_ID_DIGITS, '0')))
const CHIP_ID_DIGITS = 2 * REPORT.chipId[1]

function matches(reference: SnpReference, report: SnpVerification['report']): boolean {
  const fields = Object.keys(REFERENCE_FIELDS) as (keyof SnpReference)[]
  return fields.every((field) => reference[field] === 'any' || sameHex(reference[field], toHex(report[field])))
}

/** Every field of a reference once: a missing one does not compile. */
const REFERENCE_FIELDS: Readonly<Record<keyof SnpReference, true>> = {
  measurement: true,
  hostData: true,
  idKeyDigest: true,
  authorKeyDigest: true,
  familyId: true,
  imageId: true,
}
