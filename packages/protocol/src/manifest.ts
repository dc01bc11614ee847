import { bytesToHex, type Hex, sha256 } from 'viem'
import { z } from 'zod'
import { utf8 } from './bytes.ts'
import { canonicalJson } from './canonical.ts'
import { ProtocolError } from './errors.ts'

export const MANIFEST_FORMAT = 'spartan-sealed/1'
/** Plaintext bytes of a record. */
export const MIN_RECORD_BYTES = 64 * 1024
export const MAX_RECORD_BYTES = 2 * 1024 * 1024
/** Bytes; a manifest describes files, it does not contain them. */
export const MAX_MANIFEST_BYTES = 1024 * 1024
const MAX_RECORDS = 2 ** 24

const bytes32 = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value))
const text = z.string().min(1).max(256)

/** Relative, `/`-separated, without empty, `.` or `..` parts: a path can never leave the folder it is unpacked to. */
const path = z
  .string()
  .regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/)
  .max(256)

/** Bounds of input values: above is exclusive, min and max are inclusive. */
const inputRangeSchema = z.strictObject({
  above: z.number().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
})

const tensorSchema = z.strictObject({
  name: text,
  datatype: text,
  /** -1 for a dimension that the request chooses. */
  shape: z.array(z.int().min(-1)).max(16),
  inputRange: inputRangeSchema.optional(),
})

const modelSchema = z.strictObject({
  engine: text,
  inputs: z.array(tensorSchema).min(1).max(64),
  outputs: z.array(tensorSchema).min(1).max(64),
  /** What one unit is: `elements` for tensor models. */
  units: text,
})

/** Where an input of this asset came from: dataset, file or other asset, by its own digest. */
const provenanceSchema = z.strictObject({
  name: text,
  licence: text,
  sha256: bytes32,
  assetId: z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,77})$/)
    .optional(),
  uri: z.string().max(1024).optional(),
})

const manifestSchema = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  name: text,
  kind: z.enum(['model', 'dataset', 'signal-feed']),
  licence: text,
  files: z
    .array(
      z.strictObject({
        path,
        /** Plaintext bytes. */
        size: z.int().min(1),
        /** Records of this file; files follow each other in the order of this list. */
        records: z.int().min(1),
        /** Of the plaintext. */
        sha256: bytes32,
      }),
    )
    .min(1)
    .max(4096),
  recordSize: z.int().min(MIN_RECORD_BYTES).max(MAX_RECORD_BYTES),
  recordCount: z.int().min(1).max(MAX_RECORDS),
  contentRoot: bytes32,
  keyEpoch: z.int().min(0).max(0xffffffff),
  inputs: z.array(provenanceSchema).max(1024),
  model: modelSchema.optional(),
})

/** Public description of a sealed asset. Its sha256 is on-chain as `manifestHash`. */
export type Manifest = z.infer<typeof manifestSchema>
export type ManifestModel = z.infer<typeof modelSchema>
export type Provenance = z.infer<typeof provenanceSchema>

/** Canonical JSON of a manifest: the exact bytes to store and to hash. */
export function encodeManifest(manifest: Manifest): string {
  return canonicalJson(checked(manifest))
}

/** sha256 of the canonical JSON. */
export function manifestHash(manifest: Manifest): Hex {
  return sha256(utf8(encodeManifest(manifest)))
}

/**
 * Reads a stored manifest and compares it with the hash that is on-chain.
 *
 * @throws {ProtocolError} `SEALED_MANIFEST_HASH_MISMATCH`, `SEALED_MANIFEST_MALFORMED` (also when not canonical).
 */
export function parseManifest(bytes: Uint8Array, expectedHash: Hex): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw new ProtocolError('SEALED_MANIFEST_MALFORMED')
  const got = sha256(bytes)
  if (got !== expectedHash.toLowerCase()) {
    throw new ProtocolError('SEALED_MANIFEST_HASH_MISMATCH', { metaMessages: [`expected ${expectedHash}, got ${got}`] })
  }
  const manifest = checked(jsonFrom(bytes))
  if (bytesToHex(utf8(canonicalJson(manifest))) !== bytesToHex(bytes)) {
    throw new ProtocolError('SEALED_MANIFEST_MALFORMED', { metaMessages: ['not canonical JSON'] })
  }
  return manifest
}

/** Records that a file of `size` bytes takes. */
export function recordsOf(size: number, recordSize: number): number {
  return Math.ceil(size / recordSize)
}

function checked(value: unknown): Manifest {
  const parsed = manifestSchema.safeParse(value)
  if (!parsed.success) {
    throw new ProtocolError('SEALED_MANIFEST_MALFORMED', {
      metaMessages: parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    })
  }
  assertConsistent(parsed.data)
  return parsed.data
}

function assertConsistent({ files, recordSize, recordCount }: Manifest): void {
  const counted = files.every((file) => file.records === recordsOf(file.size, recordSize))
  const total = files.reduce((sum, file) => sum + file.records, 0)
  const unique = new Set(files.map((file) => file.path)).size === files.length
  if (!counted || total !== recordCount || !unique) {
    throw new ProtocolError('SEALED_MANIFEST_MALFORMED', { metaMessages: ['files and records do not add up'] })
  }
}

function jsonFrom(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ProtocolError('SEALED_MANIFEST_MALFORMED', { cause })
  }
}
