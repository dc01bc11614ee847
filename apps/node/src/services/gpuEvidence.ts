import {
  marketplaceNvidiaPolicy,
  NVIDIA_ROOTS,
  type NvidiaClaims,
  type NvidiaTrustAnchor,
  verifyNvidiaEvidence,
} from '@spartan/attestation/nvidia'
import { z } from 'zod'
import { AttesterError, messageOf } from '../errors.ts'

const base64 = z
  .string()
  .max(1024 * 1024)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/)
  .transform((text): Uint8Array => new Uint8Array(Buffer.from(text, 'base64')))
const schema = z.object({
  report: base64,
  certificates: z.array(base64).min(2).max(8),
  driverRim: base64.optional(),
  vbiosRim: base64,
  ocsp: z.array(base64).max(16),
  rimOcsp: z.array(base64).max(16),
})

/** Evidence of one GPU with its endorsements, as a source hands it out: every member base64. */
export type GpuEvidence = z.output<typeof schema>

/** Where evidence of one GPU comes from. */
export interface GpuSource {
  readonly name: string
  /** Whether its device is simulated: its roots are then the ones it brings along. */
  readonly simulated: boolean
  /** @param nonce - 32 bytes. Failure: `NODE_GPU_EVIDENCE_UNAVAILABLE`. */
  issue(nonce: Uint8Array): Promise<GpuEvidence>
}

/** Checks the shape only. Failure: `NODE_GPU_EVIDENCE_UNAVAILABLE`. */
export function readGpuEvidence(json: unknown, source: string): GpuEvidence {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new AttesterError('NODE_GPU_EVIDENCE_UNAVAILABLE', {
    metaMessages: [`${source} is not in the documented form`, ...parsed.error.issues.map(({ path }) => path.join('.'))],
  })
}

/**
 * Judges a GPU inside the measured guest, before the receipt key vouches for it.
 *
 * Proves: a genuine GPU, measured as its manifests say, answered this nonce. Does not prove: that it is in this machine.
 *
 * @param nonce - 32 bytes. @param at - Unix seconds.
 * @throws {AttesterError} `NODE_GPU_REFUSED` with the reason code of the verifier.
 */
export async function assertGpuAccepted(
  evidence: GpuEvidence,
  nonce: Uint8Array,
  at: number,
  simulated: boolean,
): Promise<NvidiaClaims> {
  const { report, certificates, driverRim, vbiosRim, ocsp, rimOcsp } = evidence
  const rims = driverRim === undefined ? [vbiosRim] : [driverRim, vbiosRim]
  const result = await verifyNvidiaEvidence({
    evidence: { report, certificateChain: pemOf(certificates) },
    endorsements: { ocsp, rims, rimOcsp },
    at,
    trustAnchors: simulated ? await ownRoots(evidence) : NVIDIA_ROOTS,
    policy: marketplaceNvidiaPolicy({ nonce: { expected: Buffer.from(nonce).toString('hex') } }),
  })
  if (result.verdict === 'accepted') return result.claims
  const { reasonCode, error } = result
  throw new AttesterError('NODE_GPU_REFUSED', { metaMessages: [`${reasonCode}: ${messageOf(error)}`], cause: error })
}

/** Roots that simulated evidence brings along: under any root it proves nothing about hardware. */
async function ownRoots({ certificates, vbiosRim }: GpuEvidence): Promise<readonly NvidiaTrustAnchor[]> {
  const { readNvidiaRim } = await import('@spartan/attestation/nvidia')
  const rim = await readNvidiaRim(vbiosRim)
  const anchor = (role: 'device' | 'rim', certificate: Uint8Array | undefined): NvidiaTrustAnchor[] =>
    certificate === undefined ? [] : [{ role, certificate, simulated: true }]
  return [...anchor('device', certificates.at(-1)), ...anchor('rim', rim.certificates.at(-1))]
}

function pemOf(certificates: readonly Uint8Array[]): Uint8Array {
  const pem = certificates.map((der) => {
    const lines =
      Buffer.from(der)
        .toString('base64')
        .match(/.{1,64}/g) ?? []
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
  })
  return new TextEncoder().encode(pem.join(''))
}
