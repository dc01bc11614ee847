import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, normalize, sep } from 'node:path'

/** Serves the sealed assets' folder on 127.0.0.1: manifests and ciphertext only, nothing secret. */
export function serveFolder(folder: string, port: number): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const found = request.method === 'GET' ? fileOf(folder, request.url ?? '/') : undefined
    if (!found) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-length': found.size, 'content-type': 'application/octet-stream' })
    createReadStream(found.file)
      .on('error', () => response.destroy())
      .pipe(response)
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

/** The file that a request target names inside the folder; undefined for everything else, malformed targets included. */
function fileOf(folder: string, target: string): { file: string; size: number } | undefined {
  try {
    const file = join(folder, normalize(decodeURIComponent(new URL(target, 'http://localhost').pathname)))
    const stat = file.startsWith(folder + sep) ? statSync(file) : undefined
    return stat?.isFile() ? { file, size: stat.size } : undefined
  } catch {
    return undefined
  }
}
