import { BaseError, type ReasonCode, reasonOf } from '@spartan/errors'
import { encodeReceiptHeader, type InnerResponse, RECEIPT_HEADER } from '@spartan/protocol'
import { AssetError, AttesterError, ChainError, ConfigError, JournalError, RequestError } from './errors.ts'

/** RFC 9457 problem document. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ReasonCode
  readonly detail?: string
  readonly action: string
  readonly requestId: string
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** Texts of these may name machines, paths and endpoints of the operator: the client gets the code alone. */
const OPERATIONAL = [AssetError, AttesterError, ChainError, ConfigError, JournalError]

/**
 * The problem document of anything thrown. An error without a code of the table says nothing but `NODE_INTERNAL`; texts
 * of errors about the operator's machine stay here.
 */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = error instanceof BaseError ? error : undefined
  const code = known?.code ?? 'NODE_INTERNAL'
  const reason = reasonOf(code)
  const open = known !== undefined && !OPERATIONAL.some((kind) => known instanceof kind)
  const detail = open ? known.metaMessages.join('\n') : ''
  return {
    type: `urn:spartan:error:${code.toLowerCase()}`,
    title: reason.what,
    status: reason.http ?? 500,
    code,
    ...(detail === '' ? {} : { detail }),
    action: reason.action,
    requestId,
  }
}

/** Headers of a refusal. */
export function problemHeaders(error: unknown): Record<string, string> {
  const retry = error instanceof RequestError ? error.retryAfterSeconds : undefined
  return {
    'content-type': PROBLEM_MEDIA_TYPE,
    ...(retry === undefined ? {} : { 'retry-after': String(retry) }),
  }
}

function receiptHeader(error: unknown): Record<string, string> {
  const receipt = error instanceof RequestError ? error.receipt : undefined
  return receipt === undefined ? {} : { [RECEIPT_HEADER]: encodeReceiptHeader(receipt) }
}

/** The problem document as an answer inside an encrypted message. */
export function innerProblem(error: unknown, requestId: string): InnerResponse {
  const problem = problemOf(error, requestId)
  return {
    status: problem.status,
    headers: { ...problemHeaders(error), ...receiptHeader(error) },
    body: new TextEncoder().encode(JSON.stringify(problem)),
  }
}
