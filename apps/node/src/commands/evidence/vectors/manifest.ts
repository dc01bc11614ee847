import { z } from 'zod'
import { CannotCheckError, UsageError } from '../../../errors.ts'

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
  verify_at: z.string().nullish(),
  policy: z.record(z.string(), z.unknown()).nullish(),
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

/** A file of an entry, as the manifest names it. */
export type VectorFile = z.infer<typeof fileSchema>

/**
 * The entries of a manifest, whose files `read` gets. An entry that is not of the schema comes with its problem, and the
 * rest go on. Pure: pages judge entries too.
 *
 * @throws {UsageError} CLI_MANIFEST_MALFORMED when it is no array.
 */
export function entriesOf(manifest: unknown, read: (file: VectorFile) => Uint8Array): readonly ReadEntry[] {
  if (!Array.isArray(manifest)) throw new UsageError('CLI_MANIFEST_MALFORMED', { metaMessages: ['expected an array'] })
  const entries: ReadEntry[] = manifest.map((value: unknown, index) => entryOf(value, index, read, () => entries))
  return entries
}

function entryOf(
  value: unknown,
  index: number,
  read: (file: VectorFile) => Uint8Array,
  all: () => readonly ReadEntry[],
): ReadEntry {
  const parsed = entrySchema.safeParse(value)
  const at =
    parsed.success && typeof parsed.data.verify_at === 'string' ? Date.parse(parsed.data.verify_at) / 1000 : undefined
  if (!parsed.success || Number.isNaN(at)) {
    const id = typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : `entry ${index}`
    const problem = parsed.success ? 'verify_at: not a time' : z.prettifyError(parsed.error)
    return { id, problem: new CannotCheckError('CLI_VECTOR_ENTRY_MALFORMED', { metaMessages: [problem] }) }
  }
  const { id, files, expected, policy } = parsed.data
  const [family = '', name = ''] = id.split('/')
  return {
    id,
    family,
    name,
    expected,
    at,
    policy: { ...policy, ...expected.policy },
    fileNames: files.map(({ path }) => basename(path)),
    file: (wanted) => {
      const found = files.find(({ path }) => basename(path) === wanted)
      return found && read(found)
    },
    siblings: () => all().filter((other): other is VectorEntry => 'family' in other && other.family === family),
  }
}

const basename = (path: string) => path.slice(path.lastIndexOf('/') + 1)
