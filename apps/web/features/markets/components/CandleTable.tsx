import { formatCompact, formatPrice } from '../../../shared/format/number.ts'
import { formatDay } from '../../../shared/format/time.ts'
import { Change } from '../../../shared/ui/Change.tsx'
import type { Candle } from '../market.ts'

/** The chart's data as a table, newest first. */
export function CandleTable({ symbol, candles }: { readonly symbol: string; readonly candles: readonly Candle[] }) {
  const rows = candles.map((candle, index) => ({ candle, before: candles[index - 1]?.close })).reverse()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
    <section className="max-h-[26rem] overflow-auto" aria-label={`Candles of ${symbol}`} tabIndex={0}>
      <table className="w-full text-right text-sm whitespace-nowrap">
        <caption className="sr-only">Daily candles of {symbol}, newest first, UTC</caption>
        <thead className="sticky top-0 bg-surface text-xs text-ink-3">
          <tr className="border-b border-line">
            <th scope="col" className="py-1.5 pr-3 text-left font-medium">
              Day
            </th>
            <th scope="col" className="hidden px-2 font-medium sm:table-cell">
              Open
            </th>
            <th scope="col" className="hidden px-2 font-medium sm:table-cell">
              High
            </th>
            <th scope="col" className="hidden px-2 font-medium sm:table-cell">
              Low
            </th>
            <th scope="col" className="px-2 font-medium">
              Close
            </th>
            <th scope="col" className="px-2 font-medium">
              Change
            </th>
            <th scope="col" className="pl-2 font-medium">
              Volume
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ candle, before }) => (
            <tr key={candle.time} className="border-b border-line last:border-b-0">
              <th scope="row" className="py-1.5 pr-3 text-left font-normal text-ink-2">
                {formatDay(candle.time)}
              </th>
              <td className="hidden px-2 sm:table-cell">{formatPrice(candle.open)}</td>
              <td className="hidden px-2 sm:table-cell">{formatPrice(candle.high)}</td>
              <td className="hidden px-2 sm:table-cell">{formatPrice(candle.low)}</td>
              <td className="px-2">{formatPrice(candle.close)}</td>
              <td className="px-2">
                <Change share={before ? candle.close / before - 1 : null} />
              </td>
              <td className="pl-2 text-ink-2">{formatCompact(candle.volume)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
