import { readFileSync, realpathSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, sep } from 'node:path'
import { rolldown } from 'rolldown'

/** No inline script, no eval, no other origin: what a careful site would send. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"
const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Evidence</title><script type="module" src="/page.js"></script>'

/** Modules of a bundle by their names. */
export type Modules = ReadonlyMap<string, string>

/** Bundles one module for browsers; what it imports dynamically stays in files of its own. */
export async function bundleForBrowser(input: string): Promise<Modules> {
  const build = await rolldown({ input: { page: input }, platform: 'browser', logLevel: 'warn' })
  const { output } = await build.generate({ format: 'esm', minify: true, chunkFileNames: '[name]-[hash].js' })
  await build.close()
  return new Map(output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file.code]] : [])))
}

/** Serves a page of these modules, and the files of `folder` under `prefix`, on 127.0.0.1. */
export async function servePage(modules: Modules, folder: string, prefix = '/vectors/') {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    const module = modules.get(path.slice(1))
    if (path === '/') return send(response, 'text/html', PAGE)
    if (module !== undefined) return send(response, 'text/javascript', module)
    const file = path.startsWith(prefix) ? readInside(folder, path.slice(prefix.length)) : undefined
    return file
      ? send(response, path.endsWith('.js') ? 'text/javascript' : 'application/octet-stream', file)
      : response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() }
}

function send(response: ServerResponse, type: string, body: string | Uint8Array) {
  return response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(body)
}

function readInside(folder: string, name: string): Uint8Array | undefined {
  try {
    const path = realpathSync(join(folder, name))
    return path.startsWith(realpathSync(folder) + sep) ? readFileSync(path) : undefined
  } catch {
    return undefined
  }
}
