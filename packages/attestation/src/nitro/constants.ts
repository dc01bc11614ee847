import type { CborRules } from '../internal/cbor.ts'
import { type CoseRules, ES384 } from '../internal/cose.ts'

/** Sizes and names in Nitro documents. Source: AWS Nitro Enclaves NSM API, docs/attestation_process.md §2.2 and §3.2.2. */

/** Digest of the PCRs; the only one that AWS names. */
export const DIGEST = 'SHA384'
/** PCRs have the indexes 0 to 31. */
export const MAX_PCRS = 32
/** Sizes and bounds of fields, bytes. */
export const PCR_SIZES = [32, 48, 64] as const
export const CERTIFICATE_SIZE = { min: 1, max: 1024 } as const
export const PUBLIC_KEY_SIZE = { min: 1, max: 1024 } as const
export const USER_DATA_SIZE = { min: 0, max: 512 } as const
export const NONCE_SIZE = { min: 0, max: 512 } as const
/** Every field that a document may have. */
export const FIELDS = [
  'module_id',
  'digest',
  'timestamp',
  'pcrs',
  'certificate',
  'cabundle',
  'public_key',
  'user_data',
  'nonce',
] as const
/** AWS's bundles have four certificates; more than this only costs time. */
export const MAX_BUNDLE = 8
/** PCRs that are zero when the enclave runs in debug mode: image, kernel, application. */
export const DEBUG_PCRS = [0, 1, 2] as const

/** bstr .size (1..16384). */
export const PAYLOAD_SIZE = { min: 1, max: 16_384 } as const
const MESSAGE_OVERHEAD = 256

const FRAMING: CborRules = {
  maxBytes: PAYLOAD_SIZE.max + MESSAGE_OVERHEAD,
  maxItems: 16,
  maxDepth: 3,
  heads: 'shortest',
  topMap: 'definite',
}

/** The payload. AWS's newer hypervisors write its outermost map with indefinite length, and nothing else. */
export const PAYLOAD_RULES: CborRules = {
  maxBytes: PAYLOAD_SIZE.max,
  maxItems: 256,
  maxDepth: 3,
  heads: 'shortest',
  topMap: 'indefinite-allowed',
}

/** The document itself. */
export const COSE_RULES: CoseRules = {
  message: FRAMING,
  protectedHeader: FRAMING,
  tag: 'optional',
  algorithms: [ES384],
}
