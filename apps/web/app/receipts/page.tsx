import type { Metadata } from 'next'
import { ReceiptDrop } from '../../features/receipts/components/ReceiptDrop.tsx'
import { ReceiptListCard } from '../../features/receipts/components/ReceiptList.tsx'
import { PageHeader } from '../../shared/ui/Page.tsx'

export const metadata: Metadata = { title: 'Receipts' }

/** `/receipts`: what was bought from this browser, and a place to check any receipt. */
export default function ReceiptsPage() {
  return (
    <>
      <PageHeader
        title="Receipts"
        lead="Every answer is signed inside the enclave. A contract accepts the same receipt."
      />
      <div className="flex flex-col gap-4">
        <ReceiptDrop />
        <ReceiptListCard />
      </div>
    </>
  )
}
