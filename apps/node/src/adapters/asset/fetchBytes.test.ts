import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFetchBytes } from './fetchBytes.ts'

const failed = expect.objectContaining({ code: 'NODE_ASSET_FETCH_FAILED' })
const tooLarge = expect.objectContaining({ code: 'NODE_ASSET_TOO_LARGE' })

describe('createFetchBytes', () => {
  const dir = mkdtempSync(join(tmpdir(), 'spartan-fetch-'))
  const file = pathToFileURL(join(dir, 'file')).href
  let server: Server
  let sent = 0
  let url = ''

  beforeAll(async () => {
    writeFileSync(join(dir, 'file'), 'abc')
    server = createServer((request, response) => {
      if (request.url === '/small') response.end('abc')
      else if (request.url === '/moved') response.writeHead(302, { location: '/small' }).end()
      else if (request.url === '/slow') response.write('a')
      else {
        // Without end, for as long as somebody reads.
        const more = () => {
          while (!response.destroyed && response.write(new Uint8Array(65_536))) sent += 65_536
        }
        response.on('drain', more)
        more()
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
    rmSync(dir, { recursive: true })
  })

  test('default: http, and files where they are allowed', async () => {
    const fetchBytes = createFetchBytes({ timeoutSeconds: 5, allowFiles: true })
    expect(await fetchBytes(`${url}/small`, 3)).toEqual(new TextEncoder().encode('abc'))
    expect(await fetchBytes(file, 3)).toEqual(new TextEncoder().encode('abc'))
  })

  test('error: a file where none is allowed', async () => {
    await expect(createFetchBytes({ timeoutSeconds: 5, allowFiles: false })(file, 100)).rejects.toEqual(failed)
  })

  test('error: devices and folders are no files', async () => {
    const fetchBytes = createFetchBytes({ timeoutSeconds: 5, allowFiles: true })
    await expect(fetchBytes('file:///dev/zero?/v1/attestation', 100)).rejects.toEqual(failed)
    await expect(fetchBytes(pathToFileURL(dir).href, 100)).rejects.toEqual(failed)
  })

  test('error: a file that hides its size', async () => {
    const fetchBytes = createFetchBytes({ timeoutSeconds: 5, allowFiles: true })
    await expect(fetchBytes('file:///proc/self/stat', 10_000)).rejects.toEqual(failed)
  })

  test('error: NODE_ASSET_TOO_LARGE, and an answer without end is not read on', async () => {
    const fetchBytes = createFetchBytes({ timeoutSeconds: 5, allowFiles: true })
    await expect(fetchBytes(file, 2)).rejects.toEqual(tooLarge)
    await expect(fetchBytes(`${url}/endless`, 100_000)).rejects.toEqual(tooLarge)
    expect(sent).toBeLessThan(32 * 1024 * 1024)
  })

  test('error: redirects, slow answers, other protocols', async () => {
    const fetchBytes = createFetchBytes({ timeoutSeconds: 0.3, allowFiles: false })
    for (const uri of [`${url}/moved`, `${url}/slow`, 'data:text/plain,abc', 'nonsense'])
      await expect(fetchBytes(uri, 100)).rejects.toEqual(failed)
  })
})
