import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { NodeDeps } from './deps.ts'
import { ConfigError, RequestError } from './errors.ts'
import { problemHeaders, problemOf } from './problem.ts'
import { attestationRoute } from './routes/attestation/attestation.ts'
import { healthRoutes } from './routes/health/health.ts'
import { ohttpRoute } from './routes/ohttp/ohttp.ts'
import { ohttpKeysRoute } from './routes/ohttp-keys/ohttpKeys.ts'
import { failureFields } from './telemetry/log.ts'

type NodeApp = Hono<{ Variables: { requestId: string } }>

/** Each costs memory before it has said anything. */
const MAX_CONNECTIONS = 1024

/** Labels of metrics and logs; any other path is one of a stranger's making. */
const ROUTES = new Set(['/healthz', '/readyz', '/metrics', '/v1/attestation', '/v1/ohttp-keys', '/v1/ohttp'])

/**
 * The HTTP application of a node (docs/architecture.md, "Node HTTP"), without a socket.
 *
 * Any origin may call it: requests carry no cookies, and what they say is encrypted to the keyset.
 */
export function createNodeApp(deps: NodeDeps): NodeApp {
  const app: NodeApp = new Hono()
  app.use(async (c, next) => {
    const requestId = randomUUID()
    c.set('requestId', requestId)
    const started = performance.now()
    c.header('access-control-allow-origin', '*')
    c.header('x-content-type-options', 'nosniff')
    await next()
    c.header('x-request-id', requestId)
    const route = ROUTES.has(c.req.path) ? c.req.path : 'other'
    deps.metrics.latency.observe({ route }, (performance.now() - started) / 1000)
    deps.log.debug('request', { requestId, route, status: c.res.status, durationMs: performance.now() - started })
  })
  app.options('*', (c) =>
    c.body(null, 204, {
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '86400',
    }),
  )
  app.route('/', healthRoutes(deps))
  app.route('/', attestationRoute(deps))
  app.route('/', ohttpKeysRoute(deps))
  app.route('/', ohttpRoute(deps))
  app.notFound(() => {
    throw new RequestError('NODE_ROUTE_UNKNOWN')
  })
  app.onError((error, c) => {
    const requestId = c.get('requestId')
    const problem = problemOf(error, requestId)
    deps.metrics.requests.inc({ route: 'outer', code: problem.code })
    deps.log[problem.status >= 500 ? 'warn' : 'info']('request refused', { requestId, ...failureFields(error) })
    // The rest of a body that was too large is not read, so the connection cannot carry another request.
    if (problem.status === 413) c.header('connection', 'close')
    return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, problemHeaders(error))
  })
  return app
}

/** A listening server. */
export interface Listening {
  readonly port: number
  /** Takes no new connections, lets the open ones end. */
  close(): Promise<void>
}

/**
 * Listens with bounds against slow clients.
 *
 * @param port - 0 for any free port.
 * @throws {ConfigError} `NODE_PORT_TAKEN`.
 */
export function listen(app: NodeApp, host: string, port: number, requestSeconds: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port, createServer }, (address) => {
      resolve({
        port: address.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            if ('closeIdleConnections' in server) server.closeIdleConnections()
          }),
      })
    })
    if ('requestTimeout' in server) {
      server.maxConnections = MAX_CONNECTIONS
      server.headersTimeout = 10_000
      server.requestTimeout = requestSeconds * 1000
      server.maxRequestsPerSocket = 10_000
    }
    server.on('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES'
      reject(taken ? new ConfigError('NODE_PORT_TAKEN', { metaMessages: [`${host}:${port}`], cause: error }) : error)
    })
  })
}
