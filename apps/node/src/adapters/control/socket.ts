import { chmodSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { BaseError, isReasonCode } from '@spartan/errors'
import { ChainError, ConfigError, messageOf } from '../../errors.ts'
import type { ControlRefusal } from '../../routes/control/control.ts'
import { runningNode } from '../store/lock.ts'

/** What Linux takes in sockaddr_un, with its final zero. */
const MAX_PATH_BYTES = 107
/** Longer than a few blocks with all uploads of endorsements. */
const ANSWER_MS = 300_000
const MAX_ANSWER_BYTES = 1024 * 1024

const socketPath = (dataDir: string) => join(dataDir, 'control.sock')

/**
 * Serves the operator's commands on a socket in the data directory, for its owner only. The caller holds the directory's lock.
 *
 * @throws {ConfigError} `NODE_CONFIG_INVALID` when the path is too long for a socket.
 */
export async function listenControl(
  dataDir: string,
  app: { readonly fetch: (request: Request) => Response | Promise<Response> },
): Promise<{ readonly close: () => Promise<void> }> {
  const path = socketPath(dataDir)
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw new ConfigError('NODE_CONFIG_INVALID', {
      metaMessages: [`dataDir: ${path} is longer than the ${MAX_PATH_BYTES} bytes of a socket's path`],
    })
  // Left behind by a process that was killed.
  rmSync(path, { force: true })
  const server = createServer(getRequestListener(app.fetch))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/**
 * Asks the node that runs from a data directory.
 *
 * @throws {BaseError} `CLI_NODE_NOT_RUNNING`, `CLI_NODE_UNREACHABLE`, or the code with which the node refused.
 */
export async function askNode(dataDir: string, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
  if (runningNode(dataDir) === undefined) throw new ConfigError('CLI_NODE_NOT_RUNNING', { metaMessages: [dataDir] })
  let answer: { readonly status: number; readonly json: unknown }
  try {
    answer = await exchange(socketPath(dataDir), method, path, body)
  } catch (cause) {
    throw new ChainError('CLI_NODE_UNREACHABLE', { metaMessages: [messageOf(cause)], cause })
  }
  if (answer.status === 200) return answer.json
  const { code, metaMessages = [] } = answer.json as Partial<ControlRefusal>
  throw new BaseError(code !== undefined && isReasonCode(code) ? code : 'NODE_INTERNAL', { metaMessages })
}

function exchange(
  socket: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly json: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const asked = request({ socketPath: socket, method, path, headers, timeout: ANSWER_MS }, (response) => {
      const parts: Buffer[] = []
      let size = 0
      response.on('data', (part: Buffer) => {
        size += part.length
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'))
        parts.push(part)
      })
      response.on('error', reject)
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode ?? 0, json: JSON.parse(Buffer.concat(parts).toString('utf8')) })
        } catch (error) {
          reject(error)
        }
      })
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
    asked.on('error', reject)
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
