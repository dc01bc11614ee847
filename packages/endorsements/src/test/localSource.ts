import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Runtime } from '../runtime.ts'

/** A request as the local source saw it. */
export interface SeenRequest {
  readonly method: string
  /** Path with query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Uint8Array<ArrayBuffer>
}

/** What it answers. `raw` writes the answer itself: slow bodies, resets. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly raw?: (response: ServerResponse) => void
}

/** A source on 127.0.0.1. */
export interface LocalSource {
  readonly url: string
  readonly seen: readonly SeenRequest[]
  /** Replaces the answers from now on. */
  answer(reply: (request: SeenRequest) => Reply): void
  close(): Promise<void>
}

export async function startLocalSource(first: (request: SeenRequest) => Reply): Promise<LocalSource> {
  let reply = first
  const seen: SeenRequest[] = []
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming
      const request = { method, path, headers, body: new Uint8Array(Buffer.concat(chunks)) }
      seen.push(request)
      const { status = 200, headers: out = {}, body = '', raw } = reply(request)
      if (raw) return raw(response)
      response.writeHead(status, out)
      response.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer: (next) => {
      reply = next
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A runtime whose clock moves only by sleeping and by hand; requests are real. */
export interface TestRuntime extends Runtime {
  /** Every pause asked for, ms. */
  readonly pauses: readonly number[]
  readonly advance: (ms: number) => void
}

export function createTestRuntime(startMs: number, chance = 0.5): TestRuntime {
  let nowMs = startMs
  const pauses: number[] = []
  return {
    fetch: (url, init) => fetch(url, init),
    nowMs: () => nowMs,
    sleep: async (delayMs) => {
      pauses.push(delayMs)
      nowMs += delayMs
    },
    random: () => chance,
    pauses,
    advance: (ms) => {
      nowMs += ms
    },
  }
}
