import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { AssetError } from '../../errors.ts'
import type { FetchBytes } from '../../services/assetLoader.ts'

/**
 * Reads `file://` and `http(s)://` URIs with a bound on size and time.
 *
 * @param timeoutSeconds - For one file.
 */
export function createFetchBytes(timeoutSeconds: number): FetchBytes {
  return async (uri, maxBytes) => {
    try {
      const { protocol } = new URL(uri)
      if (protocol === 'file:') return await readBounded(fileURLToPath(uri), maxBytes, uri)
      if (protocol === 'http:' || protocol === 'https:') return await fetchBounded(uri, maxBytes, timeoutSeconds)
    } catch (cause) {
      if (cause instanceof AssetError) throw cause
      throw new AssetError('NODE_ASSET_FETCH_FAILED', { metaMessages: [uri], cause })
    }
    throw new AssetError('NODE_ASSET_FETCH_FAILED', { metaMessages: [uri, 'only file, http and https are supported'] })
  }
}

async function readBounded(path: string, maxBytes: number, uri: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size > maxBytes) throw tooLarge(uri, maxBytes)
    return new Uint8Array(await file.readFile())
  } finally {
    await file.close()
  }
}

async function fetchBounded(uri: string, maxBytes: number, timeoutSeconds: number): Promise<Uint8Array> {
  const response = await fetch(uri, { signal: AbortSignal.timeout(timeoutSeconds * 1000), redirect: 'error' })
  if (!response.ok || response.body === null)
    throw new AssetError('NODE_ASSET_FETCH_FAILED', { metaMessages: [uri, `HTTP ${response.status}`] })
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

function tooLarge(uri: string, maxBytes: number): AssetError {
  return new AssetError('NODE_ASSET_TOO_LARGE', { metaMessages: [uri, `at most ${maxBytes} bytes`] })
}
