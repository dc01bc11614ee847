import { ProtocolError } from './errors.ts'

/**
 * URL of a node's route, from the endpoint that its provider wrote on-chain.
 *
 * The endpoint is a stranger's text: HTTP or HTTPS only, no credentials, and no query or fragment that would swallow the
 * path behind it. Plain HTTP is allowed, because what travels there is public evidence and ciphertext.
 *
 * Does not prove: that the host is a public one.
 *
 * @throws {ProtocolError} `SDK_PROVIDER_ENDPOINT_INVALID`.
 */
export function nodeUrl(endpoint: string, path: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const allowed = url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:')
  // Looked for in the text as well: the parser drops an empty query or fragment.
  if (!allowed || url.username !== '' || url.password !== '' || /[?#]/.test(endpoint)) {
    throw new ProtocolError('SDK_PROVIDER_ENDPOINT_INVALID', { metaMessages: [`endpoint ${JSON.stringify(endpoint)}`] })
  }
  url.pathname = url.pathname.replace(/\/+$/, '') + path
  return url
}
