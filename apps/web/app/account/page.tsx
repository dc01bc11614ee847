import type { Metadata } from 'next'
import { ChannelsCard } from '../../features/account/components/ChannelsCard.tsx'
import { FundsCard } from '../../features/account/components/FundsCard.tsx'
import { PageHeader } from '../../shared/ui/Page.tsx'

export const metadata: Metadata = { title: 'Account' }

/** `/account`: ledger balance, deposits, withdrawals, channels and refunds. */
export default function AccountPage() {
  return (
    <>
      <PageHeader
        title="Account"
        lead="No admin can move or hold this money: every state has a deadline and a way out."
      />
      <div className="grid items-start gap-4 lg:grid-cols-[24rem_minmax(0,1fr)]">
        <FundsCard />
        <ChannelsCard />
      </div>
    </>
  )
}
