'use client'
import Link from 'next/link'
import { useState } from 'react'
import { formatPrice } from '../../../shared/format/number.ts'
import { Card } from '../../../shared/ui/Card.tsx'
import { Change } from '../../../shared/ui/Change.tsx'
import { classNames } from '../../../shared/ui/classNames.ts'
import { EmptyState } from '../../../shared/ui/EmptyState.tsx'
import { Notice } from '../../../shared/ui/Notice.tsx'
import { Sparkline } from '../../../shared/ui/Sparkline.tsx'
import { useMarkets } from '../hooks.ts'
import { type MarketList, type MarketRow, SOURCE_TEXT } from '../market.ts'

type SortKey = 'symbol' | 'price' | 'change24h' | 'change7d' | 'change30d'

const COLUMNS: readonly { key: SortKey; label: string; className?: string }[] = [
  { key: 'symbol', label: 'Asset' },
  { key: 'price', label: 'Price' },
  { key: 'change24h', label: '24 h' },
  { key: 'change7d', label: '7 d', className: 'hidden sm:table-cell' },
  { key: 'change30d', label: '30 d', className: 'hidden md:table-cell' },
]

function sorted(rows: readonly MarketRow[], key: SortKey | null, descending: boolean): MarketRow[] {
  if (key === null) return [...rows]
  const order = [...rows].sort((a, b) => {
    if (key === 'symbol') return a.symbol.localeCompare(b.symbol)
    return (a[key] ?? Number.NEGATIVE_INFINITY) - (b[key] ?? Number.NEGATIVE_INFINITY)
  })
  return descending ? order.reverse() : order
}

/** Table of all markets: sort by any column, open one by its name. */
export function MarketTable({ initial }: { readonly initial?: MarketList }) {
  const markets = useMarkets(initial)
  const [sort, setSort] = useState<{ key: SortKey | null; descending: boolean }>({ key: null, descending: false })
  const rows = sorted(markets.data?.markets ?? [], sort.key, sort.descending)
  const pick = (key: SortKey) =>
    setSort((now) => ({ key, descending: now.key === key ? !now.descending : key !== 'symbol' }))

  if (!markets.data) {
    return (
      <EmptyState title="No prices yet">
        The price feed did not answer. It is asked again every few seconds; the rest of the dApp works without it.
      </EmptyState>
    )
  }
  return (
    <div className="flex flex-col gap-3">
      {markets.isError && (
        <Notice tone="warn" title="The price feed does not answer; these are the last known prices." />
      )}
      <Card className="overflow-hidden">
        <table className="w-full text-left">
          <caption className="sr-only">Markets with price and change</caption>
          <thead className="border-b border-line text-xs text-ink-3">
            <tr>
              {COLUMNS.map(({ key, label, className }) => (
                <th
                  key={key}
                  scope="col"
                  aria-sort={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none'}
                  className={classNames('px-2 py-1 font-medium sm:px-4', key !== 'symbol' && 'text-right', className)}
                >
                  <button
                    type="button"
                    onClick={() => pick(key)}
                    className={classNames(
                      'inline-flex min-h-8 items-center gap-1 rounded-sm px-1 hover:text-ink',
                      key !== 'symbol' && 'flex-row-reverse',
                    )}
                  >
                    {label}
                    <span aria-hidden="true" className="inline-block w-2">
                      {sort.key === key ? (sort.descending ? '↓' : '↑') : ''}
                    </span>
                  </button>
                </th>
              ))}
              <th scope="col" className="hidden px-4 py-1 text-right font-medium lg:table-cell">
                Last 30 days
              </th>
              <th scope="col" className="hidden py-1 pr-5 md:table-cell">
                <span className="sr-only">What you can do</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <MarketLine key={row.symbol} row={row} />
            ))}
          </tbody>
        </table>
      </Card>
      <p className="text-xs text-ink-3" data-testid="market-source">
        {SOURCE_TEXT[markets.data.status.source]}
      </p>
    </div>
  )
}

function MarketLine({ row }: { readonly row: MarketRow }) {
  return (
    <tr
      className="relative border-b border-line last:border-b-0 hover:bg-sunken"
      data-testid={`market-row-${row.symbol}`}
    >
      <th scope="row" className="px-3 py-2.5 font-semibold sm:px-5">
        <Link href={`/markets/${row.symbol}`} className="after:absolute after:inset-0">
          {row.symbol}
        </Link>
      </th>
      <td className="num px-3 py-2.5 text-right sm:px-5">{formatPrice(row.price)}</td>
      <td className="px-3 py-2.5 text-right sm:px-5">
        <Change share={row.change24h} />
      </td>
      <td className="hidden px-5 py-2.5 text-right sm:table-cell">
        <Change share={row.change7d} />
      </td>
      <td className="hidden px-5 py-2.5 text-right md:table-cell">
        <Change share={row.change30d} />
      </td>
      <td className="hidden px-4 py-1 lg:table-cell">
        <span className="flex justify-end">
          <Sparkline values={row.spark} />
        </span>
      </td>
      <td className="hidden py-2.5 pr-5 text-right text-sm whitespace-nowrap text-accent md:table-cell">
        Analyse <span aria-hidden="true">›</span>
      </td>
    </tr>
  )
}
