import type { InnerRequest, InnerResponse } from '@spartan/protocol'
import type { Hex } from 'viem'
import { z } from 'zod'
import type { NodeDeps } from '../../deps.ts'
import { RequestError } from '../../errors.ts'
import type { CallContext, ServingState } from '../../services/inference.ts'

const ROUTE = /^\/v1\/channels\/(0x[0-9a-fA-F]{64})\/close$/

const closeSchema = z.strictObject({
  finalCumulative: z.string().regex(/^(?:0|[1-9][0-9]{0,38})$/),
  voucherSignerSignature: z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]{130}$/.test(value)),
})

/**
 * Inner `POST /v1/channels/{id}/close`: `{ finalCumulative, voucherSignerSignature }` →
 * `{ channelId, finalCumulative, keysetEpoch, receiptSignerSignature }`, amounts as decimal strings.
 *
 * @returns Undefined when the path is another one.
 */
export async function answerClose(
  deps: Pick<NodeDeps, 'agreeClose' | 'log'>,
  request: InnerRequest,
  state: ServingState,
  { admission }: CallContext,
): Promise<InnerResponse | undefined> {
  const match = ROUTE.exec(request.path)
  if (match === null) return undefined
  if (request.method !== 'POST') throw new RequestError('NODE_METHOD_NOT_ALLOWED', { metaMessages: ['use POST'] })
  const { finalCumulative, voucherSignerSignature } = closeOf(request.body)
  const channelId = String(match[1]).toLowerCase() as Hex
  const asked = { channelId, finalCumulative: BigInt(finalCumulative), voucherSignerSignature }
  const agreed = await deps.agreeClose(asked, state, admission)
  deps.log.info('close agreed', { channelId })
  const body = { ...agreed, finalCumulative, keysetEpoch: String(agreed.keysetEpoch) }
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  }
}

function closeOf(body: Uint8Array): z.infer<typeof closeSchema> {
  try {
    return closeSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)))
  } catch (cause) {
    throw new RequestError('NODE_REQUEST_MALFORMED', {
      metaMessages: ['send { finalCumulative, voucherSignerSignature }'],
      cause,
    })
  }
}
