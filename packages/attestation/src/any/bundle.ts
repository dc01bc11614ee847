import { MalformedEvidenceError } from '../errors.ts'
import { fromBase64, toBase64 } from '../internal/bytes.ts'
import { type AnchorOf, anchorsFromJson, anchorsToJson } from './anchors.ts'
import { isJsonObject, type JsonObject, parseUniqueJson } from './json.ts'
import { EVIDENCE_KINDS, type EvidenceKind } from './kinds.ts'
import { type PolicyOf, policyFromJson } from './policy.ts'
import { either, expectShape, integer, object, pattern, type Shape, text } from './shape.ts'
import { ENDORSEMENT_CODECS, type EndorsementsOf, type EvidenceOf } from './verify.ts'

/** Evidence with everything that its judgement needs, for a machine without a network. */
export type EvidenceBundle = {
  readonly [K in EvidenceKind]: {
    readonly kind: K
    readonly evidence: EvidenceOf[K]
    readonly endorsements: EndorsementsOf[K]
    readonly policy: PolicyOf[K]
    /** Unix seconds at which the evidence is to be judged; undefined: at the time of whoever opens the bundle. */
    readonly at: number | undefined
    /**
     * `vendor`: the roots embedded in this package. Others (a simulation, CCA keys) are written out, and whoever opens the bundle has
     * to say that they are trusted: a bundle cannot make itself trustworthy.
     */
    readonly trustAnchors: 'vendor' | readonly AnchorOf[K][]
  }
}[EvidenceKind]

/** Larger than evidence, endorsements and policy of any kind together: two manifests of NVIDIA have a quarter of a megabyte. */
export const MAX_BUNDLE_BYTES = 16 * 1024 * 1024

const BASE64 = pattern('^[A-Za-z0-9+/]+={0,2}$', 'bytes in base64')
const ANY_OBJECT: Shape = { is: 'record', keys: '', of: { is: 'anything' } }
const BUNDLE_SHAPE = object({
  format: text('spartan-evidence-bundle/1'),
  kind: text(...EVIDENCE_KINDS),
  evidence: either(BASE64, object({ report: BASE64, certificateChain: BASE64 })),
  endorsements: ANY_OBJECT,
  policy: ANY_OBJECT,
  at: either({ is: 'null' }, integer(0, 253_402_300_799)),
  trustAnchors: either(text('vendor'), { is: 'list', of: ANY_OBJECT, min: 1, max: 64 }),
})

/** Writes a bundle as JSON. */
export function evidenceBundleToJson(bundle: EvidenceBundle): JsonObject {
  const { kind, policy, at, trustAnchors } = bundle
  return {
    format: 'spartan-evidence-bundle/1',
    kind,
    evidence: evidenceToJson(bundle),
    endorsements: endorsementsToJson(bundle),
    policy,
    at: at ?? null,
    trustAnchors: trustAnchors === 'vendor' ? 'vendor' : anchorsToJson(trustAnchors),
  }
}

function evidenceToJson(bundle: EvidenceBundle): unknown {
  if (bundle.kind !== 'nvidia') return toBase64(bundle.evidence)
  const { report, certificateChain } = bundle.evidence
  return { report: toBase64(report), certificateChain: toBase64(certificateChain) }
}

function endorsementsToJson(bundle: EvidenceBundle): unknown {
  const { toJson } = ENDORSEMENT_CODECS[bundle.kind]
  // The codec is the one of the bundle's own kind; TypeScript does not follow the pair through the union.
  return (toJson as (endorsements: EvidenceBundle['endorsements']) => unknown)(bundle.endorsements)
}

/**
 * Reads a bundle: JSON in UTF-8, at most 16 MiB, each key once, every field there and none besides.
 *
 * Proves: the form. Does not prove: that policy and trust anchors are what the reader wants; look at them.
 *
 * @throws {MalformedEvidenceError} EVIDENCE_BUNDLE_MALFORMED, EVIDENCE_POLICY_MALFORMED, EVIDENCE_ANCHOR_MALFORMED, or the code of
 * the kind's endorsements.
 */
export function readEvidenceBundle(bytes: Uint8Array): EvidenceBundle {
  const code = 'EVIDENCE_BUNDLE_MALFORMED'
  const json = parseUniqueJson(bytes, code, MAX_BUNDLE_BYTES)
  expectShape(json, BUNDLE_SHAPE, 'bundle', code)
  const { kind, evidence, endorsements, policy, at, trustAnchors } = json as {
    readonly kind: EvidenceKind
    readonly [name: string]: unknown
  }
  const read = {
    kind,
    evidence: kind === 'nvidia' ? readNvidia(evidence) : readBytes(evidence, 'evidence'),
    endorsements: ENDORSEMENT_CODECS[kind].fromJson(endorsements),
    policy: policyFromJson(kind, policy),
    at: typeof at === 'number' ? at : undefined,
    trustAnchors: trustAnchors === 'vendor' ? ('vendor' as const) : anchorsFromJson(kind, trustAnchors),
  }
  return read as EvidenceBundle
}

function readNvidia(value: unknown): EvidenceOf['nvidia'] {
  const { report, certificateChain } = isJsonObject(value) ? value : fail('report and certificate chain', 'evidence')
  return { report: readBytes(report, 'report'), certificateChain: readBytes(certificateChain, 'certificateChain') }
}

function readBytes(value: unknown, path: string): Uint8Array {
  return (typeof value === 'string' ? fromBase64(value) : undefined) ?? fail('bytes in canonical base64', path)
}

function fail(expected: string, path: string): never {
  throw new MalformedEvidenceError('EVIDENCE_BUNDLE_MALFORMED', {
    offset: 0,
    expected: `${expected} at bundle.${path}`,
    got: 'something else',
  })
}
