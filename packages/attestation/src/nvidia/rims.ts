import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import type { Trail } from '../internal/trail.ts'
import type { NvidiaTrustAnchor } from '../roots/nvidia.ts'
import type { NvidiaCheckId, NvidiaSkippable } from './checks.ts'
import { compareMeasurements, type MeasurementComparison } from './measurements.ts'
import { type Revocation, RIM_REVOCATION_CODES, verifyRevocation } from './ocsp.ts'
import { isChipOf, type NvidiaDevice, type NvidiaEvidence } from './parse.ts'
import type { RimContent } from './rim/swid.ts'
import type { ParsedRim, SignedRim } from './rim/verifyRim.ts'

/** Reference values of one device, compared with its report. */
export interface AppliedRims {
  readonly driver: SignedRim | undefined
  readonly vbios: SignedRim | undefined
  readonly revocations: readonly Revocation[]
  /** Undefined when there is no manifest at all. */
  readonly comparison: MeasurementComparison | undefined
  /** Every manifest that this kind of device has is there, and every active value is met. */
  readonly complete: boolean
}

/** Input of {@link applyRims}. */
export interface ApplyRimsInput {
  readonly evidence: NvidiaEvidence
  readonly device: NvidiaDevice
  readonly rims: readonly Uint8Array[]
  readonly rimOcsp: readonly Uint8Array[]
  readonly at: number
  readonly trustAnchors: readonly NvidiaTrustAnchor[]
  readonly dangerouslySkip: readonly NvidiaSkippable[]
}

type Role = 'driver' | 'vbios'

interface Candidate {
  readonly role: Role
  readonly rim: ParsedRim
}

const CHECK_OF = { driver: 'driver-rim', vbios: 'vbios-rim' } as const satisfies Record<Role, NvidiaCheckId>

const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })

/**
 * Verifies the manifests of a device, their revocation, and compares the report with them. Every document that is given must be
 * for this device. The XML part of this package is loaded here and only when there is a document.
 */
export async function applyRims(input: ApplyRimsInput, trail: Trail<NvidiaCheckId>): Promise<AppliedRims> {
  const roles: readonly Role[] = input.device.kind === 'gpu' ? ['driver', 'vbios'] : ['vbios']
  if (input.device.kind === 'switch') trail.skip('driver-rim', 'a switch has no driver of its own')
  const found = new Map<Role, SignedRim>()
  let sorted: Promise<readonly Candidate[]> | undefined
  // What does not parse or belongs to no role fails the first check that runs.
  const candidates = () => {
    sorted ??= sortRims(input)
    return sorted
  }
  for (const role of roles) {
    if (input.rims.length === 0 && input.dangerouslySkip.includes(CHECK_OF[role])) {
      trail.skip(CHECK_OF[role], 'skipped by name: no manifest given')
      continue
    }
    const rim = await findRim(input, role, candidates, trail)
    if (rim) found.set(role, rim)
  }
  const revocations = await checkRevocation(input, [...found.values()], trail)
  const comparison = await compare(input.evidence, [...found.values()], trail)
  return {
    driver: found.get('driver'),
    vbios: found.get('vbios'),
    revocations,
    comparison,
    complete: comparison !== undefined && roles.every((role) => found.has(role)),
  }
}

/** The manifest of a role, verified. */
async function findRim(
  input: ApplyRimsInput,
  role: Role,
  all: () => Promise<readonly Candidate[]>,
  trail: Trail<NvidiaCheckId>,
) {
  const { dangerouslySkip } = input
  let skipped = false
  const rim = await trail.run(
    CHECK_OF[role],
    async () => {
      const [candidate, ...more] = (await all()).filter((found) => found.role === role)
      if (more.length > 0) throw reject('NVIDIA_RIM_AMBIGUOUS', role)
      skipped = candidate === undefined && dangerouslySkip.includes(CHECK_OF[role])
      if (skipped) return undefined
      if (!candidate) throw reject('NVIDIA_RIM_MISSING', `${role} ${versionOf(input.evidence, role) ?? 'not stated'}`)
      const { verifyParsedRim } = await import('./rim/verifyRim.ts')
      return verifyParsedRim(candidate.rim, input)
    },
    (found) => (found ? describe(found) : {}),
  )
  if (skipped) trail.skip(CHECK_OF[role], 'skipped by name: no manifest given')
  return rim
}

const describe = ({ content, digest }: SignedRim) => ({
  product: content.product,
  version: content.version,
  tagId: content.tagId,
  digest,
})

/** Sorts documents by what they say of themselves; nothing is verified yet. */
async function sortRims({ rims, evidence, device }: ApplyRimsInput): Promise<readonly Candidate[]> {
  if (rims.length === 0) return []
  const { parseRim } = await import('./rim/verifyRim.ts')
  return rims.map((document) => {
    const rim = parseRim(document)
    const role = roleOf(rim.content, evidence, device)
    if (role) return { role, rim }
    const { edition, product, version } = rim.content
    throw reject('NVIDIA_RIM_UNRELATED', `${edition} ${product} ${version}`)
  })
}

/** What a manifest is for, if it is for this device: edition, product and version are signed, a board is not named. */
function roleOf(content: RimContent, evidence: NvidiaEvidence, device: NvidiaDevice): Role | undefined {
  const edition = device.kind === 'gpu' ? 'GPU' : 'SWITCH'
  if (content.edition !== edition) return undefined
  if (!isChipOf(content.product, device, evidence.opaque)) return undefined
  if (content.version.toUpperCase() === versionOf(evidence, 'vbios')) return 'vbios'
  return content.version === versionOf(evidence, 'driver') ? 'driver' : undefined
}

const versionOf = ({ opaque }: NvidiaEvidence, role: Role) =>
  role === 'driver' ? opaque.driverVersion : opaque.vbiosVersion

async function checkRevocation(input: ApplyRimsInput, rims: readonly SignedRim[], trail: Trail<NvidiaCheckId>) {
  const isSkipped = input.dangerouslySkip.includes('rim-ocsp')
  if (rims.length === 0) {
    trail.skip('rim-ocsp', 'no manifest')
    return []
  }
  const revocations = await trail.run(
    'rim-ocsp',
    () =>
      Promise.all(
        rims.map(({ chain }) =>
          verifyRevocation({
            chain,
            responses: input.rimOcsp,
            at: input.at,
            codes: RIM_REVOCATION_CODES,
            required: isSkipped ? 'none' : 'all',
          }),
        ),
      ),
    (found) => ({
      good: found.flatMap(({ good }) => good).join(' '),
      unanswered: found.flatMap(({ unanswered }) => unanswered).join(' '),
    }),
  )
  if (isSkipped && revocations.some(({ unanswered }) => unanswered.length > 0)) {
    trail.skip('rim-ocsp', 'skipped by name: not every certificate has a response')
  }
  return revocations
}

async function compare(evidence: NvidiaEvidence, rims: readonly SignedRim[], trail: Trail<NvidiaCheckId>) {
  if (rims.length === 0) {
    trail.skip('measurements', 'no manifest')
    return undefined
  }
  return trail.run(
    'measurements',
    () => {
      const { measurements } = evidence.report
      const { nvdec0Enabled } = evidence.opaque
      const comparison = compareMeasurements(
        { measurements, nvdec0Enabled },
        rims.map(({ content }) => content.measurements),
      )
      if (comparison.mismatched.length === 0) return comparison
      throw reject('NVIDIA_MEASUREMENT_MISMATCH', `RIM indexes ${comparison.mismatched.join(' ')}`)
    },
    ({ compared, ignored }) => ({ compared: compared.join(' '), ignored: ignored.join(' ') }),
  )
}
