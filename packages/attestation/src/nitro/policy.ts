import type { NitroSkippable } from './chain.ts'

/**
 * One accepted set of PCRs: every one that AWS gives a meaning to has a value, hex in full width, or the word `any`. A PCR
 * that the document does not have matches `any` only.
 */
export interface NitroPcrReference {
  /** Enclave image. */
  readonly pcr0: string
  /** Kernel and boot ramdisk. */
  readonly pcr1: string
  /** Application. */
  readonly pcr2: string
  /** IAM role of the parent instance. */
  readonly pcr3: string
  /** Id of the parent instance. */
  readonly pcr4: string
  /** Certificate that signed the image. */
  readonly pcr8: string
  /** Further PCRs by index as text, for example `{ "16": "30e8…" }`. */
  readonly others: Readonly<Record<string, string>>
}

/** Appraisal policy of AWS Nitro evidence. Complete: every field is required, and "any" has to be written. */
export interface NitroPolicy {
  readonly format: 'spartan-nitro-policy/1'
  /** Debug mode: PCR0, PCR1 and PCR2 are zero and the parent instance reads the console. */
  readonly debug: 'refuse' | 'accept'
  /** Oldest accepted document, seconds. */
  readonly maxDocumentAgeSeconds: number | 'any'
  /** How far ahead the document's clock may be, seconds. */
  readonly maxClockSkewSeconds: number
  /** Oldest accepted CRL, seconds. */
  readonly maxEndorsementAgeSeconds: number | 'any'
  readonly pcrs: readonly NitroPcrReference[] | 'any'
  /** Hex; the empty text expects that the enclave gave none. */
  readonly publicKey: { readonly expected: string } | 'any'
  readonly userData: { readonly expected: string } | 'any'
  readonly nonce: { readonly expected: string } | 'any'
  readonly dangerouslySkip: readonly NitroSkippable[]
}

/** The fields that no preset can know. */
export type NitroExpectedValues = Pick<NitroPolicy, 'pcrs' | 'publicKey' | 'userData' | 'nonce'>

/** What the marketplace asks of a provider: a document of the last hour, clocks five minutes apart, CRLs of a week. */
export function marketplaceNitroPolicy(expected: NitroExpectedValues): NitroPolicy {
  return {
    format: 'spartan-nitro-policy/1',
    debug: 'refuse',
    maxDocumentAgeSeconds: 3600,
    maxClockSkewSeconds: 300,
    maxEndorsementAgeSeconds: 7 * 86_400,
    dangerouslySkip: [],
    ...expected,
  }
}

/** The same with a document of the last five minutes and CRLs of the last day. */
export function strictNitroPolicy(expected: NitroExpectedValues): NitroPolicy {
  return { ...marketplaceNitroPolicy(expected), maxDocumentAgeSeconds: 300, maxEndorsementAgeSeconds: 86_400 }
}

/** What the published test vectors are judged by: strict cryptography, permissive appraisal. Not for production. */
export function vectorsNitroPolicy(expected: NitroExpectedValues): NitroPolicy {
  return { ...marketplaceNitroPolicy(expected), maxDocumentAgeSeconds: 'any', maxEndorsementAgeSeconds: 'any' }
}
