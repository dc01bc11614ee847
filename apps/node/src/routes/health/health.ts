import { Hono } from 'hono'
import type { NodeDeps } from '../../deps.ts'

/** `/healthz`: the process runs. `/readyz`: it may serve; else 503 with every reason. `/metrics`: Prometheus. */
export function healthRoutes(deps: Pick<NodeDeps, 'readiness' | 'active' | 'metrics'>): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) => {
    const reasons = deps.readiness.objections()
    const record = deps.readiness.record()
    const body = {
      status: reasons.length === 0 ? 'ready' : 'not ready',
      reasons,
      epoch: deps.active()?.keyset.epoch.toString(),
      activeUntil: record?.activeUntil,
      validUntil: record?.validUntil,
    }
    return c.json(body, reasons.length === 0 ? 200 : 503)
  })
  app.get('/metrics', async (c) =>
    c.body(await deps.metrics.registry.metrics(), 200, { 'content-type': deps.metrics.registry.contentType }),
  )
  return app
}
