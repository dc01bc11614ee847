import {
  type InnerResponse,
  OHTTP_REQUEST_MEDIA_TYPE,
  OHTTP_RESPONSE_MEDIA_TYPE,
  type OpenedRequest,
  openRequest,
} from '@spartan/protocol'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { sha256 } from 'viem'
import type { NodeDeps } from '../../deps.ts'
import { RequestError } from '../../errors.ts'
import { innerProblem } from '../../problem.ts'
import type { Admission } from '../../services/admission.ts'
import type { ActiveKeyset } from '../../services/keysets.ts'
import { createSlots, type Slots } from '../../services/slots.ts'
import { failureFields } from '../../telemetry/log.ts'
import { answerClose } from '../channels/channels.ts'
import { answerInner } from '../models/models.ts'
import { keyIdOf } from '../ohttp-keys/ohttpKeys.ts'

const READERS_PER_SLOT = 4

/**
 * `POST /v1/ohttp`: one encrypted request, one encrypted answer (RFC 9458).
 *
 * Refusals before the request could be opened are plain problem documents; after that everything, refusals included,
 * travels encrypted under HTTP status 200. Each encapsulated key is admitted once (`NODE_REQUEST_REPLAYED`) on the routes
 * that change something, and remembered only for a payer: a stranger cannot make the journal grow.
 */
export function ohttpRoute(deps: NodeDeps): Hono<{ Variables: { requestId: string } }> {
  const app = new Hono<{ Variables: { requestId: string } }>()
  const slots = createSlots(deps.limits.concurrency)
  // Bounds the memory of bodies on their way in, without letting slow ones take the places of work.
  const readers = createSlots(READERS_PER_SLOT * deps.limits.concurrency)
  const maxSize = deps.limits.requestBytes
  const onError = () => {
    throw new RequestError('NODE_REQUEST_TOO_LARGE', { metaMessages: [`at most ${maxSize} bytes`] })
  }
  app.post('/v1/ohttp', bodyLimit({ maxSize, onError }), async (c) => {
    servingKeys(deps)
    if (c.req.header('content-type') !== OHTTP_REQUEST_MEDIA_TYPE)
      throw new RequestError('NODE_REQUEST_MALFORMED', { metaMessages: [`use ${OHTTP_REQUEST_MEDIA_TYPE}`] })
    const message = await readMessage(readers, () => c.req.arrayBuffer())
    // Again: a body may take long, and keys may be renewed meanwhile.
    const active = servingKeys(deps)
    const release = slots.take()
    deps.metrics.inFlight.inc()
    try {
      const opened = await openRequest({
        keyPair: active.hpke,
        keyId: keyIdOf(active),
        context: deps.ohttpContext(active),
        message,
      })
      const answer = await answerOpened(deps, opened, active, c.get('requestId'))
      return c.body(await opened.seal(answer), 200, { 'content-type': OHTTP_RESPONSE_MEDIA_TYPE })
    } finally {
      deps.metrics.inFlight.dec()
      release()
    }
  })
  return app
}

/** The keys under which is answered now. Failure: the first objection of the node. */
function servingKeys(deps: NodeDeps): ActiveKeyset {
  const [objection] = deps.readiness.objections()
  const active = deps.active()
  if (objection !== undefined || active === undefined)
    throw new RequestError(objection ?? 'NODE_NOT_READY', { retryAfterSeconds: 5 })
  return active
}

async function readMessage(readers: Slots, read: () => Promise<ArrayBuffer>): Promise<Uint8Array> {
  const release = readers.take()
  try {
    return new Uint8Array(await read())
  } finally {
    release()
  }
}

async function answerOpened(
  deps: NodeDeps,
  opened: OpenedRequest,
  active: ActiveKeyset,
  requestId: string,
): Promise<InnerResponse> {
  const started = performance.now()
  const signal = AbortSignal.timeout(deps.limits.requestSeconds * 1000)
  let code = 'ok'
  try {
    const state = deps.serving()
    if (state === undefined) throw new RequestError('NODE_NOT_READY', { retryAfterSeconds: 5 })
    // The keys may have been renewed while the request was on its way in: it is answered under the keys it was sent to.
    const asked = { ...state, active }
    const encapsulatedKeyHash = sha256(opened.encapsulatedKey)
    const row = { keysetDigest: active.digest, encapsulatedKeyHash, seenAt: deps.clock.nowSeconds() }
    return await admittedOnce(deps.admissionOf(row), async (admission) => {
      const call = { signal, admission }
      const closed = await answerClose(deps, opened.request, asked, call)
      return closed ?? (await answerInner(deps, opened.request, asked, call))
    })
  } catch (error) {
    const failure = failureFields(error)
    code = String(failure.code)
    deps.log.info('request refused', { requestId, ...failure })
    return innerProblem(error, requestId)
  } finally {
    deps.metrics.requests.inc({ route: 'inner', code })
    deps.metrics.latency.observe({ route: 'inner' }, (performance.now() - started) / 1000)
  }
}

/** Neither an answer nor a refusal leaves before the key of an admitted request was written down. */
async function admittedOnce<T>(admission: Admission, work: (admission: Admission) => Promise<T>): Promise<T> {
  try {
    return await work(admission)
  } finally {
    await admission.finish()
  }
}
