/** Reads the NVIDIA entries of the evidence test vectors. */
import { type NamedRim, NVIDIA_ROOTS, type NvidiaTrustAnchor } from '@spartan/attestation'
import { fileOf, type VectorEntry, vectorsOf } from './manifest.ts'

/** What the manifest states of an entry. */
export interface NvidiaExpectation {
  readonly verdict: 'pass' | 'fail'
  readonly reason: string | null
  /** Hex. */
  readonly nonce?: string | null
  readonly policy?: Readonly<Record<string, unknown>>
  readonly fields: Readonly<Record<string, unknown>> & {
    /** Manifests that the evidence was compared with, by the name of their entry. */
    readonly rim_comparison?: Readonly<
      Record<string, { readonly active: number; readonly mismatched_indexes: number[] }>
    >
  }
}

/** One entry: evidence, or a manifest alone. */
export interface NvidiaVector {
  /** Without `nvidia-gpu/`. */
  readonly name: string
  readonly expected: NvidiaExpectation
  /** Unix seconds. */
  readonly at: number
  readonly trustAnchors: readonly NvidiaTrustAnchor[]
  readonly evidence: { readonly report: Uint8Array; readonly certificateChain: Uint8Array } | undefined
  readonly rim: Uint8Array | undefined
}

type ManifestEntry = VectorEntry<NvidiaExpectation>
const TEE = 'nvidia-gpu'

/** Every NVIDIA entry to judge; none where the vectors are not there. */
export function nvidiaVectors(): readonly NvidiaVector[] {
  return vectorsOf<NvidiaExpectation>(TEE).flatMap((entry) => vectorOf(entry) ?? [])
}

function vectorOf(entry: ManifestEntry): NvidiaVector | undefined {
  const file = (name: string) => fileOf(entry, name)
  const report = file('attestation_report.bin')
  const certificateChain = file('cert_chain.pem')
  const rim = file('rim.xml')
  if (entry.verify_at === null || (!report && !rim)) return undefined
  return {
    name: entry.id.slice(TEE.length + 1),
    expected: entry.expected,
    at: Date.parse(entry.verify_at) / 1000,
    trustAnchors: NVIDIA_ROOTS,
    evidence: report && certificateChain && { report, certificateChain },
    rim,
  }
}

/**
 * Manifests that an entry of evidence states it was compared with, where they are entries of their own. A good entry may name one of
 * another revision that it does not meet; a negative one is about exactly that.
 */
export function comparedRims(vector: NvidiaVector, all: readonly NvidiaVector[]): readonly NamedRim[] {
  const names = Object.keys(vector.expected.fields.rim_comparison ?? {})
  return all.flatMap(({ name, rim }) => (rim && names.includes(name) ? [{ name, document: rim }] : []))
}
