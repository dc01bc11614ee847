'use client'
import dynamic from 'next/dynamic'
import { type ReactNode, useState } from 'react'
import { formatPrice } from '../../../shared/format/number.ts'
import { Card } from '../../../shared/ui/Card.tsx'
import { Change } from '../../../shared/ui/Change.tsx'
import { classNames } from '../../../shared/ui/classNames.ts'
import { Notice } from '../../../shared/ui/Notice.tsx'
import { Skeleton } from '../../../shared/ui/Skeleton.tsx'
import { useCandles } from '../hooks.ts'
import { type Candle, changeOver, DEFAULT_RANGE_DAYS, type FeedStatus, SOURCE_TEXT } from '../market.ts'
import { CandleTable } from './CandleTable.tsx'

const CandleChart = dynamic(() => import('./CandleChart.tsx'), {
  ssr: false,
  loading: () => <Skeleton className="h-80 sm:h-[27.5rem]" />,
})

const RANGES = [
  { label: '3 months', days: 90 },
  { label: '1 year', days: 365 },
  { label: '2 years', days: 730 },
] as const

/** Price, chart or table, and where the prices come from. */
export function PricePanel({
  symbol,
  initial,
  status,
  beside,
}: {
  readonly symbol: string
  readonly initial: readonly Candle[]
  readonly status: FeedStatus
  /** Stands beside the price: the on-chain feed. */
  readonly beside?: ReactNode
}) {
  const [days, setDays] = useState<number>(DEFAULT_RANGE_DAYS)
  const [asTable, setAsTable] = useState(false)
  const [logarithmic, setLogarithmic] = useState(false)
  const query = useCandles(symbol, days, days === DEFAULT_RANGE_DAYS ? initial : undefined)
  const candles = query.data ?? initial
  return (
    <Card className="p-4">
      <div className="flex flex-wrap items-end justify-between gap-x-8 gap-y-3">
        <PriceHead symbol={symbol} candles={candles} />
        {beside}
      </div>
      {query.isError && (
        <div className="mt-3">
          <Notice tone="warn" title="The price feed does not answer; these are the last known prices." />
        </div>
      )}
      <div className="mt-4 mb-3 flex flex-wrap items-center justify-between gap-2">
        <RangeChoice days={days} onChange={setDays} />
        <div className="flex gap-1">
          {!asTable && (
            <Toggle pressed={logarithmic} onClick={() => setLogarithmic((now) => !now)} testId="log-scale">
              Log scale
            </Toggle>
          )}
          <Toggle pressed={asTable} onClick={() => setAsTable((now) => !now)} testId="view-as-table">
            View as table
          </Toggle>
        </div>
      </div>
      {asTable ? (
        <CandleTable symbol={symbol} candles={candles} />
      ) : (
        <CandleChart symbol={symbol} candles={candles} logarithmic={logarithmic} />
      )}
      <p className="mt-3 flex flex-wrap justify-between gap-x-6 gap-y-1 text-xs text-ink-3">
        <span>{SOURCE_TEXT[status.source]} Daily candles, UTC.</span>
        <span>
          Charts:{' '}
          <a className="link" href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
            TradingView Lightweight Charts™
          </a>
        </span>
      </p>
    </Card>
  )
}

/** Symbol, newest close and how it came there. */
function PriceHead({ symbol, candles }: { readonly symbol: string; readonly candles: readonly Candle[] }) {
  const last = candles.at(-1)
  return (
    <div>
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h1 className="text-2xl font-semibold">{symbol}</h1>
        <p className="num text-3xl font-semibold" data-testid="asset-price">
          {last ? formatPrice(last.close) : '–'}
        </p>
      </div>
      <p className="mt-1 flex flex-wrap gap-x-4 text-sm text-ink-3">
        <span>
          24 h <Change share={changeOver(candles, 1)} />
        </span>
        <span>
          7 d <Change share={changeOver(candles, 7)} />
        </span>
        <span>
          30 d <Change share={changeOver(candles, 30)} />
        </span>
      </p>
    </div>
  )
}

function RangeChoice({ days, onChange }: { readonly days: number; readonly onChange: (days: number) => void }) {
  return (
    <fieldset className="inline-flex rounded-md border border-line p-0.5">
      <legend className="sr-only">Range</legend>
      {RANGES.map((range) => (
        <button
          key={range.days}
          type="button"
          aria-pressed={days === range.days}
          onClick={() => onChange(range.days)}
          className={classNames(
            'min-h-7 rounded-sm px-2.5 text-sm',
            days === range.days ? 'bg-sunken font-medium text-ink' : 'text-ink-2 hover:text-ink',
          )}
        >
          {range.label}
        </button>
      ))}
    </fieldset>
  )
}

/** Small button that is on or off. */
function Toggle({
  pressed,
  onClick,
  testId,
  children,
}: {
  readonly pressed: boolean
  readonly onClick: () => void
  readonly testId: string
  readonly children: ReactNode
}) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onClick}
      data-testid={testId}
      className={classNames(
        'min-h-8 rounded-md px-2.5 text-sm',
        pressed ? 'bg-sunken font-medium text-ink' : 'text-ink-2 hover:bg-sunken hover:text-ink',
      )}
    >
      {children}
    </button>
  )
}
