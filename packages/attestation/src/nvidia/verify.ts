import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, toHex } from '../internal/bytes.ts'
import { iso } from '../internal/chain.ts'
import { verifyEcdsa } from '../internal/signatures.ts'
import { createTrail, type Trail } from '../internal/trail.ts'
import type { X509Certificate } from '../internal/x509.ts'
import type { CheckOutcome, Unverified, Verified } from '../result.ts'
import type { NvidiaTrustAnchor } from '../roots/nvidia.ts'
import { DEVICE_CHAIN_CODES, type VerifiedChain, verifyChain } from './chain.ts'
import { NVIDIA_CHECKS, type NvidiaCheckId, type NvidiaSkippable } from './checks.ts'
import { DEVICE_CERTIFICATES, FWID_SINCE_DRIVER } from './constants.ts'
import type { NvidiaEndorsements } from './endorsements.ts'
import { readCertificateFwid } from './fwid.ts'
import { DEVICE_REVOCATION_CODES, type Revocation, verifyRevocation } from './ocsp.ts'
import { deviceOf, type NvidiaDevice, type NvidiaEvidence, ueidOf } from './parse.ts'
import { type AppliedRims, applyRims } from './rims.ts'

/** What verification has found; `appraiseNvidia` accepts nothing else. */
export interface NvidiaVerification {
  readonly evidence: NvidiaEvidence
  /** Unix seconds at which everything was judged. */
  readonly at: number
  readonly device: NvidiaDevice
  readonly chain: VerifiedChain
  readonly revocation: Revocation
  readonly rims: AppliedRims
  /** 48 bytes of the attestation key certificate. */
  readonly fwid: Uint8Array
  readonly simulated: boolean
  /** Unix seconds: oldest OCSP response used. */
  readonly oldestIssue: number | undefined
  /** Unix seconds. */
  readonly earliestExpiry: number
  readonly checks: readonly CheckOutcome<NvidiaCheckId>[]
}

/** Input of {@link verifyNvidia}. */
export interface VerifyNvidiaInput {
  readonly evidence: Unverified<NvidiaEvidence>
  /** What is missing refuses, unless its check is skipped by name; what is given is always checked. */
  readonly endorsements: Partial<NvidiaEndorsements>
  /** Unix seconds at which certificates and endorsements have to be valid. */
  readonly at: number
  /** Roots at which the chains may end; there is no default. */
  readonly trustAnchors: readonly NvidiaTrustAnchor[]
  readonly dangerouslySkip: readonly NvidiaSkippable[]
}

/**
 * Verifies signature, chain, revocation, firmware identity and reference values of one GPU or switch.
 *
 * Proves: the device whose attestation key is certified under a trust anchor signed this report, as the answer to the nonce in
 * it; its firmware is what the manifests say, as far as they are not skipped by name. Does not prove: that the nonce is yours
 * or the product is wanted ({@link appraiseNvidia}), or that the device is plugged into the machine that hands the evidence
 * over ({@link verifyGpuBinding}).
 *
 * @throws {EvidenceRejectedError} with the code of the first check that fails, in the order of `NVIDIA_CHECKS`.
 * @throws {MalformedEvidenceError} when an OCSP response or a manifest does not have its form.
 */
export async function verifyNvidia(input: VerifyNvidiaInput): Promise<Verified<NvidiaVerification>> {
  const trail = createTrail<NvidiaCheckId>(NVIDIA_CHECKS)
  trail.skip('report-format', 'parsed by the caller')
  return runNvidiaVerification(input, trail)
}

/** The same on a trail that the caller has begun. */
export async function runNvidiaVerification(
  input: VerifyNvidiaInput,
  trail: Trail<NvidiaCheckId>,
): Promise<Verified<NvidiaVerification>> {
  const { evidence, endorsements, at, trustAnchors, dangerouslySkip } = input
  const chain = await trail.run(
    'chain',
    () => verifyChain(evidence.certificates, 'device', { at, trustAnchors, codes: DEVICE_CHAIN_CODES }),
    ({ leaf, certificates, earliestExpiry }) => ({
      leaf: leaf.commonName,
      certificates: `${certificates.length}`,
      validUntil: iso(earliestExpiry),
    }),
  )
  const device = await trail.run('device', () => expectDevice(chain), describeDevice)
  const revocation = await checkRevocation(input, chain, trail)
  await checkSignature(evidence, chain.leaf, trail)
  const fwid = await checkFwid(evidence, device, chain.leaf, trail)
  const { rims = [], rimOcsp = [] } = endorsements
  const applied = await applyRims({ evidence, device, rims, rimOcsp, at, trustAnchors, dangerouslySkip }, trail)
  const manifests = [applied.driver, applied.vbios].filter((rim) => rim !== undefined)
  const revocations = [revocation, ...applied.revocations]
  const issues = revocations.flatMap(({ oldestIssue }) => oldestIssue ?? [])
  return {
    evidence,
    at,
    device,
    chain,
    revocation,
    rims: applied,
    fwid,
    simulated: chain.simulated || manifests.some((rim) => rim.chain.simulated),
    oldestIssue: issues.length > 0 ? Math.min(...issues) : undefined,
    earliestExpiry: Math.min(
      chain.earliestExpiry,
      ...manifests.map((rim) => rim.chain.earliestExpiry),
      ...revocations.flatMap(({ earliestExpiry }) => earliestExpiry ?? []),
    ),
    checks: trail.outcomes(),
  } as Verified<NvidiaVerification>
}

/** A device whose boot ROM NVIDIA itself has certified: with the key of one boot ROM nobody makes another below it. */
function expectDevice({ certificates }: VerifiedChain): NvidiaDevice {
  const device = certificates.length === DEVICE_CERTIFICATES ? deviceOf(certificates) : undefined
  if (device) return device
  const model = certificates[1]?.commonName ?? 'not certified'
  const metaMessages = [`hardware model ${model}, ${certificates.length} certificates below the root`]
  throw new EvidenceRejectedError('NVIDIA_ARCHITECTURE_UNSUPPORTED', { metaMessages })
}

const describeDevice = ({ kind, architecture, hardwareModel }: NvidiaDevice) => ({ kind, architecture, hardwareModel })

async function checkRevocation(input: VerifyNvidiaInput, chain: VerifiedChain, trail: Trail<NvidiaCheckId>) {
  const isSkipped = input.dangerouslySkip.includes('ocsp')
  const revocation = await trail.run(
    'ocsp',
    () =>
      verifyRevocation({
        chain,
        responses: input.endorsements.ocsp ?? [],
        at: input.at,
        codes: DEVICE_REVOCATION_CODES,
        required: isSkipped ? 'none' : 'above-leaf',
      }),
    ({ good, unanswered }) => ({ good: good.join(' '), unanswered: unanswered.join(' ') }),
  )
  const open = revocation.unanswered.filter((serial) => serial !== chain.leaf.serial)
  if (isSkipped && open.length > 0) trail.skip('ocsp', 'skipped by name: not every certificate has a response')
  return revocation
}

async function checkSignature({ report }: NvidiaEvidence, leaf: X509Certificate, trail: Trail<NvidiaCheckId>) {
  await trail.run(
    'report-signature',
    async () => {
      const { key } = leaf
      const isP384 = key.type === 'ec' && key.curve === 'P-384'
      if (isP384 && (await verifyEcdsa(key, 'SHA-384', report.signedBytes, report.signature))) return
      throw new EvidenceRejectedError('NVIDIA_REPORT_SIGNATURE_INVALID')
    },
    () => ({ signedBytes: `${report.signedBytes.length}`, ueid: ueidOf(leaf) }),
  )
}

/**
 * The certificate's FWID, and the report's equal to it. Reports from driver 550 on carry one; older ones and those of switches may
 * not, which is said in the trail and is no match.
 */
async function checkFwid(
  { opaque }: NvidiaEvidence,
  device: NvidiaDevice,
  leaf: X509Certificate,
  trail: Trail<NvidiaCheckId>,
): Promise<Uint8Array> {
  const branch = Number.parseInt(opaque.driverVersion ?? `${FWID_SINCE_DRIVER}`, 10)
  const isDue = device.kind === 'gpu' && branch >= FWID_SINCE_DRIVER
  const fwid = await trail.run(
    'fwid',
    () => {
      const certified = readCertificateFwid(leaf)
      const reported = opaque.fwid
      if (certified === undefined) throw new EvidenceRejectedError('NVIDIA_FWID_MISSING')
      if (reported === undefined && !isDue) return certified
      if (reported === undefined) throw new EvidenceRejectedError('NVIDIA_FWID_MISSING')
      if (equalBytes(reported, certified)) return certified
      const metaMessages = [`certificate ${toHex(certified)}`, `report ${toHex(reported)}`]
      throw new EvidenceRejectedError('NVIDIA_FWID_MISMATCH', { metaMessages })
    },
    (certified) => ({ fwid: toHex(certified) }),
  )
  if (opaque.fwid === undefined) trail.skip('fwid', `the report of ${opaque.driverVersion ?? 'a switch'} carries none`)
  return fwid
}
