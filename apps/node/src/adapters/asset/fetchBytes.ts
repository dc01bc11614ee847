import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { AssetError } from '../../errors.ts'
import type { FetchBytes } from '../../services/assetLoader.ts'

export interface FetchBytesOptions {
  /** For one file. */
  readonly timeoutSeconds: number
  /** Whether `file:` may be read. URIs come from the chain, so only an operator's configuration can say yes. */
  readonly allowFiles: boolean
}

/** Reads `http(s):` URIs, and regular files where that is allowed, with a bound on size and time. Follows no redirect. */
export function createFetchBytes({ timeoutSeconds, allowFiles }: FetchBytesOptions): FetchBytes {
  return async (uri, maxBytes) => {
    try {
      const { protocol } = new URL(uri)
      if (protocol === 'file:' && !allowFiles) throw refused(uri, 'files are read only with asset.allowFiles')
      if (protocol === 'file:') return await readBounded(fileURLToPath(uri), maxBytes, uri)
      if (protocol === 'http:' || protocol === 'https:') return await fetchBounded(uri, maxBytes, timeoutSeconds)
    } catch (cause) {
      if (cause instanceof AssetError) throw cause
      throw new AssetError('NODE_ASSET_FETCH_FAILED', { metaMessages: [uri], cause })
    }
    throw refused(uri, 'only http and https are supported')
  }
}

async function readBounded(path: string, maxBytes: number, uri: string): Promise<Uint8Array> {
  // Without O_NONBLOCK a named pipe would be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw refused(uri, 'not a regular file')
    if (stat.size > maxBytes) throw tooLarge(uri, maxBytes)
    // One byte more than it had: a file that grows meanwhile, or that never said its size, is seen to.
    const buffer = new Uint8Array(stat.size + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      if (bytesRead === 0) return buffer.subarray(0, length)
      length += bytesRead
    }
    throw refused(uri, 'changed while it was read')
  } finally {
    await file.close()
  }
}

async function fetchBounded(uri: string, maxBytes: number, timeoutSeconds: number): Promise<Uint8Array> {
  const response = await fetch(uri, { signal: AbortSignal.timeout(timeoutSeconds * 1000), redirect: 'error' })
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    throw refused(uri, `HTTP ${response.status}`)
  }
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body) {
    length += part.length
    // Counted while it arrives: the length header of a stranger proves nothing.
    if (length > maxBytes) throw tooLarge(uri, maxBytes)
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}

function refused(uri: string, why: string): AssetError {
  return new AssetError('NODE_ASSET_FETCH_FAILED', { metaMessages: [uri, why] })
}

function tooLarge(uri: string, maxBytes: number): AssetError {
  return new AssetError('NODE_ASSET_TOO_LARGE', { metaMessages: [uri, `at most ${maxBytes} bytes`] })
}
