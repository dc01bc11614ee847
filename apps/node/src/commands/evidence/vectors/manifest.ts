import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { z } from 'zod'
import { CannotCheckError, UsageError } from '../../../errors.ts'
import { readBoundedFile } from '../input.ts'

const MAX_MANIFEST_BYTES = 64 * 1024 * 1024
/** Event logs and RIMs stay far below. */
const MAX_FILE_BYTES = 16 * 1024 * 1024

const hexText = z.string().regex(/^[0-9a-fA-F]{64}$/)
const fileSchema = z.object({
  path: z.string().min(1),
  sha256: hexText,
  bytes: z.int().nonnegative(),
  role: z.string(),
})
const entrySchema = z.object({
  id: z.string().regex(/^[^/]+\/[^/]+$/),
  files: z.array(fileSchema),
  verify_at: z.string().nullable(),
  expected: z.object({
    verdict: z.enum(['pass', 'fail']),
    reason: z.string().nullish(),
    tcb_status: z.string().nullish(),
    fields: z.record(z.string(), z.unknown()).nullish(),
    policy: z.record(z.string(), z.unknown()).nullish(),
    advisory_ids: z.array(z.string()).nullish(),
    nonce: z.string().nullish(),
  }),
})

/** What the manifest states of an entry. */
export type VectorExpectation = z.infer<typeof entrySchema>['expected']

/** One entry of a manifest with its files. */
export interface VectorEntry {
  readonly id: string
  /** Folder of the id: `tdx`, `sev-snp`, … */
  readonly family: string
  /** Id without the folder. */
  readonly name: string
  readonly expected: VectorExpectation
  /** Unix seconds; undefined where nothing in the entry depends on the time. */
  readonly at: number | undefined
  /** The entry's own policy. */
  readonly policy: Readonly<Record<string, unknown>>
  /** Names of the files, without folders. */
  readonly fileNames: readonly string[]
  /**
   * A file by its name, checked against the manifest; undefined where the entry has none.
   *
   * @throws {CannotCheckError} CLI_VECTOR_FILE_OUTSIDE, CLI_INPUT_UNREADABLE, CLI_VECTOR_FILE_CORRUPT.
   */
  file(name: string): Uint8Array | undefined
  /** Every entry of the same family: evidence and reference manifests are entries of their own. */
  siblings(): readonly VectorEntry[]
}

/** An entry, or what keeps it from being read. */
export type ReadEntry = VectorEntry | { readonly id: string; readonly problem: CannotCheckError }

/**
 * Reads `manifest.json` of a folder. An entry that is not of the schema comes with its problem, and the rest go on.
 *
 * @throws {UsageError} CLI_MANIFEST_MALFORMED when there is no manifest.
 */
export function readManifest(folder: string): readonly ReadEntry[] {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(readBoundedFile(join(folder, 'manifest.json'), MAX_MANIFEST_BYTES)))
  } catch (cause) {
    throw new UsageError('CLI_MANIFEST_MALFORMED', { metaMessages: [join(folder, 'manifest.json')], cause })
  }
  if (!Array.isArray(json)) throw new UsageError('CLI_MANIFEST_MALFORMED', { metaMessages: ['expected an array'] })
  const entries: ReadEntry[] = json.map((value: unknown, index) => readEntry(folder, value, index, () => entries))
  return entries
}

function readEntry(folder: string, value: unknown, index: number, all: () => readonly ReadEntry[]): ReadEntry {
  const parsed = entrySchema.safeParse(value)
  const at = parsed.success && parsed.data.verify_at !== null ? Date.parse(parsed.data.verify_at) / 1000 : undefined
  if (!parsed.success || Number.isNaN(at)) {
    const id = typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : `entry ${index}`
    const problem = parsed.success ? 'verify_at: not a time' : z.prettifyError(parsed.error)
    return { id, problem: new CannotCheckError('CLI_VECTOR_ENTRY_MALFORMED', { metaMessages: [problem] }) }
  }
  const { id, files, expected } = parsed.data
  const [family = '', name = ''] = id.split('/')
  return {
    id,
    family,
    name,
    expected,
    at,
    policy: expected.policy ?? {},
    fileNames: files.map(({ path }) => basename(path)),
    file: (wanted) => {
      const found = files.find(({ path }) => basename(path) === wanted)
      return found && readVectorFile(folder, found)
    },
    siblings: () => all().filter((other): other is VectorEntry => 'family' in other && other.family === family),
  }
}

function readVectorFile(folder: string, file: z.infer<typeof fileSchema>): Uint8Array {
  const path = join(folder, file.path)
  // Links are followed before the comparison: nothing outside of the folder is read for an entry.
  const outside = existsSync(path) && !realpathSync(path).startsWith(realpathSync(folder) + sep)
  if (outside || !join(sep, file.path).startsWith(sep) || file.path.split(/[\\/]/).includes('..')) {
    throw new CannotCheckError('CLI_VECTOR_FILE_OUTSIDE', { metaMessages: [file.path] })
  }
  const bytes = readBoundedFile(path, MAX_FILE_BYTES)
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (bytes.length !== file.bytes || digest !== file.sha256.toLowerCase()) {
    throw new CannotCheckError('CLI_VECTOR_FILE_CORRUPT', {
      metaMessages: [
        `${file.path}: expected ${file.bytes} bytes, sha256 ${file.sha256}`,
        `got ${bytes.length}, ${digest}`,
      ],
    })
  }
  return bytes
}
