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
} as const satisfies Record<string, Reason>
