import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serveFolder } from './fileServer.ts'
import { startMarketFeed } from './marketFeed.ts'

/** Sends a request target as it stands: fetch would refuse or tidy these. */
function statusOf(url: string, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
      socket.write(`GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`),
    )
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer.slice(9, 12)))
  })
}

test('the asset server gives files of its folder only, and survives malformed targets', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'spartan-files-'))
  const folder = join(parent, 'assets')
  mkdirSync(folder)
  writeFileSync(join(parent, 'secret'), 'no')
  writeFileSync(join(folder, 'manifest.json'), '{}')
  const server = await serveFolder(folder, 26_901)
  expect(await statusOf(server.url, '/manifest.json')).toBe('200')
  for (const target of ['/%ff', '/%00', '//', '/../secret', '/%2e%2e/secret', '/'])
    expect(await statusOf(server.url, target), target).toBe('404')
  expect(await statusOf(server.url, '/manifest.json')).toBe('200')
  await server.close()
})

test('the market feed survives malformed targets', async () => {
  const feed = await startMarketFeed({ port: 0, mode: 'synthetic', speed: 0 })
  expect(await statusOf(feed.url, '//')).toBe('400')
  expect(await statusOf(feed.url, '/status')).toBe('200')
  await feed.close()
})
