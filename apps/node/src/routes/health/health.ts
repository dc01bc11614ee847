import { Hono } from 'hono'
import type { NodeDeps } from '../../deps.ts'

/** `/healthz`: the process runs, and whose it is. `/readyz`: it may serve; else 503 with every reason. `/metrics`: Prometheus. */
export function healthRoutes(deps: Pick<NodeDeps, 'providerId' | 'readiness' | 'active' | 'metrics'>): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.json({ status: 'ok', providerId: deps.providerId }))
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
