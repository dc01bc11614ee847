import type { Metadata } from 'next'
import { MarketTable } from '../../features/markets/components/MarketTable.tsx'
import { MarketFeedError, marketList } from '../../features/markets/queries.ts'
import { PageHeader } from '../../shared/ui/Page.tsx'

export const metadata: Metadata = { title: 'Markets' }

/** `/markets`: prices and changes; each asset's page sells the attested trend. */
export default async function MarketsPage() {
  const initial = await marketList().catch((error: unknown) => {
    if (error instanceof MarketFeedError) return undefined
    throw error
  })
  return (
    <>
      <PageHeader
        title="Markets"
        lead="Open an asset to have its trend analysed by a model in attested hardware. Prices need no wallet."
      />
      <MarketTable {...(initial ? { initial } : {})} />
    </>
  )
}
