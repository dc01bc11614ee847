import { CannotCheckError } from '../../../errors.ts'
import type { VectorEntry } from './manifest.ts'
import { fromBase64 } from './octets.ts'

/** A file that the entry cannot be judged without. */
export function requiredFile(entry: VectorEntry, name: string): Uint8Array {
  return entry.file(name) ?? missing(entry, name)
}

/** When to judge; entries that depend on the time state it. */
export function requiredTime(entry: VectorEntry): number {
  return entry.at ?? missing(entry, 'verify_at')
}

/** The only file whose name fits; undefined where there is none. */
export function fileLike(entry: VectorEntry, pattern: RegExp): Uint8Array | undefined {
  const name = entry.fileNames.find((candidate) => pattern.test(candidate))
  return name === undefined ? undefined : entry.file(name)
}

function missing(entry: VectorEntry, what: string): never {
  throw new CannotCheckError('CLI_VECTOR_ENTRY_MALFORMED', { metaMessages: [`${entry.id}: no ${what}`] })
}

/**
 * DER of the certificates in a PEM file; DER files come back as they are. A block that is no base64 is a certificate without
 * bytes: refusing it is for the verifier.
 */
export function certificatesOf(file: Uint8Array | undefined): readonly Uint8Array[] {
  if (file === undefined) return []
  if (file[0] === 0x30) return [file]
  const blocks = new TextDecoder().decode(file).matchAll(/-----BEGIN [A-Z0-9 ]+-----([^-]+)-----END [A-Z0-9 ]+-----/g)
  return [...blocks].map(([, base64 = '']) => fromBase64(base64) ?? new Uint8Array())
}
