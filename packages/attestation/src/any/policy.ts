import type { CcaPolicy } from '../cca/index.ts'
import { MalformedEvidenceError } from '../errors.ts'
import type { NitroPolicy } from '../nitro/index.ts'
import type { NvidiaPolicy } from '../nvidia/index.ts'
import type { SgxPolicy } from '../sgx/index.ts'
import type { SnpPolicy } from '../snp/index.ts'
import type { TdxPolicy } from '../tdx/index.ts'
import { parseUniqueJson } from './json.ts'
import type { EvidenceKind } from './kinds.ts'
import { POLICY_SHAPES } from './policyShapes.ts'
import { either, expectShape, jsonSchemaOf, type ObjectShape, object, text } from './shape.ts'

/** Policy of each kind of evidence. */
export interface PolicyOf {
  readonly tdx: TdxPolicy
  readonly sgx: SgxPolicy
  readonly snp: SnpPolicy
  readonly cca: CcaPolicy
  readonly nvidia: NvidiaPolicy
  readonly nitro: NitroPolicy
}

/** A complete policy of one kind, or `refuse` for evidence that is not wanted at all. */
export type PolicyOrRefusal = { readonly [kind in EvidenceKind]: PolicyOf[kind] | 'refuse' }

/** One document for every kind of evidence. */
export interface EvidencePolicy extends PolicyOrRefusal {
  readonly format: 'spartan-evidence-policy/1'
}

const orRefuse = (shape: ObjectShape) => either(text('refuse'), shape)

const EVIDENCE_POLICY_SHAPE = object<EvidencePolicy>({
  format: text('spartan-evidence-policy/1'),
  tdx: orRefuse(POLICY_SHAPES.tdx),
  sgx: orRefuse(POLICY_SHAPES.sgx),
  snp: orRefuse(POLICY_SHAPES.snp),
  cca: orRefuse(POLICY_SHAPES.cca),
  nvidia: orRefuse(POLICY_SHAPES.nvidia),
  nitro: orRefuse(POLICY_SHAPES.nitro),
})

/** Larger than a policy with the most references that its shape allows would have to be in practice. */
export const MAX_POLICY_BYTES = 4 * 1024 * 1024

/**
 * Reads a policy document: JSON in UTF-8, each key once, every field there and of its documented form, none besides.
 *
 * @throws {MalformedEvidenceError} EVIDENCE_POLICY_MALFORMED with path and expectation.
 */
export function readEvidencePolicy(bytes: Uint8Array): EvidencePolicy {
  return evidencePolicyFromJson(parseUniqueJson(bytes, 'EVIDENCE_POLICY_MALFORMED', MAX_POLICY_BYTES))
}

/** The same of a JSON value that has been parsed already: whoever did it answers for keys that stand twice. */
export function evidencePolicyFromJson(json: unknown): EvidencePolicy {
  expectShape(json, EVIDENCE_POLICY_SHAPE, 'policy', 'EVIDENCE_POLICY_MALFORMED')
  return json as EvidencePolicy
}

/**
 * The policy of one kind, from a document for that kind alone or for all.
 *
 * @throws {MalformedEvidenceError} EVIDENCE_POLICY_MALFORMED; EVIDENCE_POLICY_KIND_MISMATCH for one of another kind.
 */
export function readPolicyFor<K extends EvidenceKind>(kind: K, bytes: Uint8Array): PolicyOrRefusal[K] {
  const json = parseUniqueJson(bytes, 'EVIDENCE_POLICY_MALFORMED', MAX_POLICY_BYTES)
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  if (format === 'spartan-evidence-policy/1') return evidencePolicyFromJson(json)[kind]
  return policyFromJson(kind, json)
}

/** The same of a JSON value for this one kind. */
export function policyFromJson<K extends EvidenceKind>(kind: K, json: unknown): PolicyOf[K] {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  const other = Object.keys(POLICY_SHAPES).find((name) => name !== kind && format === `spartan-${name}-policy/1`)
  if (other !== undefined) {
    throw new MalformedEvidenceError('EVIDENCE_POLICY_KIND_MISMATCH', { offset: 0, expected: kind, got: other })
  }
  expectShape(json, POLICY_SHAPES[kind], 'policy', 'EVIDENCE_POLICY_MALFORMED')
  return json as PolicyOf[K]
}

/** JSON schema (draft 2020-12) of {@link EvidencePolicy}. */
export function evidencePolicyJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Spartan evidence policy',
    description:
      'Appraisal policy of TEE evidence. Complete: every field is required, "any" has to be written, and "refuse" stands for kinds that are not wanted.',
    ...jsonSchemaOf(EVIDENCE_POLICY_SHAPE),
  }
}
