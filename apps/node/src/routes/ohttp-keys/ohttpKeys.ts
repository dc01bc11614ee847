import { encodeKeyConfig, OHTTP_KEYS_MEDIA_TYPE } from '@spartan/protocol'
import { Hono } from 'hono'
import type { NodeDeps } from '../../deps.ts'
import { RequestError } from '../../errors.ts'
import type { ActiveKeyset } from '../../services/keysets.ts'

/** Key id of a keyset: its epoch, modulo 256. A key of an earlier epoch is refused by id before anything is decrypted. */
export function keyIdOf(active: ActiveKeyset): number {
  return Number(active.keyset.epoch % 256n)
}

/** `GET /v1/ohttp-keys`: the HPKE key of the registered keyset. A client compares its digest with the chain. */
export function ohttpKeysRoute(deps: Pick<NodeDeps, 'active'>): Hono {
  const app = new Hono()
  app.get('/v1/ohttp-keys', (c) => {
    const active = deps.active()
    if (active === undefined) throw new RequestError('NODE_NOT_READY', { retryAfterSeconds: 5 })
    const keys = encodeKeyConfig({ keyId: keyIdOf(active), publicKey: active.hpke.publicKey })
    return c.body(keys, 200, { 'content-type': OHTTP_KEYS_MEDIA_TYPE, 'cache-control': 'no-store' })
  })
  return app
}
