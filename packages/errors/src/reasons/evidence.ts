import type { Reason } from '../reason.ts'

/** Containers, policies and bundles of evidence of any TEE (docs/specs/attestation.md). */
export const EVIDENCE_REASONS = {
  EVIDENCE_CONTAINER_MALFORMED: {
    what: 'The container of the evidence cannot be read.',
    action: 'Give the evidence as binary, hex, base64, PEM or JSON with each key once.',
    retry: 'never',
  },
  EVIDENCE_CONTAINER_AMBIGUOUS: {
    what: 'The container holds evidence in more than one field.',
    action: 'Give each piece of evidence in a file of its own.',
    retry: 'never',
  },
  EVIDENCE_KIND_UNKNOWN: {
    what: 'The bytes are not evidence of any supported kind.',
    action: 'Give a TDX or SGX quote, an SNP report, a CCA token, an NVIDIA report or a Nitro document.',
    retry: 'never',
  },
  EVIDENCE_KIND_UNSUPPORTED: {
    what: 'Evidence of this kind cannot be judged here.',
    action: 'Use a build that supports this TEE.',
    retry: 'never',
  },
  EVIDENCE_POLICY_MALFORMED: {
    what: 'The policy is not a complete document of its documented form.',
    action: 'Correct the field that is named; docs/specs/evidence-policy.schema.json has every field.',
    retry: 'never',
  },
  EVIDENCE_POLICY_KIND_MISMATCH: {
    what: 'The policy is for evidence of another kind.',
    action: 'Give a policy for this kind, or one for all kinds.',
    retry: 'never',
  },
  EVIDENCE_KIND_REFUSED: {
    what: 'The policy refuses evidence of this kind.',
    action: 'Use a provider with another TEE, or give a policy for this kind.',
    retry: 'never',
  },
  EVIDENCE_EXPECTATION_UNKNOWN: {
    what: 'Evidence of this kind has no such value to expect.',
    action: 'Leave it out, or name a value that this kind has.',
    retry: 'never',
  },
  EVIDENCE_ANCHOR_MALFORMED: {
    what: 'The trust anchors are not JSON of the documented form.',
    action: 'Correct the field that is named.',
    retry: 'never',
  },
  EVIDENCE_BUNDLE_MALFORMED: {
    what: 'The evidence bundle is not a complete document of its documented form.',
    action: 'Export the bundle again with `spartan evidence bundle export`.',
    retry: 'never',
  },
} as const satisfies Record<string, Reason>
