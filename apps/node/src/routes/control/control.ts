import { BaseError } from '@spartan/errors'
import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { RequestError } from '../../errors.ts'
import type { Supervisor } from '../../services/supervisor.ts'
import { failureFields, type Log } from '../../telemetry/log.ts'

/** What a refusal carries over the control socket. The operator may read what strangers may not. */
export interface ControlRefusal {
  readonly code: string
  readonly metaMessages: readonly string[]
}

export interface ControlDeps {
  readonly supervisor: Pick<Supervisor, 'renew' | 'previewRenewal' | 'bindGpus'>
  readonly log: Log
}

/**
 * What the operator's own commands ask of the running node, over a socket in its data directory: the keys of the registration, and
 * the order of the operator's transactions, are in this process.
 *
 * `GET /renewal`: what a renewal would do. `POST /renewal`: does it. `POST /gpus`: binds the configured GPUs.
 */
export function createControlApp({ supervisor, log }: ControlDeps): Hono {
  const app = new Hono()
  app.get('/renewal', async (c) => c.json(await supervisor.previewRenewal()))
  app.post('/renewal', async (c) => {
    const { active, transactionHash } = await supervisor.renew()
    return c.json({ epoch: Number(active.keyset.epoch), keysetDigest: active.digest, transactionHash })
  })
  app.post('/gpus', async (c) => c.json(await supervisor.bindGpus()))
  app.notFound(() => {
    throw new RequestError('NODE_ROUTE_UNKNOWN')
  })
  app.onError((error, c) => {
    const known = error instanceof BaseError ? error : undefined
    log.warn('command refused', failureFields(error))
    const refusal: ControlRefusal = {
      code: known?.code ?? 'NODE_INTERNAL',
      metaMessages: known?.metaMessages ?? [String(error)],
    }
    return c.json(refusal, 409 satisfies ContentfulStatusCode)
  })
  return app
}
