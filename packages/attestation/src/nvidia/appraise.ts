import type { ReasonCode } from '@spartan/errors'
import { PolicyRefusedError } from '../errors.ts'
import { toHex } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import { includesHex, plainHex } from '../internal/hexText.ts'
import { createTrail, refusedBy, type Trail } from '../internal/trail.ts'
import type { AttestationResult, Verified } from '../result.ts'
import type { NvidiaTrustAnchor } from '../roots/nvidia.ts'
import { NVIDIA_CHECKS, type NvidiaCheckId, type NvidiaSkippable } from './checks.ts'
import type { NvidiaClaims } from './claims.ts'
import type { NvidiaEndorsements } from './endorsements.ts'
import { devicePlatformId, type NvidiaEvidenceBytes, parseNvidiaEvidence, ueidOf } from './parse.ts'
import type { NvidiaPolicy } from './policy.ts'
import { type NvidiaVerification, runNvidiaVerification } from './verify.ts'

/** Input of {@link verifyNvidiaEvidence}. */
export interface NvidiaEvidenceInput {
  readonly evidence: NvidiaEvidenceBytes
  readonly endorsements: Partial<NvidiaEndorsements>
  /** Unix seconds. */
  readonly at: number
  readonly trustAnchors: readonly NvidiaTrustAnchor[]
  readonly policy: NvidiaPolicy
}

/**
 * Parses, verifies and appraises evidence of one NVIDIA GPU or switch. Never throws for a refusal: the result lists every check
 * with what it found, in order, and names the first that failed.
 *
 * Proves and does not prove: see {@link verifyNvidia} and {@link appraiseNvidia}.
 */
export async function verifyNvidiaEvidence(input: NvidiaEvidenceInput): Promise<AttestationResult<NvidiaClaims>> {
  const { endorsements, at, trustAnchors, policy } = input
  const trail = createTrail<NvidiaCheckId>(NVIDIA_CHECKS)
  try {
    const evidence = await trail.run(
      'report-format',
      () => parseNvidiaEvidence(input.evidence),
      ({ report, certificates }) => ({
        measurements: `${report.measurements.size}`,
        certificates: `${certificates.length}`,
        paddingBytes: `${report.paddingBytes}`,
      }),
    )
    const { dangerouslySkip } = policy
    const verified = await runNvidiaVerification({ evidence, endorsements, at, trustAnchors, dangerouslySkip }, trail)
    return await appraiseNvidia(verified, policy)
  } catch (error) {
    return refusedBy(error, trail)
  }
}

/**
 * Appraises verified NVIDIA evidence against a policy. Never throws for a refusal: the result says why.
 *
 * Proves: what the policy asks for, at the time of the verification. Does not prove: freshness, unless the policy expects a nonce
 * of the caller's own; nor in which machine the device is.
 */
export async function appraiseNvidia(
  verified: Verified<NvidiaVerification>,
  policy: NvidiaPolicy,
): Promise<AttestationResult<NvidiaClaims>> {
  const trail = createTrail<NvidiaCheckId>(NVIDIA_CHECKS, verified.checks)
  try {
    await checkSkipped(verified, policy, trail)
    await checkDebug(verified, policy, trail)
    await checkAge(verified, policy, trail)
    await checkProduct(verified, policy, trail)
    await checkVersions(verified, policy, trail)
    await checkMode(verified, policy, trail)
    await checkPlatform(verified, policy, trail)
    await checkNonce(verified, policy, trail)
    return { verdict: 'accepted', claims: await claimsOf(verified), checks: trail.outcomes() }
  } catch (error) {
    return refusedBy(error, trail)
  }
}

type Check = (verified: NvidiaVerification, policy: NvidiaPolicy, trail: Trail<NvidiaCheckId>) => Promise<void>

const refuse = (code: ReasonCode, ...metaMessages: string[]) => new PolicyRefusedError(code, { metaMessages })

/** Evidence can have been verified for a policy that skips more: refuses what this one does not let out. */
const checkSkipped: Check = async ({ device, chain, revocation, rims }, { dangerouslySkip }, trail) => {
  const open: readonly (readonly [NvidiaSkippable, ReasonCode, boolean])[] = [
    ['ocsp', 'NVIDIA_OCSP_MISSING', revocation.unanswered.some((serial) => serial !== chain.leaf.serial)],
    ['driver-rim', 'NVIDIA_RIM_MISSING', device.kind === 'gpu' && rims.driver === undefined],
    ['vbios-rim', 'NVIDIA_RIM_MISSING', rims.vbios === undefined],
    ['rim-ocsp', 'NVIDIA_RIM_OCSP_MISSING', rims.revocations.some(({ unanswered }) => unanswered.length > 0)],
  ]
  const [id, code] = open.find(([name, , isOpen]) => isOpen && !dangerouslySkip.includes(name)) ?? []
  if (!id || !code) return
  await trail.run(
    id,
    () => Promise.reject(refuse(code)),
    () => ({}),
  )
}

const checkDebug: Check = async ({ rims }, policy, trail) => {
  if (policy.debug === 'any') {
    trail.skip('debug', rims.complete ? 'the policy does not ask; it is excluded' : 'the policy does not ask')
    return
  }
  await trail.run(
    'debug',
    () => {
      if (!rims.complete) throw refuse('NVIDIA_DEBUG_NOT_EXCLUDED')
    },
    () => ({ secureBoot: 'true', debugStatus: 'disabled' }),
  )
}

const checkAge: Check = async ({ at, oldestIssue }, policy, trail) => {
  const max = policy.maxEndorsementAgeSeconds
  if (max === 'any' || oldestIssue === undefined) {
    trail.skip('endorsement-age', max === 'any' ? 'the policy accepts any age within validity' : 'no OCSP response')
    return
  }
  const age = at - oldestIssue
  await trail.run(
    'endorsement-age',
    () => {
      if (!(age <= max)) throw refuse('NVIDIA_ENDORSEMENTS_TOO_OLD', `${age} seconds, at most ${max}`)
    },
    () => ({ ageSeconds: `${age}`, atMostSeconds: `${max}` }),
  )
}

const checkProduct: Check = async ({ device }, policy, trail) => {
  await trail.run(
    'product',
    () => {
      if (!policy.architectures.includes(device.architecture)) {
        throw refuse('NVIDIA_PRODUCT_NOT_ACCEPTED', device.hardwareModel)
      }
    },
    () => ({ architecture: device.architecture, hardwareModel: device.hardwareModel }),
  )
}

const checkVersions: Check = async ({ evidence, device }, policy, trail) => {
  const { driverVersion = '', vbiosVersion = '' } = evidence.opaque
  const { minDriverVersion: min, driverVersions, vbiosVersions } = policy
  if (device.kind === 'switch') trail.skip('driver-version', 'a switch has no driver of its own')
  else if (min === 'any' && driverVersions === 'any') trail.skip('driver-version', 'the policy accepts any driver')
  else {
    await trail.run(
      'driver-version',
      () => {
        const isListed = driverVersions === 'any' || driverVersions.includes(driverVersion)
        const isRecent = min === 'any' || isAtLeast(driverVersion, min)
        if (!isListed || !isRecent) throw refuse('NVIDIA_DRIVER_VERSION_NOT_ACCEPTED', driverVersion || 'not stated')
      },
      () => ({ driverVersion, atLeast: min }),
    )
  }
  if (vbiosVersions === 'any') {
    trail.skip('vbios-version', 'the policy accepts any VBIOS')
    return
  }
  await trail.run(
    'vbios-version',
    () => {
      const isListed = vbiosVersions.some((version) => version.toUpperCase() === vbiosVersion)
      if (!isListed) throw refuse('NVIDIA_VBIOS_VERSION_NOT_ACCEPTED', vbiosVersion || 'not stated')
    },
    () => ({ vbiosVersion }),
  )
}

/** Dotted decimal, part by part; a missing part counts as zero, a missing version is older than any. */
function isAtLeast(version: string, min: string): boolean {
  if (version === '') return false
  const [got, wanted] = [version, min].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (let place = 0; place < Math.max(got.length, wanted.length); place++) {
    const difference = (got[place] ?? 0) - (wanted[place] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

const checkMode: Check = async ({ evidence, device }, policy, trail) => {
  const { modes } = policy
  const mode = evidence.opaque.mode ?? 'unstated'
  if (modes === 'any' || device.kind === 'switch') {
    trail.skip('mode', device.kind === 'switch' ? 'a switch has no mode' : 'the policy accepts any mode')
    return
  }
  await trail.run(
    'mode',
    () => {
      if (!modes.includes(mode)) throw refuse('NVIDIA_MODE_NOT_ACCEPTED', mode)
    },
    () => ({ mode }),
  )
}

const checkPlatform: Check = async ({ device }, policy, trail) => {
  const platformId = toHex(await devicePlatformId(device))
  const { allowedPlatformIds: allowed, deniedPlatformIds: denied } = policy
  await trail.run(
    'platform',
    () => {
      const isAllowed = allowed === 'any' || includesHex(allowed, platformId)
      if (!isAllowed || includesHex(denied, platformId)) {
        throw refuse('NVIDIA_PLATFORM_NOT_ACCEPTED', `platform ${platformId}`)
      }
    },
    () => ({ platformId }),
  )
}

const checkNonce: Check = async ({ evidence }, policy, trail) => {
  const { nonce: expected } = policy
  if (expected === 'any') {
    trail.skip('nonce', 'the policy accepts any nonce')
    return
  }
  const got = toHex(evidence.report.requesterNonce)
  await trail.run(
    'nonce',
    () => {
      const wanted = plainHex(expected.expected)
      if (wanted !== got) throw refuse('NVIDIA_NONCE_MISMATCH', `expected ${wanted}`, `got ${got}`)
    },
    () => ({ nonce: got }),
  )
}

async function claimsOf(verified: NvidiaVerification): Promise<NvidiaClaims> {
  const { evidence, device, chain, rims, at, oldestIssue } = verified
  const { report, opaque } = evidence
  return {
    tee: 'nvidia',
    product: `NVIDIA ${device.chip}`,
    kind: device.kind,
    architecture: device.architecture,
    hardwareModel: device.hardwareModel,
    trustTier: verified.simulated ? 'simulated' : 'standard',
    simulated: verified.simulated,
    tcbStatus: 'Unknown',
    advisoryIds: [],
    ueid: ueidOf(chain.leaf),
    platformId: await devicePlatformId(device),
    driverVersion: opaque.driverVersion,
    vbiosVersion: opaque.vbiosVersion,
    fwid: verified.fwid,
    mode: opaque.mode,
    protectedPcie: opaque.protectedPcie,
    secureBoot: rims.complete ? true : undefined,
    debugStatus: rims.complete ? 'disabled' : undefined,
    switchPdis: opaque.switchPdis,
    gpuPdis: opaque.gpuPdis,
    measurements: Object.fromEntries([...report.measurements].map(([index, digest]) => [`block${index}`, digest])),
    reportData: report.requesterNonce,
    endorsementAgeSeconds: oldestIssue === undefined ? undefined : at - oldestIssue,
    earliestExpiry: verified.earliestExpiry,
    evidenceId: await sha256(report.signedBytes),
  }
}
