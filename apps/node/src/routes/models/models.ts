import { encodeReceiptHeader, type InnerRequest, type InnerResponse, RECEIPT_HEADER } from '@spartan/protocol'
import type { NodeDeps } from '../../deps.ts'
import { RequestError } from '../../errors.ts'
import type { CallContext, ServingState } from '../../services/inference.ts'

const ROUTE = /^\/v2\/models\/([A-Za-z0-9._-]{1,128})(?:\/(ready|infer))?$/

/**
 * The inner routes: Open Inference Protocol v2 for the one model of this node.
 * `GET /v2/models/{name}`, `GET /v2/models/{name}/ready`, `POST /v2/models/{name}/infer` (paid).
 * The inference itself looks at the model's name, after what was charged before.
 *
 * Failures: `NODE_ROUTE_UNKNOWN`, `NODE_MODEL_UNKNOWN`, `NODE_METHOD_NOT_ALLOWED`, those of the inference.
 */
export async function answerInner(
  deps: Pick<NodeDeps, 'infer' | 'log'>,
  request: InnerRequest,
  state: ServingState,
  call: CallContext,
): Promise<InnerResponse> {
  const match = ROUTE.exec(request.path)
  if (match === null) throw new RequestError('NODE_ROUTE_UNKNOWN')
  const [, name, action] = match
  if (action !== 'infer' && name !== state.model.name)
    throw new RequestError('NODE_MODEL_UNKNOWN', { metaMessages: [`model ${name}`] })
  const method = action === 'infer' ? 'POST' : 'GET'
  if (request.method !== method) throw new RequestError('NODE_METHOD_NOT_ALLOWED', { metaMessages: [`use ${method}`] })
  if (action === 'ready') return json({ name, ready: true })
  if (action === undefined) return json(state.model.metadata())
  const { body, receipt, charged } = await deps.infer(request, state, call)
  const { channelId, seq, fee } = receipt.receipt
  deps.log.info('inference', { channelId, seq, fee, state: charged ? 'charged' : 'repeated' })
  return {
    status: 200,
    headers: { 'content-type': 'application/json', [RECEIPT_HEADER]: encodeReceiptHeader(receipt) },
    body,
  }
}

function json(value: unknown): InnerResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(value)),
  }
}
