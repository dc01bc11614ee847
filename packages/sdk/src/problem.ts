import { isReasonCode } from '@spartan/errors'
import { z } from 'zod'
import { SdkError } from './errors.ts'

const problemSchema = z.object({
  code: z.string().max(64),
  detail: z.string().max(2000).optional(),
  requestId: z.string().max(128).optional(),
})

/** Whether a content type names a problem document (RFC 9457). */
export function isProblem(contentType: string | null | undefined): boolean {
  return /^application\/problem\+json\s*(?:;|$)/i.test(contentType ?? '')
}

/** The refusal of a node as an error with the node's code, or `SDK_REQUEST_REFUSED` when it has none of the table. */
export function problemError(status: number, body: Uint8Array): SdkError {
  const parsed = problemSchema.safeParse(parseOrUndefined(body))
  if (!parsed.success) return new SdkError('SDK_REQUEST_REFUSED', { metaMessages: [`status ${status}`] })
  const { code, detail, requestId } = parsed.data
  const metaMessages = [`status ${status}`, ...(requestId === undefined ? [] : [`request ${requestId}`])]
  // The text comes from the provider: shown as details, never as our own sentence.
  if (isReasonCode(code)) return new SdkError(code, { metaMessages, details: detail })
  return new SdkError('SDK_REQUEST_REFUSED', { metaMessages: [...metaMessages, `code ${code}`], details: detail })
}

function parseOrUndefined(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}
