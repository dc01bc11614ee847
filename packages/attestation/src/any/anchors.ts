import type { CcaTrustAnchor } from '../cca/index.ts'
import { fromBase64, toBase64 } from '../internal/bytes.ts'
import type { NitroTrustAnchor } from '../nitro/index.ts'
import type { NvidiaTrustAnchor } from '../nvidia/index.ts'
import { AMD_ROOTS, type SnpTrustAnchor } from '../roots/amd.ts'
import { AWS_NITRO_ROOT_G1 } from '../roots/aws.ts'
import { INTEL_SGX_ROOT, type TrustAnchor } from '../roots/intel.ts'
import { NVIDIA_ROOTS } from '../roots/nvidia.ts'
import type { EvidenceKind } from './kinds.ts'
import { either, expectShape, list, object, pattern, type Shape, text } from './shape.ts'

/** Trust anchor of each kind of evidence. */
export interface AnchorOf {
  readonly tdx: TrustAnchor
  readonly sgx: TrustAnchor
  readonly snp: SnpTrustAnchor
  readonly cca: CcaTrustAnchor
  readonly nvidia: NvidiaTrustAnchor
  readonly nitro: NitroTrustAnchor
}

/** Trust anchors by kind. */
export type AnchorsOf = { readonly [kind in EvidenceKind]: readonly AnchorOf[kind][] }

/** The roots of the vendors that are embedded in this package. CCA has none: its keys come from the platform's vendor. */
export const VENDOR_ANCHORS: AnchorsOf = {
  tdx: [INTEL_SGX_ROOT],
  sgx: [INTEL_SGX_ROOT],
  snp: AMD_ROOTS,
  cca: [],
  nvidia: NVIDIA_ROOTS,
  nitro: [AWS_NITRO_ROOT_G1],
}

const BASE64 = pattern('^[A-Za-z0-9+/]+={0,2}$', 'bytes in base64')
const SIMULATED: Shape = { is: 'boolean' }
const CERTIFICATE = object<{ certificate: string; simulated: boolean }>({ certificate: BASE64, simulated: SIMULATED })
const PUBLIC_KEY = object<{ publicKey: string; simulated: boolean }>({ publicKey: BASE64, simulated: SIMULATED })

/** Bytes of an anchor in base64, by kind. */
const ANCHOR_SHAPES: Readonly<Record<EvidenceKind, Shape>> = {
  tdx: PUBLIC_KEY,
  sgx: PUBLIC_KEY,
  snp: CERTIFICATE,
  cca: either(
    PUBLIC_KEY,
    object({ publicKey: BASE64, implementationId: BASE64, simulated: SIMULATED }),
    object({ publicKey: BASE64, instanceId: BASE64, simulated: SIMULATED }),
    object({ publicKey: BASE64, instanceId: BASE64, implementationId: BASE64, simulated: SIMULATED }),
  ),
  nvidia: object({ role: text('device', 'rim'), certificate: BASE64, simulated: SIMULATED }),
  nitro: CERTIFICATE,
}
const MAX_ANCHORS = 64

/** Encodes trust anchors as JSON: bytes in base64, the rest as it is. */
export function anchorsToJson(
  anchors: readonly AnchorOf[EvidenceKind][],
): readonly Readonly<Record<string, unknown>>[] {
  return anchors.map((anchor) =>
    Object.fromEntries(
      Object.entries(anchor).map(([name, value]) => [name, value instanceof Uint8Array ? toBase64(value) : value]),
    ),
  )
}

/**
 * Decodes trust anchors of one kind. Reading them is not trusting them: that is for the caller to say.
 *
 * @throws {MalformedEvidenceError} EVIDENCE_ANCHOR_MALFORMED.
 */
export function anchorsFromJson<K extends EvidenceKind>(kind: K, json: unknown): readonly AnchorOf[K][] {
  const shape = list(ANCHOR_SHAPES[kind], 1, MAX_ANCHORS)
  expectShape(json, shape, 'trustAnchors', 'EVIDENCE_ANCHOR_MALFORMED')
  const read = json as readonly Readonly<Record<string, string | boolean>>[]
  return read.map((anchor) => {
    const entries = Object.entries(anchor).map(([name, value]) => {
      return [name, name === 'role' || typeof value === 'boolean' ? value : (fromBase64(value) ?? new Uint8Array())]
    })
    return Object.fromEntries(entries) as AnchorOf[K]
  })
}
