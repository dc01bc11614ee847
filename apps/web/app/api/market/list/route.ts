import { marketList } from '../../../../features/markets/queries.ts'
import { marketProblem } from '../problem.ts'

/** `GET /api/market/list`: every market with price and changes. */
export async function GET(): Promise<Response> {
  try {
    return Response.json(await marketList(), { headers: { 'cache-control': 'no-store' } })
  } catch (error) {
    return marketProblem(error)
  }
}
