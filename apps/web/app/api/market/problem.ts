import { MarketFeedError } from '../../../features/markets/queries.ts'

/** Problem document (RFC 9457) of a failed read; the feed's own words stay on the server. */
export function marketProblem(error: unknown): Response {
  if (!(error instanceof MarketFeedError)) throw error
  const problem = {
    type: 'about:blank',
    title: 'The price feed did not answer.',
    status: 502,
    code: 'WEB_MARKET_UNREACHABLE',
  }
  return Response.json(problem, { status: 502, headers: { 'content-type': 'application/problem+json' } })
}
