import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { CannotCheckError, UsageError } from '../../../errors.ts'
import { readBoundedFile } from '../input.ts'
import { entriesOf, type ReadEntry, type VectorFile } from './manifest.ts'

const MAX_MANIFEST_BYTES = 64 * 1024 * 1024
/** Event logs and RIMs stay far below. */
const MAX_FILE_BYTES = 16 * 1024 * 1024

/**
 * Reads `manifest.json` of a folder; files are read, and compared with the manifest, when they are asked for.
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
  return entriesOf(json, (file) => readVectorFile(folder, file))
}

function readVectorFile(folder: string, file: VectorFile): Uint8Array {
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
