import {
  type CcaEndorsements,
  ccaEndorsementsFromJson,
  ccaEndorsementsToJson,
  verifyCcaEvidence,
} from '../cca/index.ts'
import { type DcapEndorsements, dcapEndorsementsFromJson, dcapEndorsementsToJson } from '../dcap/index.ts'
import { PolicyRefusedError } from '../errors.ts'
import {
  type NitroEndorsements,
  nitroEndorsementsFromJson,
  nitroEndorsementsToJson,
  verifyNitroEvidence,
} from '../nitro/index.ts'
import {
  type NvidiaEndorsements,
  type NvidiaEvidenceBytes,
  nvidiaEndorsementsFromJson,
  nvidiaEndorsementsToJson,
  verifyNvidiaEvidence,
} from '../nvidia/index.ts'
import type { AttestationResult } from '../result.ts'
import { verifySgxEvidence } from '../sgx/index.ts'
import {
  type SnpEndorsements,
  snpEndorsementsFromJson,
  snpEndorsementsToJson,
  type VtpmQuote,
  verifySnpEvidence,
} from '../snp/index.ts'
import { type AppraisalHashes, verifyTdxEvidence } from '../tdx/index.ts'
import type { AnchorsOf } from './anchors.ts'
import type { EvidenceKind } from './kinds.ts'
import type { PolicyOrRefusal } from './policy.ts'

/** What evidence of each kind is. */
export interface EvidenceOf {
  readonly tdx: Uint8Array
  readonly sgx: Uint8Array
  readonly snp: Uint8Array
  readonly cca: Uint8Array
  readonly nvidia: NvidiaEvidenceBytes
  readonly nitro: Uint8Array
}

/** Endorsements of each kind; what is missing is left out. */
export interface EndorsementsOf {
  readonly tdx: Partial<DcapEndorsements>
  readonly sgx: Partial<DcapEndorsements>
  readonly snp: Partial<SnpEndorsements>
  readonly cca: CcaEndorsements
  readonly nvidia: Partial<NvidiaEndorsements>
  readonly nitro: Partial<NitroEndorsements>
}

/** Evidence of one kind with what it is judged by. */
export type EvidenceInput = {
  readonly [K in EvidenceKind]: {
    readonly kind: K
    readonly evidence: EvidenceOf[K]
    readonly endorsements: EndorsementsOf[K]
    readonly trustAnchors: AnchorsOf[K]
    readonly policy: PolicyOrRefusal[K]
    /** Unix seconds. */
    readonly at: number
    /** Quote of the vTPM behind an HCL report of Azure (SEV-SNP only). */
    readonly vtpmQuote?: VtpmQuote | undefined
  } & AppraisalHashes
}[EvidenceKind]

/**
 * Parses, verifies and appraises evidence of any kind. Never throws for a refusal: the result lists every check with what it found.
 *
 * Proves and does not prove: see the function of the kind, `verifyTdxEvidence` and its like. A policy that refuses the kind gives
 * EVIDENCE_KIND_REFUSED before a byte is read.
 */
export async function verifyEvidence(input: EvidenceInput): Promise<AttestationResult> {
  if (input.policy === 'refuse') {
    const error = new PolicyRefusedError('EVIDENCE_KIND_REFUSED', { metaMessages: [input.kind] })
    return { verdict: 'refused', reasonCode: error.code, error, checks: [] }
  }
  switch (input.kind) {
    case 'tdx':
      return verifyTdxEvidence({ ...input, policy: input.policy })
    case 'sgx':
      return verifySgxEvidence({ ...input, policy: input.policy })
    case 'snp':
      return verifySnpEvidence({ ...input, policy: input.policy })
    case 'cca':
      return verifyCcaEvidence({ ...input, policy: input.policy })
    case 'nvidia':
      return verifyNvidiaEvidence({ ...input, policy: input.policy })
    case 'nitro':
      return verifyNitroEvidence({ ...input, policy: input.policy })
  }
}

/** Readers and writers of endorsements by kind. */
export const ENDORSEMENT_CODECS: {
  readonly [K in EvidenceKind]: {
    readonly fromJson: (json: unknown) => EndorsementsOf[K]
    readonly toJson: (endorsements: EndorsementsOf[K]) => unknown
  }
} = {
  tdx: { fromJson: dcapEndorsementsFromJson, toJson: dcapEndorsementsToJson },
  sgx: { fromJson: dcapEndorsementsFromJson, toJson: dcapEndorsementsToJson },
  snp: { fromJson: snpEndorsementsFromJson, toJson: snpEndorsementsToJson },
  cca: { fromJson: ccaEndorsementsFromJson, toJson: ccaEndorsementsToJson },
  nvidia: {
    fromJson: nvidiaEndorsementsFromJson,
    toJson: ({ ocsp = [], rims = [], rimOcsp = [] }) => nvidiaEndorsementsToJson({ ocsp, rims, rimOcsp }),
  },
  nitro: {
    fromJson: (json) => (isEmpty(json) ? {} : nitroEndorsementsFromJson(json)),
    toJson: ({ crls }) => (crls ? nitroEndorsementsToJson({ crls }) : {}),
  },
}

/** No CRL at hand is not the same as a list without any. */
const isEmpty = (json: unknown) =>
  typeof json === 'object' && json !== null && !Array.isArray(json) && Object.keys(json).length === 0
