/** Reads the NVIDIA entries of the evidence test vectors. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type NamedRim, NVIDIA_ROOTS, type NvidiaTrustAnchor } from '@spartan/attestation'

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

interface ManifestEntry {
  readonly id: string
  readonly verify_at: string | null
  readonly files: readonly { readonly path: string }[]
  readonly expected: NvidiaExpectation
}

const folder = join(process.env.SPARTAN_FIXTURES ?? '', 'vectors')
const PREFIX = 'nvidia-gpu/'

/** Whether the vectors are there; tests skip themselves visibly where they are not. */
export const hasVectors = process.env.SPARTAN_FIXTURES !== undefined && existsSync(join(folder, 'manifest.json'))

/** Every NVIDIA entry to judge; none where the vectors are not there. */
export function nvidiaVectors(): readonly NvidiaVector[] {
  if (!hasVectors) return []
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as readonly ManifestEntry[]
  return manifest.filter(({ id }) => id.startsWith(PREFIX)).flatMap((entry) => vectorOf(entry) ?? [])
}

function vectorOf(entry: ManifestEntry): NvidiaVector | undefined {
  const file = (name: string): Uint8Array | undefined => {
    const found = entry.files.find(({ path }) => basename(path) === name)
    return found === undefined ? undefined : new Uint8Array(readFileSync(join(folder, found.path)))
  }
  const report = file('attestation_report.bin')
  const certificateChain = file('cert_chain.pem')
  const rim = file('rim.xml')
  if (entry.verify_at === null || (!report && !rim)) return undefined
  return {
    name: entry.id.slice(PREFIX.length),
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
