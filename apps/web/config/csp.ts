/** What the policy depends on. */
export interface PolicyInput {
  /** Fresh per response, base64. */
  readonly nonce: string
  /** RPC and provider origins. */
  readonly connectOrigins: readonly string[]
  /** Development tooling needs eval and a websocket to its own host. */
  readonly development: boolean
}

/**
 * Content security policy of every page.
 *
 * Scripts run only with this response's nonce. Requests go only to the dApp itself, the chain's RPC and the providers of the
 * deployment: injected code would have nowhere else to send a prompt to. Styles may be inline, because charts and toasts
 * write style elements; style cannot read or send anything while images, fonts and requests are limited to these origins.
 */
export function contentSecurityPolicy({ nonce, connectOrigins, development }: PolicyInput): string {
  const directives: Record<string, readonly string[]> = {
    'default-src': ["'self'"],
    'script-src': ["'self'", `'nonce-${nonce}'`, "'strict-dynamic'", ...(development ? ["'unsafe-eval'"] : [])],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'", ...connectOrigins, ...(development ? ['ws:'] : [])],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  }
  return Object.entries(directives)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join('; ')
}
