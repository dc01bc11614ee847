'use client'
import Link from 'next/link'
import { formatAmountExact, formatPercent } from '../../../shared/format/number.ts'
import { formatDay } from '../../../shared/format/time.ts'
import { Badge } from '../../../shared/ui/Badge.tsx'
import { CheckList } from '../../../shared/ui/CheckList.tsx'
import { classNames } from '../../../shared/ui/classNames.ts'
import { useWorld } from '../../../shared/web3/WorldContext.tsx'
import type { TrendPurchase } from '../hooks.ts'
import { hasDemonstratedEdge, type ModelRecord } from '../record.ts'
import { leaning, type Trend } from '../trend.ts'

const HEADLINE = {
  up: { sign: '▲', text: 'Leans up', colour: 'text-up' },
  down: { sign: '▼', text: 'Leans down', colour: 'text-down' },
  none: { sign: '■', text: 'No leaning', colour: 'text-ink' },
} as const

/** The answer, what it is worth, and its receipt. */
export function TrendResult({
  symbol,
  purchase,
  record,
}: {
  readonly symbol: string
  readonly purchase: TrendPurchase
  readonly record: ModelRecord | undefined
}) {
  const { token } = useWorld()
  const { trend, result, receiptId, asOf } = purchase
  const { sign, text, colour } = HEADLINE[leaning(trend.position)]
  return (
    <section
      aria-label={`Trend of ${symbol}`}
      className="mt-3 rounded-md border border-line bg-canvas px-4 py-3"
      data-testid="trend-result"
      data-position={trend.position}
    >
      <p className="flex flex-wrap items-baseline justify-between gap-2">
        <span className={classNames('text-xl font-semibold', colour)}>
          <span aria-hidden="true" className="mr-2 text-base">
            {sign}
          </span>
          {text}
        </span>
        <span className="num text-sm text-ink-2">
          position <span data-testid="trend-position">{trend.position.toFixed(3).replace('-', '−')}</span>
        </span>
      </p>
      <Probabilities trend={trend} />
      <p className="mt-3 text-sm text-ink-2">
        Next five days, from daily closes up to <span className="whitespace-nowrap">{formatDay(asOf)}</span>.{' '}
        {record && !hasDemonstratedEdge(record) && (
          <strong className="font-medium text-ink">This model has no demonstrated edge: do not trade on it.</strong>
        )}
      </p>
      <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line pt-3 text-sm">
        <Badge tone="good">Receipt verified</Badge>
        <span className="num text-ink-2" data-testid="trend-fee" data-amount={String(result.receipt.fee)}>
          {formatAmountExact(result.receipt.fee, token.decimals)} {token.symbol}
        </span>
        <Link href={`/receipts/${receiptId}`} className="link ml-auto" data-testid="receipt-link">
          See receipt
        </Link>
      </div>
      <details className="mt-1 text-sm">
        <summary className="inline-block min-h-6 py-1 text-ink-3">How the receipt was checked</summary>
        <CheckList checks={result.checks} label="Checks of the receipt" />
      </details>
    </section>
  )
}

const ROWS = [
  ['up', '▲ Up', 'bg-up'],
  ['flat', '■ Flat', 'bg-line-strong'],
  ['down', '▼ Down', 'bg-down'],
] as const

function Probabilities({ trend }: { readonly trend: Trend }) {
  return (
    <dl className="mt-3 flex flex-col gap-1.5 text-sm">
      {ROWS.map(([key, label, colour]) => (
        <div key={key} className="num grid grid-cols-[4.5rem_minmax(0,1fr)_3.5rem] items-center gap-2">
          <dt className="text-ink-2">{label}</dt>
          <dd aria-hidden="true" className="h-2 overflow-hidden rounded-full bg-sunken">
            <span
              className={classNames('block h-full rounded-full', colour)}
              style={{ width: `${trend[key] * 100}%` }}
            />
          </dd>
          <dd className="text-right" data-testid={`probability-${key}`}>
            {formatPercent(trend[key])}
          </dd>
        </div>
      ))}
    </dl>
  )
}
