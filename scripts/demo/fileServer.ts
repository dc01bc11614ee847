import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, normalize, sep } from 'node:path'

/** Serves the sealed assets' folder on 127.0.0.1: manifests and ciphertext only, nothing secret. */
export function serveFolder(folder: string, port: number): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname))
    const file = join(folder, path)
    const inside = file.startsWith(folder + sep)
    const stat = inside ? statSync(file, { throwIfNoEntry: false }) : undefined
    if (request.method !== 'GET' || !stat?.isFile()) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-length': stat.size, 'content-type': 'application/octet-stream' })
    createReadStream(file).pipe(response)
  })
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => new Promise((done) => server.close(() => done())),
      }),
    )
  })
}
