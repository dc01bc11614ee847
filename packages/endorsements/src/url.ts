import { failure } from './errors.ts'

/** A base URL without slash at the end. Throws ENDORSEMENTS_REQUEST_INVALID unless it is http(s) without query or fragment. */
export function trimBaseUrl(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw failure('ENDORSEMENTS_REQUEST_INVALID', `URL of a source: ${text}`)
  }
  const plain = /^https?:$/.test(url.protocol) && url.search === '' && url.hash === ''
  // Credentials in a URL would end up in reports, caches and bundles.
  if (!plain || url.username !== '' || url.password !== '') {
    throw failure('ENDORSEMENTS_REQUEST_INVALID', `URL of a source: ${url.origin}`)
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}
