import { EndorsementsError, failure } from '../errors.ts'
import type { Runtime } from '../runtime.ts'

/** One request to a source. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Uint8Array<ArrayBuffer> | undefined
}

/** A complete answer: 200 with its body, or 304 to a conditional request. */
export interface HttpAnswer {
  readonly status: 200 | 304
  readonly headers: Headers
  readonly body: Uint8Array<ArrayBuffer>
}

/** What one attempt came to: an answer, or something that may pass. What will not pass is thrown. */
export type Attempt =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | { readonly kind: 'transient'; readonly problem: string; readonly retryAfterMs: number | undefined }

/** Bounds of one attempt. */
export interface AttemptLimits {
  readonly bodyBytes: number
  /** Headers and body together: a body that trickles is cut. */
  readonly timeoutMs: number
}

/**
 * Makes one request. Redirects are refused: a source answers itself.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_NOT_FOUND (404, 410), ENDORSEMENTS_SOURCE_REFUSED (other 4xx but 408 and 429,
 * redirects), ENDORSEMENTS_ANSWER_TOO_LARGE.
 */
export async function attempt(
  runtime: Runtime,
  request: HttpRequest,
  limits: AttemptLimits,
  signal?: AbortSignal,
): Promise<Attempt> {
  signal?.throwIfAborted()
  const timer = new AbortController()
  const timeout = setTimeout(() => timer.abort(), limits.timeoutMs)
  const ends = signal ? AbortSignal.any([signal, timer.signal]) : timer.signal
  try {
    const response = await runtime.fetch(request.url, {
      method: request.method,
      headers: { ...request.headers },
      redirect: 'manual',
      // The cache here is the one that only takes what has been verified.
      cache: 'no-store',
      credentials: 'omit',
      signal: ends,
      ...(request.body && { body: request.body }),
    })
    return await judge(runtime, request, response, limits)
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof EndorsementsError) throw error
    const problem = timer.signal.aborted ? `no complete answer within ${limits.timeoutMs} ms` : reasonOf(error)
    return { kind: 'transient', problem, retryAfterMs: undefined }
  } finally {
    clearTimeout(timeout)
  }
}

async function judge(
  runtime: Runtime,
  { url }: HttpRequest,
  response: Response,
  limits: AttemptLimits,
): Promise<Attempt> {
  const { status } = response
  if (status === 200 || status === 304) {
    const body = status === 200 ? await readBody(response, url, limits.bodyBytes) : new Uint8Array(0)
    return { kind: 'answer', answer: { status, headers: response.headers, body } }
  }
  await response.body?.cancel().catch(() => undefined)
  if (status === 429 || status === 408 || status >= 500) {
    return { kind: 'transient', problem: `HTTP ${status}`, retryAfterMs: retryAfterMs(response.headers, runtime) }
  }
  if (status === 404 || status === 410) throw failure('ENDORSEMENTS_NOT_FOUND', `${url}: HTTP ${status}`)
  // Browsers show a refused redirect as status 0.
  const redirected = response.type === 'opaqueredirect' || (status >= 300 && status < 400)
  throw failure('ENDORSEMENTS_SOURCE_REFUSED', `${url}: ${redirected ? 'redirects elsewhere' : `HTTP ${status}`}`)
}

/** Reads at most `maxBytes`, counted after decompression. */
async function readBody(response: Response, url: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  if (!reader) return new Uint8Array(0)
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > maxBytes) {
      await reader.cancel().catch(() => undefined)
      throw failure('ENDORSEMENTS_ANSWER_TOO_LARGE', `${url}: more than ${maxBytes} bytes`)
    }
    chunks.push(value)
  }
  const body = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    body.set(chunk, offset)
    offset += chunk.length
  }
  return body
}

/** Retry-After in either form (RFC 9110 §10.2.3); undefined when absent or unreadable. */
function retryAfterMs(headers: Headers, runtime: Runtime): number | undefined {
  const text = headers.get('retry-after')?.trim()
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - runtime.nowMs())
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message
}
