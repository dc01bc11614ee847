import { candlesOf, isSymbol } from '../../../../../features/markets/queries.ts'
import { marketProblem } from '../../problem.ts'

const DEFAULT_LIMIT = 365
const MAX_LIMIT = 2_000

/** `GET /api/market/candles/BTC?limit=365`: candles, oldest first. */
export async function GET(request: Request, context: { params: Promise<{ symbol: string }> }): Promise<Response> {
  const { symbol } = await context.params
  if (!isSymbol(symbol)) return Response.json({ title: 'Not a symbol.', status: 404 }, { status: 404 })
  const wanted = Number(new URL(request.url).searchParams.get('limit') ?? DEFAULT_LIMIT)
  const limit = Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, MAX_LIMIT) : DEFAULT_LIMIT
  try {
    return Response.json(await candlesOf(symbol, limit), { headers: { 'cache-control': 'no-store' } })
  } catch (error) {
    return marketProblem(error)
  }
}
