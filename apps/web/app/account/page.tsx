import type { Metadata } from 'next'
import { ChannelsCard } from '../../features/account/components/ChannelsCard.tsx'
import { FundsCard } from '../../features/account/components/FundsCard.tsx'
import { UnfinishedLater } from '../../features/trend/components/UnfinishedLater.tsx'
import { modelRecord } from '../../features/trend/queries.ts'
import { PageHeader } from '../../shared/ui/Page.tsx'

export const metadata: Metadata = { title: 'Account' }

/** `/account`: ledger balance, deposits, withdrawals, channels and refunds. */
export default async function AccountPage() {
  const record = await modelRecord()
  return (
    <>
      <PageHeader
        title="Account"
        lead="Only you can move this money. Every state it can be in has a deadline and a way out."
      />
      <UnfinishedLater record={record} />
      <div className="grid items-start gap-4 lg:grid-cols-[24rem_minmax(0,1fr)]">
        <FundsCard />
        <ChannelsCard />
      </div>
    </>
  )
}
