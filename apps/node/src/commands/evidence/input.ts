import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { CannotCheckError } from '../../errors.ts'
import type { Host } from '../action.ts'

/** Largest certificate chain read, bytes. */
export const MAX_CERTIFICATES_BYTES = 1024 * 1024

/** Reads a file, or standard input for `-`; more than `maxBytes` is refused before it is held in memory. */
export async function readInput(path: string, host: Host, maxBytes: number): Promise<Uint8Array> {
  return path === '-' ? readStandardInput(host, maxBytes) : readBoundedFile(resolve(path), maxBytes)
}

/**
 * Reads a regular file of at most `maxBytes`.
 *
 * @throws {CannotCheckError} CLI_INPUT_UNREADABLE, CLI_INPUT_TOO_LARGE.
 */
export function readBoundedFile(path: string, maxBytes: number): Uint8Array {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    throw unreadable(path, cause)
  }
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw unreadable(`${path}: not a file`)
    if (stats.size > maxBytes) throw tooLarge(path, maxBytes)
    const bytes = new Uint8Array(stats.size)
    let length = 0
    while (length < bytes.length) {
      const read = readSync(file, bytes, length, bytes.length - length, null)
      if (read === 0) break
      length += read
    }
    return bytes.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

async function readStandardInput(host: Host, maxBytes: number): Promise<Uint8Array> {
  if (host.stdin === undefined) throw unreadable('standard input: there is none')
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of host.stdin) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge('standard input', maxBytes)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

const unreadable = (what: string, cause?: unknown) =>
  new CannotCheckError('CLI_INPUT_UNREADABLE', { metaMessages: [what], cause })

const tooLarge = (what: string, maxBytes: number) =>
  new CannotCheckError('CLI_INPUT_TOO_LARGE', { metaMessages: [`${what}: more than ${maxBytes} bytes`] })
