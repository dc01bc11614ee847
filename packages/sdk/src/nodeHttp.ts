import { type DcapEndorsements, dcapEndorsementsFromJson } from '@spartan/attestation'
import {
  type AttestationAnswer,
  nodeUrl,
  OHTTP_KEYS_MEDIA_TYPE,
  OHTTP_REQUEST_MEDIA_TYPE,
  OHTTP_RESPONSE_MEDIA_TYPE,
  type OhttpKeyConfig,
  ProtocolError,
  parseAttestationAnswer,
  parseKeyConfig,
} from '@spartan/protocol'
import type { Hex } from 'viem'
import type { ClientContext } from './clientContext.ts'
import { SdkError } from './errors.ts'
import { isProblem, problemError } from './problem.ts'

/** What a node says about itself. Nothing of it is checked yet but its form. */
export interface NodeAttestation extends AttestationAnswer {
  readonly endorsements: Partial<DcapEndorsements>
}

/** Bytes. A quote is 5 kB, endorsements 30 kB. */
const MAX_ATTESTATION_BYTES = 1024 * 1024
const MAX_KEYS_BYTES = 4096
const MAX_ENCAPSULATED_BYTES = 16 * 1024 * 1024

type HttpContext = Pick<ClientContext, 'fetch' | 'requestTimeoutMs'>

/** Asks a node for fresh evidence over `challenge`. Failures: `SDK_PROVIDER_UNREACHABLE`, `SDK_PROVIDER_ANSWER_MALFORMED`, `DCAP_ENDORSEMENTS_MALFORMED`. */
export async function fetchAttestation(
  context: HttpContext,
  endpoint: string,
  challenge: Hex,
): Promise<NodeAttestation> {
  const url = nodeUrl(endpoint, '/v1/attestation')
  url.searchParams.set('challenge', challenge)
  const body = await request(context, url, { accept: 'application/json' }, MAX_ATTESTATION_BYTES)
  try {
    const answer = parseAttestationAnswer(body)
    return { ...answer, endorsements: dcapEndorsementsFromJson(answer.endorsements) }
  } catch (error) {
    if (error instanceof ProtocolError) throw malformed(url, error.metaMessages)
    throw error
  }
}

/** Fetches the node's key configuration; the caller compares it with the chain. Failures: as {@link fetchAttestation}, `OHTTP_…`. */
export async function fetchKeyConfig(context: HttpContext, endpoint: string): Promise<OhttpKeyConfig> {
  const url = nodeUrl(endpoint, '/v1/ohttp-keys')
  const [first] = parseKeyConfig(await request(context, url, { accept: OHTTP_KEYS_MEDIA_TYPE }, MAX_KEYS_BYTES))
  return first
}

/** Sends an encapsulated request and returns the encapsulated response. Failures: as {@link fetchAttestation}, the node's code. */
export function postEncapsulated(context: HttpContext, endpoint: string, message: Uint8Array<ArrayBuffer>) {
  const headers = { 'content-type': OHTTP_REQUEST_MEDIA_TYPE, accept: OHTTP_RESPONSE_MEDIA_TYPE }
  return request(context, nodeUrl(endpoint, '/v1/ohttp'), headers, MAX_ENCAPSULATED_BYTES, message)
}

async function request(
  context: HttpContext,
  url: URL,
  headers: Record<string, string>,
  limit: number,
  body?: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(context.requestTimeoutMs)
  const method = body === undefined ? 'GET' : 'POST'
  let response: Response
  let bytes: Uint8Array
  try {
    // No redirects: the endpoint in the registry is where evidence comes from and where ciphertext goes.
    const init: RequestInit = { method, headers, signal, redirect: 'error', credentials: 'omit', cache: 'no-store' }
    response = await context.fetch(url, body === undefined ? init : { ...init, body })
    bytes = await readBounded(response, limit, url)
  } catch (cause) {
    if (cause instanceof SdkError) throw cause
    throw new SdkError('SDK_PROVIDER_UNREACHABLE', { metaMessages: [`${method} ${url}`], cause })
  }
  if (response.ok) return bytes
  if (isProblem(response.headers.get('content-type'))) throw problemError(response.status, bytes)
  throw new SdkError('SDK_PROVIDER_UNREACHABLE', { metaMessages: [`${method} ${url}: status ${response.status}`] })
}

async function readBounded(response: Response, limit: number, url: URL): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  while (reader !== undefined) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > limit) {
      await reader.cancel()
      throw malformed(url, [`answer longer than ${limit} bytes`])
    }
    chunks.push(value)
  }
  const out = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    out.set(chunk, offset)
    offset += chunk.length
  }
  return out
}

function malformed(url: URL, metaMessages: readonly string[]): SdkError {
  return new SdkError('SDK_PROVIDER_ANSWER_MALFORMED', { metaMessages: [`${url}`, ...metaMessages] })
}
