import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { OnChainPrice } from '../../../features/markets/components/OnChainPrice.tsx'
import { PricePanel } from '../../../features/markets/components/PricePanel.tsx'
import { type Candle, DEFAULT_RANGE_DAYS, type FeedStatus } from '../../../features/markets/market.ts'
import { candlesOf, feedStatus, isSymbol, MarketFeedError } from '../../../features/markets/queries.ts'
import { TrendCard } from '../../../features/trend/components/TrendCard.tsx'
import { modelRecord } from '../../../features/trend/queries.ts'
import { Notice } from '../../../shared/ui/Notice.tsx'
import { PageHeader } from '../../../shared/ui/Page.tsx'

interface Props {
  readonly params: Promise<{ symbol: string }>
}

/** Title of the tab. */
export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).symbol.toUpperCase() }
}

/** `/markets/BTC`: the asset's prices and, beside them, the attested trend analysis. */
export default async function MarketPage({ params }: Props) {
  const symbol = (await params).symbol
  if (!isSymbol(symbol)) notFound()
  const [prices, record] = await Promise.all([readPrices(symbol), modelRecord()])
  if (prices?.candles.length === 0) notFound()
  return (
    <>
      <p className="mb-2 text-sm">
        <Link href="/markets" className="inline-flex min-h-6 items-center gap-1 text-ink-2 hover:text-ink">
          <span aria-hidden="true">‹</span> All markets
        </Link>
      </p>
      {prices ? (
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_27rem]">
          <PricePanel
            symbol={symbol}
            initial={prices.candles}
            status={prices.status}
            beside={<OnChainPrice symbol={symbol} />}
          />
          <TrendCard symbol={symbol} record={record} />
        </div>
      ) : (
        <>
          <PageHeader title={symbol} />
          <Notice tone="warn" title="The price feed did not answer.">
            Reload to ask again. Without prices there is nothing to analyse.
          </Notice>
        </>
      )}
    </>
  )
}

async function readPrices(symbol: string): Promise<{ candles: Candle[]; status: FeedStatus } | undefined> {
  try {
    const [candles, status] = await Promise.all([candlesOf(symbol, DEFAULT_RANGE_DAYS), feedStatus()])
    return { candles, status }
  } catch (error) {
    if (!(error instanceof MarketFeedError)) throw error
    if (error.status === 404) notFound()
    return undefined
  }
}
